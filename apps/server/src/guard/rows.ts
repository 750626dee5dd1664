import type { Spent, Took } from './decide.ts'
import type { Purse } from './purse.ts'
import type { Subject } from './subjects.ts'

const DAY_MS = 86_400_000

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
  return `spent ${dateOf(dayOf(now))} ${channel}`
}

let written = { day: -1, text: '' }

/** Written once a day. */
function dateOf (day: number): string {
  if (written.day !== day) written = { day, text: new Date(day * DAY_MS).toISOString().slice(0, 10) }
  return written.text
}

/** Fine enough for what a second gives back. */
function rounded (coins: number): number {
  return Math.round(coins * 1e9) / 1e9
}

export function pursesIn (subjects: readonly Subject[], texts: ReadonlyMap<string, string>): Map<string, Purse> {
  const purses = new Map<string, Purse>()
  for (const { name } of subjects) {
    const text = texts.get(name)
    if (text !== undefined) purses.set(name, purseIn(text))
  }
  return purses
}

export function dayOf (now: number): number {
  return Math.floor(now / DAY_MS)
}

/** How the subjects of a message are kept: their names, the level being the first word of each, as we wrote it. */
export function subjectsIn (text: string): Subject[] {
  return text.split('\n').map((name) => ({ level: name.slice(0, name.indexOf(' ')) as Subject['level'], name }))
}

/** What a message took, as it is kept of a verification: one letter after the other. */
export const letterOf: Readonly<Record<keyof Took, string>> = Object.freeze({ own: 'r', others: 'o' })

export function tookIn (letters: string): Took {
  const own = [...letters].filter((one) => one === letterOf.own).length
  return { own, others: letters.length - own }
}
