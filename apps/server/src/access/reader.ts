import { digitsFor, readerPolicy } from '@oncekey/otp'
import type { Trx } from '../platform/db.ts'

/** What binds a code to keypads, beside its reader: a code for another purpose never opens a door. */
export const KEYPAD = 'keypad'
/** The chance, per day of guessing, that a keypad may be opened by luck. */
const DAILY_CHANCE = 1e-4
/** A code in somebody's hand and one for somebody else, for each lock. */
const CODES_PER_LOCK = 2

export type ReaderLimits = {
  /** Digits of new codes. */
  digits: number
  /** Live codes beyond which nothing more is issued at this keypad. */
  maxLive: number
}

/**
 * What follows from the number of access points behind a keypad: first the digits, for two live codes at each, then as
 * many live codes as these digits still hold at one chance in 10,000 a day (7 digits: 11, 8 digits: 119). The digits
 * depend on what there may be, not on what there is: else somebody could watch the length of codes.
 * After access points were added, earlier codes keep their length until they end.
 */
export function readerLimits (accessPoints: number, leastDigits = 0): ReaderLimits {
  const digits = Math.max(leastDigits, digitsFor(Math.max(1, accessPoints * CODES_PER_LOCK), { guessesPerDay: readerPolicy.ceiling, dailyChance: DAILY_CHANCE }))
  return { digits, maxLive: Math.floor(DAILY_CHANCE * 10 ** digits / readerPolicy.ceiling) }
}

/** The limits of one controller's keypad as it is now. */
export async function limitsOf (trx: Trx, controllerId: string, leastDigits?: number): Promise<ReaderLimits> {
  const row = await trx.prepare('SELECT count(*) AS points FROM access_points WHERE controller_id = ? AND removed_at IS NULL').get(controllerId)
  const limits = readerLimits(Number(row?.['points'] ?? 0), leastDigits)
  // Pins from before a bank grew may be as long as its codes are now: then a guess may hit either.
  const same = await trx.prepare('SELECT count(*) + count(duress_hash) AS pins FROM pins WHERE controller_id = ? AND digits = ? AND ended_at IS NULL').get(controllerId, limits.digits)
  return { ...limits, maxLive: limits.maxLive - Number(same?.['pins'] ?? 0) }
}

/** What writes that concern one keypad name, so that they run beside those of others: see `WriteOptions`. */
export function atReader (controllerId: string): string {
  return `reader:${controllerId}`
}
