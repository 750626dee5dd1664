import type { House } from '../house.ts'
import { repeat, type Loop } from '../platform/repeat.ts'
import { KNOWN_MS } from './browsers.ts'

const MOST_AT_ONCE = 500

/** Sessions that have ended, and browsers that nobody has used for half a year: they open nothing, and their rows go now and then. */
export function startSessionWork (house: House): Loop {
  return repeat(600_000, () => forgetSessions(house), house.log)
}

/** Removes the rows that mean nothing any more. */
export async function forgetSessions (house: House): Promise<void> {
  while (await forgetSome(house) >= MOST_AT_ONCE) { /* the next ones */ }
}

/** @returns how many of what there were more of */
async function forgetSome (house: House): Promise<number> {
  return house.db.write(async (trx) => {
    const now = house.clock()
    const sessions = await trx.prepare(`DELETE FROM sessions WHERE token_hash IN (SELECT token_hash FROM sessions WHERE ends_at <= ? ORDER BY ends_at LIMIT ${MOST_AT_ONCE})`).run(now)
    const browsers = await trx.prepare(`DELETE FROM browsers WHERE token_hash IN (SELECT token_hash FROM browsers WHERE last_used_at <= ? ORDER BY last_used_at LIMIT ${MOST_AT_ONCE})`).run(now - KNOWN_MS)
    return Math.max(sessions.changes, browsers.changes)
  })
}
