import type { Kysely } from 'kysely'
import type { House } from '../house.ts'
import type { Tables } from '../platform/tables.ts'

const SLOT_MS = 600_000
/** Rows that may wait to be noted. Whoever searches by time looks at all of them. */
const WAITING = 1_000
/** Of one write. */
const AT_ONCE = 2_000
/** With more than that waiting, after an upgrade, nobody looks at all of them. */
const MANY = 10 * WAITING
const REST_MS = 20
/** Row of `settings`: up to which row of the record it is noted. */
const NOTED = 'audit.slots'

/** Rows `low` to `high - 1`. */
export type Stretch = { low: number, high: number }

/**
 * Where rows from these moments can be: every such row is in a stretch, and other rows may be, too. Numbers rise with
 * time only as long as no clock is set back and servers agree, so what was written down is looked up, not guessed.
 * @param to the first moment that is not asked for any more
 * @returns the newest stretch first
 */
export async function stretchesOf (read: Kysely<Tables>, { from = 0, to = Infinity }: { from?: number | undefined, to?: number | undefined }): Promise<Stretch[]> {
  if (from === 0 && to === Infinity) return [{ low: 1, high: Infinity }]
  if (to <= from) return []
  const noted = await notedRows(read)
  const head = (await read.selectFrom('audit_head').select('seq').executeTakeFirst())?.seq ?? 0
  let within = read.selectFrom('audit_slots').select((one) => [one.fn.min('first_seq').as('low'), one.fn.max('last_seq').as('high')]).where('slot', '>=', Math.floor(from / SLOT_MS))
  if (to !== Infinity) within = within.where('slot', '<=', Math.floor((to - 1) / SLOT_MS))
  const { low, high } = await within.executeTakeFirstOrThrow()
  const known: Stretch[] = low === null || high === null ? [] : [{ low: Number(low), high: Number(high) + 1 }]
  if (head - noted > MANY) return [{ low: noted + 1, high: Infinity }, ...known]
  let fresh = read.selectFrom('audit').select((one) => [one.fn.min('seq').as('low'), one.fn.max('seq').as('high')]).where('seq', '>', noted).where('time', '>=', from)
  if (to !== Infinity) fresh = fresh.where('time', '<', to)
  const last = await fresh.executeTakeFirstOrThrow()
  return last.low === null || last.high === null ? known : [{ low: Number(last.low), high: Number(last.high) + 1 }, ...known]
}

/** Notes which rows are from when, a thousand and more at a time: beside the writes, which it costs nothing. */
export async function noteSlots (house: House): Promise<void> {
  for (;;) {
    const noted = await notedRows(house.db.read)
    const head = (await house.db.read.selectFrom('audit_head').select('seq').executeTakeFirst())?.seq ?? 0
    if (head - noted < WAITING) return
    const rows = await house.db.read.selectFrom('audit').select(['seq', 'time']).where('seq', '>', noted).orderBy('seq').limit(AT_ONCE).execute()
    const last = rows.at(-1)?.seq
    // A record with a hole in it is the verifier's matter.
    if (last === undefined) return
    const slots = new Map<number, { slot: number, first_seq: number, last_seq: number }>()
    for (const { seq, time } of rows) {
      const slot = Math.floor(time / SLOT_MS)
      const known = slots.get(slot)
      if (known === undefined) slots.set(slot, { slot, first_seq: seq, last_seq: seq })
      else known.last_seq = seq
    }
    await house.db.write(async (trx) => {
      // Another server may have been quicker, by more or by fewer rows.
      if (await notedRows(trx.sql) !== noted) return
      for (const one of slots.values()) {
        await trx.prepare('INSERT INTO audit_slots (slot, first_seq, last_seq) VALUES (?, ?, ?) ON CONFLICT (slot) DO UPDATE SET last_seq = excluded.last_seq').run(one.slot, one.first_seq, one.last_seq)
      }
      await trx.prepare('INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value').run(NOTED, String(last))
    })
    await new Promise((resolve) => { setTimeout(resolve, REST_MS) })
  }
}

async function notedRows (read: Kysely<Tables>): Promise<number> {
  return Number((await read.selectFrom('settings').select('value').where('key', '=', NOTED).executeTakeFirst())?.value ?? 0)
}
