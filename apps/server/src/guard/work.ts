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
    repeat(6 * 3_600_000, () => forgetGuard(house), house.log)
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
  for (const [table, key] of [['guard_purses', 'name'], ['guard_sends', 'verification_id']] as const) await forgetIn(house, table, key, day)
  await house.db.write(async (trx) => { await trx.prepare('DELETE FROM guard_blocks WHERE ended_at < ?').run(house.clock() - 90 * DAY_MS) })
  await forgetFigures(house)
}

/** Walks along the table, some rows at a time, beside all writes; only what is to go is written. */
async function forgetIn (house: House, table: 'guard_purses' | 'guard_sends', key: 'name' | 'verification_id', day: number): Promise<void> {
  for (let last = ''; ;) {
    const rows = await house.db.ask(`SELECT ${key} AS id, forget_day FROM ${table} WHERE ${key} > ? ORDER BY ${key} LIMIT ?`).all(last, MOST_AT_ONCE)
    const due = rows.filter((row) => Number(row['forget_day']) < day).map((row) => String(row['id']))
    // It may have been heard of meanwhile.
    if (due.length > 0) await house.db.write(async (trx) => { await trx.prepare(`DELETE FROM ${table} WHERE forget_day < ? AND ${key} IN (${due.map(() => '?').join(', ')})`).run(day, ...due) })
    if (rows.length < MOST_AT_ONCE) return
    last = String(rows.at(-1)?.['id'])
  }
}
