import type { Row, Sheet, Trx } from '../platform/db.ts'
import { inTurns, marks, perCount, rowsWriter } from '../platform/many.ts'
import type { Changed, Spent } from './decide.ts'
import { keptMs } from './purse.ts'
import { dayOf, spentName, textOfPurse, textOfSpent } from './rows.ts'

/** A row of `guard_purses`; `text` null: there is none. */
type Kept = { text: string | null, forgetDay: number }
const nothing: Kept = Object.freeze({ text: null, forgetDay: 0 })

/** What was spent on a day says nothing after the next one. */
const SPENT_KEPT_DAYS = 2
/** Names or rows of one statement. One message has up to eight. */
const AT_ONCE = [32, 8, 4, 3, 2, 1]

const read = perCount((count) => `SELECT name, purse AS text FROM guard_purses WHERE name IN (${marks(count)})`)
const write = rowsWriter(AT_ONCE, (rows) => `INSERT INTO guard_purses (name, purse, forget_day) VALUES ${marks(rows, '(?, ?, ?)')}
  ON CONFLICT (name) DO UPDATE SET purse = excluded.purse, forget_day = excluded.forget_day`)

/** A key's purse and what was spent today change with each message of a group; they are read and written once for all of it. */
const sheet: Sheet<Kept> = { write: writeKept }

/** Writes rows past the sheet: at the end of a group, after it. */
export async function writeKept (trx: Pick<Trx, 'prepare'>, changed: ReadonlyMap<string, Kept>): Promise<void> {
  // By name: in one order everywhere.
  await write(trx, [...changed].sort(([a], [b]) => a < b ? -1 : 1).map(([name, { text, forgetDay }]) => [name, text, forgetDay]))
}

/** What the database has under these names: at the end of a group, after the sheet was written. */
export async function storedTexts (trx: Pick<Trx, 'prepare'>, names: readonly string[]): Promise<Map<string, string>> {
  const rows: Row[] = (await inTurns(AT_ONCE, names, (some) => trx.prepare(read(some.length)).all(...some))).flat()
  return new Map(rows.map((row) => [String(row['name']), String(row['text'])]))
}

export function rowOfPurse ({ subject: { level }, purse }: Changed): Kept {
  return { text: textOfPurse(purse), forgetDay: dayOf(purse.at + keptMs[level]) }
}

/** What is kept under these names, as far as there is something. Only in a write that is alone. */
export async function keptTexts (trx: Trx, names: readonly string[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>()
  const unread: string[] = []
  for (const name of names) {
    const kept = trx.look(sheet, name)
    if (kept === undefined) unread.push(name)
    else if (kept.text !== null) texts.set(name, kept.text)
  }
  if (unread.length === 0) return texts
  const stored = await storedTexts(trx, unread)
  for (const name of unread) {
    const text = stored.get(name)
    trx.learn(sheet, name, text === undefined ? nothing : { text, forgetDay: 0 })
    if (text !== undefined) texts.set(name, text)
  }
  return texts
}

export function keepPurse (trx: Trx, change: Changed): void {
  trx.put(sheet, change.subject.name, rowOfPurse(change))
}

export function keepSpent (trx: Trx, channel: string, now: number, spent: Spent): void {
  trx.put(sheet, spentName(channel, now), { text: textOfSpent(spent), forgetDay: dayOf(now) + SPENT_KEPT_DAYS })
}
