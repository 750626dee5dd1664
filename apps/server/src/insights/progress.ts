import type { House } from '../house.ts'
import type { Trx, Value } from '../platform/db.ts'
import { marks, rowsWriter } from '../platform/many.ts'
import { offsetIn } from '../platform/zone.ts'
import { COLUMNS, countRows, DAY_MS, WAY, withDetails, type Counts, type Held } from './count.ts'

/** Rows that are read and counted at once: some milliseconds. */
const BATCH = 500
/** Rows that are thrown away in one write. */
const CLEARED = 2_000
/** After this nobody compares years any more. */
export const KEPT_DAYS = 400
/** Nobody else writes to these tables, so a keypad's writes need not wait for these. */
const BESIDE = { beside: ['insights'] } as const

/** How far the record is counted: up to row `seq`, which is of `time`; `way` and `timeZone`: how days and hours were told apart. */
type Progress = { seq: number, time: number, way: number, timeZone: string, isClearing: boolean, held: Held }

const addHours = rowsWriter([64, 16, 4, 1], (rows) => `INSERT INTO insight_hours (hour, openings) VALUES ${marks(rows, '(?, ?)')}
  ON CONFLICT (hour) DO UPDATE SET openings = insight_hours.openings + excluded.openings`)
const addDays = rowsWriter([64, 16, 4, 1], (rows) => `INSERT INTO insight_days (what, day, access_point_id, count) VALUES ${marks(rows, '(?, ?, ?, ?)')}
  ON CONFLICT (what, day, access_point_id) DO UPDATE SET count = insight_days.count + excluded.count`)

/**
 * Counts the next rows of the record, and how far it came, in one transaction: whoever is killed has counted all of them or none,
 * and of two processes that counted the same rows one writes nothing.
 * @returns whether there may be more
 */
export async function countNext (house: House): Promise<boolean> {
  const timeZone = await timeZoneOf(house)
  // In this order: another process may count meanwhile, and never gets beyond a head that is looked up later.
  const progress = await progressOf(house)
  const head = await headOf(house)
  if (progress === null) return house.db.write(async (trx) => {
    await trx.prepare("INSERT INTO insight_progress (id, seq, time, way, time_zone, clearing, held) VALUES (1, 0, 0, ?, ?, 0, '{}') ON CONFLICT (id) DO NOTHING").run(WAY, timeZone)
    return head > 0
  }, BESIDE)
  if (progress.isClearing) return clear(house, timeZone)
  // Other days, another way, or a record that was taken back: what was counted is of no use.
  if (progress.way !== WAY || progress.timeZone !== timeZone || progress.seq > head) {
    await house.db.write(async (trx) => { await trx.prepare('UPDATE insight_progress SET clearing = 1 WHERE id = 1 AND seq = ? AND way = ? AND time_zone = ?').run(progress.seq, progress.way, progress.timeZone) }, BESIDE)
    return true
  }
  if (progress.seq === head) return false
  const rows = await house.db.ask(`SELECT ${COLUMNS}, CASE WHEN event IN (${withDetails.map((event) => `'${event}'`).join(', ')}) THEN payload END AS payload
    FROM audit WHERE seq > ? ORDER BY seq LIMIT ${BATCH}`).all(progress.seq)
  const last = rows.at(-1)
  if (last === undefined) return false
  const held = { ...progress.held }
  const counts = countRows(rows, held, offsetIn(timeZone))
  const isOurs = await house.db.write(async (trx) => {
    const { changes } = await trx.prepare('UPDATE insight_progress SET seq = ?, time = ?, held = ? WHERE id = 1 AND seq = ? AND way = ? AND time_zone = ? AND clearing = 0')
      .run(Number(last['seq']), Number(last['time']), JSON.stringify(held), progress.seq, WAY, timeZone)
    if (changes === 1) await addCounts(trx, counts, Math.floor(house.clock() / DAY_MS) - KEPT_DAYS)
    return changes === 1
  }, BESIDE)
  return !isOurs || rows.length === BATCH
}

async function addCounts (trx: Trx, { hours, days }: Counts, firstDay: number): Promise<void> {
  // In one order, as whatever may be written by two at once.
  await addHours(trx, [...hours].filter(([hour]) => hour >= firstDay * 24).sort(([a], [b]) => a - b))
  const rows = [...days].sort(([a], [b]) => a < b ? -1 : 1).map(([name, count]): Value[] => {
    const [what = '', day, accessPointId = ''] = name.split('\t')
    return [what, Number(day), accessPointId, count]
  })
  await addDays(trx, rows.filter(([, day]) => Number(day) >= firstDay))
}

/** Throws away what was counted, some rows at a time, and begins anew. */
async function clear (house: House, timeZone: string): Promise<boolean> {
  await house.db.write(async (trx) => {
    // Another process may be done with it, and have counted since.
    if (await trx.prepare('SELECT 1 FROM insight_progress WHERE id = 1 AND clearing = 1').get() === undefined) return
    const { changes } = await trx.prepare(`DELETE FROM insight_days WHERE (what, day, access_point_id) IN (SELECT what, day, access_point_id FROM insight_days LIMIT ${CLEARED})`).run()
    if (changes > 0) return
    await trx.prepare('DELETE FROM insight_hours').run()
    await trx.prepare("UPDATE insight_progress SET seq = 0, time = 0, way = ?, time_zone = ?, clearing = 0, held = '{}' WHERE id = 1 AND clearing = 1").run(WAY, timeZone)
  }, BESIDE)
  return true
}

/** The number of the record's last row. */
export async function headOf (house: House): Promise<number> {
  return Number((await house.db.ask('SELECT seq FROM audit_head WHERE id = 1').get())?.['seq'] ?? 0)
}

export async function progressOf (house: House): Promise<Progress | null> {
  const row = await house.db.ask('SELECT seq, time, way, time_zone, clearing, held FROM insight_progress WHERE id = 1').get()
  if (row === undefined) return null
  // We wrote this text ourselves, above.
  return { seq: Number(row['seq']), time: Number(row['time']), way: Number(row['way']), timeZone: String(row['time_zone']), isClearing: row['clearing'] === 1, held: JSON.parse(String(row['held'])) as Held }
}

/** The record is of the whole house, which has one site; of several its days are those of the first. */
export async function timeZoneOf (house: House): Promise<string> {
  return String((await house.db.ask('SELECT time_zone FROM sites ORDER BY created_at, id LIMIT 1').get())?.['time_zone'] ?? 'UTC')
}

/** Forgets what is older than anybody asks for. */
export async function forgetInsights (house: House): Promise<void> {
  const firstDay = Math.floor(house.clock() / DAY_MS) - KEPT_DAYS
  while (await house.db.write(async (trx) => {
    await trx.prepare('DELETE FROM insight_hours WHERE hour < ?').run(firstDay * 24)
    await trx.prepare('DELETE FROM battery_days WHERE day < ?').run(firstDay)
    return (await trx.prepare(`DELETE FROM insight_days WHERE (what, day, access_point_id) IN (SELECT what, day, access_point_id FROM insight_days WHERE day < ? LIMIT ${CLEARED})`).run(firstDay)).changes > 0
  }, BESIDE)) { /* the next ones */ }
}
