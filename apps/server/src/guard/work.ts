import type { House } from '../house.ts'
import { repeat, type Loop } from '../platform/repeat.ts'
import { endBlocks } from './blocks.ts'
import { forgetFigures, recordRefusals, writeRefusals } from './figures.ts'

const DAY_MS = 86_400_000
const MOST_AT_ONCE = 500

/** Refusals are written down, blocks end, and what says nothing any more is forgotten. */
export function startGuardWork (house: House): Loop {
  const loops = [
    repeat(1_000, () => writeRefusals(house), house.log), repeat(60_000, () => endBlocks(house), house.log), repeat(60_000, () => recordRefusals(house), house.log),
    repeat(600_000, () => forgetGuard(house), house.log)
  ]
  return {
    async stop () {
      for (const loop of loops) await loop.stop()
      await writeRefusals(house)
    }
  }
}

/** Purses of whom nothing was heard for long, blocks that ended, and figures; see docs/fraud-guard.md for how long. */
export async function forgetGuard (house: House): Promise<void> {
  const day = Math.floor(house.clock() / DAY_MS)
  for (const [table, key] of [['guard_purses', 'name'], ['guard_sends', 'verification_id']] as const) {
    while (await house.db.write(async (trx) => (await trx.prepare(`DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE forget_day < ? ORDER BY forget_day LIMIT ?)`).run(day, MOST_AT_ONCE)).changes) === MOST_AT_ONCE) { /* the next ones */ }
  }
  await house.db.write(async (trx) => { await trx.prepare('DELETE FROM guard_blocks WHERE ended_at < ?').run(house.clock() - 90 * DAY_MS) })
  await forgetFigures(house)
}
