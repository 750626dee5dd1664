import type { House } from '../house.ts'

/** Which record a checkpoint is of. `generation` is 1 at first; a restored backup begins a new one. */
export type HouseMark = { house: string, generation: number }

export const MARK_KEYS = { house: 'house.id', generation: 'house.generation' } as const

/** The installation's own id; made once. */
export async function houseMark (house: House): Promise<HouseMark> {
  const rows = await house.db.read.selectFrom('settings').selectAll().where('key', 'in', [MARK_KEYS.house, MARK_KEYS.generation]).execute()
  const value = (key: string): string | null => rows.find((row) => row.key === key)?.value ?? null
  const mark = readMark(value(MARK_KEYS.house), value(MARK_KEYS.generation))
  if (mark !== null) return mark
  await house.db.write(async (trx) => {
    for (const [key, value] of [[MARK_KEYS.house, house.newId()], [MARK_KEYS.generation, '1']] as const) {
      await trx.sql.insertInto('settings').values({ key, value }).onConflict((one) => one.column('key').doNothing()).execute()
    }
  })
  return houseMark(house)
}

/** @returns null when this installation has no id yet */
export function readMark (house: string | null, generationText: string | null): HouseMark | null {
  const generation = Number(generationText)
  return house !== null && Number.isSafeInteger(generation) && generation > 0 ? { house, generation } : null
}
