import type { Reason } from '@oncekey/protocol/audit-events'
import { guardReasons, type GuardFigures, type GuardFiguresQuery, type GuardReason } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import type { Ledger, Trx, Value } from '../platform/db.ts'
import { marks, rowsWriter } from '../platform/many.ts'
import { perHouse } from '../platform/per-house.ts'
import type { SendRefused } from './guard.ts'

/**
 * What is counted. `sent`: a message was let out, of those `again`: another one of a verification, `fellBack`: by another channel,
 * so the rest has begun one; `micros`: what it cost; `taken`, `delivered`, `failed:` and why: what became of messages; `verified` to
 * `cancelled`: how verifications ended; `check:` and why: typed in, and refused. Each is counted in the transaction of its row in
 * the record, so that the figures are a count of it. Test recipients are not in them: they are sent nothing.
 */
type Counting = 'sent' | 'again' | 'fellBack' | 'micros' | 'taken' | 'delivered' | `failed:${string}` | 'verified' | 'expired' | 'blocked' | 'cancelled' | `check:${Reason}` | GuardReason
/** `country`: empty for mail, `-` for numbers of none. */
export type Figure = { channel: string, country: string, what: Counting }

const HOUR_MS = 3_600_000
const DAY_HOURS = 24
const DAY_MS = DAY_HOURS * HOUR_MS
/** A refusal is counted within a second, and told to the record when nobody can be counting in its hour any more. */
const LATE_MS = 60_000
const KEPT_DAYS = 100
/** Of an answer: a month by the day of 4 channels and 100 countries with all that may become of them. */
const MOST_SHOWN = 100_000
/** Of a fault's words, which are the other side's. */
const LONGEST_FAULT = 40
/** What the record is told otherwise, row by row, is never told by the hour: no count reaches this. */
const TOLD = 9e15

type Counted = Figure & { hour: number, count: number }

/** For one write never more than one statement. */
const insert = rowsWriter([8, 4, 3, 2, 1], (rows) => `INSERT INTO guard_figures (hour, channel, country, what, count, recorded) VALUES ${marks(rows, '(?, ?, ?, ?, ?, ?)')}
  ON CONFLICT (hour, channel, country, what) DO UPDATE SET count = guard_figures.count + excluded.count`)

/** Counts add up to one statement for a group of writes. */
const ledger: Ledger<Counted> = {
  rank: 2,
  async write (trx, items) {
    const sums = new Map<string, Counted>()
    for (const one of items) {
      const name = `${one.hour} ${one.channel} ${one.country} ${one.what}`
      sums.set(name, { ...one, count: one.count + (sums.get(name)?.count ?? 0) })
    }
    const rows = [...sums].sort(([a], [b]) => a < b ? -1 : 1).map(([, { hour, channel, country, what, count }]): Value[] => [hour, channel, country, what, count, isRefusal(what) ? 0 : TOLD])
    await insert(trx, rows)
  }
}

export function countFigure (trx: Trx, now: number, figure: Figure, count = 1): void {
  trx.note(ledger, { ...figure, hour: Math.floor(now / HOUR_MS), count })
}

/** Something that became of a verification. `country`: of its number; null: none. */
export function countOutcome (trx: Trx, now: number, { channel, country }: { channel: string, country: string | null }, what: Exclude<Counting, 'sent' | 'again' | 'fellBack' | 'micros' | GuardReason>): void {
  countFigure(trx, now, { channel, country: channel === 'email' || channel === '' ? '' : country ?? '-', what: what.slice(0, LONGEST_FAULT) as typeof what }) // a word of ours, or the start of another's
}

function isRefusal (what: string): what is GuardReason {
  return guardReasons.some((reason) => reason === what)
}

const refusalsOf = perHouse((_house: House) => new Map<string, Counted>())

/** Counts a refusal, once its write is over: that has changed nothing, and may have been tried more than once. Written within a second. */
export function noteRefusal (house: House, { counted: { channel, country, reason } }: SendRefused): void {
  const refusals = refusalsOf(house)
  const hour = Math.floor(house.clock() / HOUR_MS)
  const name = `${hour} ${channel} ${country} ${reason}`
  refusals.set(name, { hour, channel, country, what: reason, count: (refusals.get(name)?.count ?? 0) + 1 })
}

