import type { Spent } from './decide.ts'
import type { Purse } from './purse.ts'

/** How purses lie in the database: numbers with a space between, so that one statement carries many. */
export function textOfPurse ({ coins, standing, sent, verified, at, shutUntil, blockId }: Purse): string {
  return `${rounded(coins)} ${rounded(standing)} ${sent} ${verified} ${at} ${shutUntil} ${blockId ?? '-'}`
}

export function purseIn (text: string): Purse {
  const [coins, standing, sent, verified, at, shutUntil, blockId = '-'] = text.split(' ')
  return { coins: Number(coins), standing: Number(standing), sent: Number(sent), verified: Number(verified), at: Number(at), shutUntil: Number(shutUntil), blockId: blockId === '-' ? null : blockId }
}

export function textOfSpent ({ messages, micros }: Spent): string {
  return `${messages} ${micros}`
}

export function spentIn (text: string | undefined): Spent {
  const [messages = 0, micros = 0] = (text ?? '').split(' ').map(Number)
  return { messages, micros }
}

/** The row of what was spent on a channel on a day (UTC). */
export function spentName (channel: string, now: number): string {
  return `spent ${new Date(now).toISOString().slice(0, 10)} ${channel}`
}

/** Fine enough for what a second gives back. */
function rounded (coins: number): number {
  return Math.round(coins * 1e9) / 1e9
}