/** Writes down what was refused since the last time. A kill takes a second's worth of counts with it, and nothing else. */
export async function writeRefusals (house: House): Promise<void> {
  const refusals = refusalsOf(house)
  if (refusals.size === 0) return
  const all = [...refusals.values()]
  refusals.clear()
  await house.db.write(async (trx) => { for (const one of all) trx.note(ledger, one) })
}

/** Tells the record how many were refused in hours that are over: one row for an hour, country and reason, however many a flood was. */
export async function recordRefusals (house: House): Promise<void> {
  const isOver = Math.floor((house.clock() - LATE_MS) / HOUR_MS)
  const due = await house.db.read.selectFrom('guard_figures').select('hour').where('hour', '<', isOver).whereRef('recorded', '<', 'count').limit(1).executeTakeFirst()
  if (due === undefined) return
  await house.db.write(async (trx) => {
    const rows = await trx.prepare('SELECT hour, channel, country, what, count, recorded FROM guard_figures WHERE hour < ? AND recorded < count ORDER BY hour, channel, country, what LIMIT 500').all(isOver)
    for (const row of rows) {
      const [hour, channel, country, what] = [Number(row['hour']), String(row['channel']), String(row['country']), String(row['what'])]
      const messages = Number(row['count']) - Number(row['recorded'])
      house.audit.append(trx, house.clock(), { event: 'guard.refused', details: { from: hour * HOUR_MS, channel, name: country === '' ? channel : country, country: country === '' ? null : country, why: what, messages } })
      await trx.prepare('UPDATE guard_figures SET recorded = count WHERE hour = ? AND channel = ? AND country = ? AND what = ?').run(hour, channel, country, what)
    }
  })
}

/** What became of messages and verifications by hour or day (UTC), channel and country. */
export async function findFigures (house: House, { from, to, by = 'hour' }: GuardFiguresQuery): Promise<GuardFigures> {
  const now = house.clock()
  const hours = by === 'day' ? DAY_HOURS : 1
  const counted = await house.db.ask(`SELECT hour / ${hours} AS unit, channel, country, what, SUM(count) AS count FROM guard_figures WHERE hour >= ? AND hour <= ?
    GROUP BY hour / ${hours}, channel, country, what ORDER BY 1, 2, 3, 4 LIMIT ?`).all(Math.floor((from ?? now - DAY_MS) / HOUR_MS), Math.floor((to ?? now) / HOUR_MS), MOST_SHOWN)
  const found = new Map<string, GuardFigures['rows'][number]>()
  for (const row of counted) {
    const [unit, channel, country, what, count] = [Number(row['unit']), String(row['channel']), String(row['country']), String(row['what']), Number(row['count'])]
    const name = `${unit} ${channel} ${country}`
    const sum = found.get(name) ?? noFigures(unit * hours * HOUR_MS, channel, country === '' ? null : country)
    found.set(name, sum)
    addTo(sum, what, count)
  }
  return { rows: [...found.values()] }
}

function noFigures (from: number, channel: string, country: string | null): GuardFigures['rows'][number] {
  return { from, channel, country, started: 0, sent: 0, micros: 0, taken: 0, delivered: 0, failed: [], verified: 0, expired: 0, blocked: 0, cancelled: 0, checksRefused: [], refused: [] }
}

function addTo (sum: GuardFigures['rows'][number], what: string, count: number): void {
  if (isRefusal(what)) sum.refused.push({ reason: what, messages: count })
  else if (what.startsWith('failed:')) sum.failed.push({ fault: what.slice('failed:'.length), messages: count })
  else if (what.startsWith('check:')) sum.checksRefused.push({ reason: what.slice('check:'.length), checks: count })
  else switch (what) {
    case 'sent': sum.sent += count; sum.started += count; break
    // They were let out, and have begun nothing.
    case 'again': case 'fellBack': sum.started -= count; break
    case 'micros': case 'taken': case 'delivered': case 'verified': case 'expired': case 'blocked': case 'cancelled': sum[what] += count
  }
}

/** Forgets figures after a hundred days. */
export async function forgetFigures (house: House): Promise<void> {
  await house.db.write(async (trx) => { await trx.prepare('DELETE FROM guard_figures WHERE hour < ?').run(Math.floor(house.clock() / HOUR_MS) - KEPT_DAYS * 24) })
}
