import type { GuardFigures, GuardFiguresQuery, GuardReason } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import type { Ledger, Trx } from '../platform/db.ts'
import { perHouse } from '../platform/per-house.ts'
import type { SendRefused } from './guard.ts'

/** `country`: empty for mail. */
export type Figure = { channel: string, country: string, what: 'sent' | 'verified' | GuardReason }

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** A refusal is counted within a second, and told to the record when nobody can be counting in its hour any more. */
const LATE_MS = 60_000
const KEPT_DAYS = 100
const MOST_SHOWN = 20_000

type Counted = Figure & { hour: number, count: number }

/** Counts add up to one statement for a group of writes. */
const ledger: Ledger<Counted> = {
  rank: 2,
  async write (trx, items) {
    const sums = new Map<string, Counted>()
    for (const one of items) {
      const name = `${one.hour} ${one.channel} ${one.country} ${one.what}`
      sums.set(name, { ...one, count: one.count + (sums.get(name)?.count ?? 0) })
    }
    const inOrder = [...sums].sort(([a], [b]) => a < b ? -1 : 1)
    for (const [, { hour, channel, country, what, count }] of inOrder) {
      await trx.prepare('INSERT INTO guard_figures (hour, channel, country, what, count) VALUES (?, ?, ?, ?, ?) ON CONFLICT (hour, channel, country, what) DO UPDATE SET count = guard_figures.count + excluded.count')
        .run(hour, channel, country, what, count)
    }
  }
}

export function countFigure (trx: Trx, now: number, figure: Figure, count = 1): void {
  trx.note(ledger, { ...figure, hour: Math.floor(now / HOUR_MS), count })
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
  const due = await house.db.read.selectFrom('guard_figures').select('hour').where('hour', '<', isOver).where('what', 'not in', ['sent', 'verified']).whereRef('recorded', '<', 'count').limit(1).executeTakeFirst()
  if (due === undefined) return
  await house.db.write(async (trx) => {
    const rows = await trx.prepare("SELECT hour, channel, country, what, count, recorded FROM guard_figures WHERE hour < ? AND what NOT IN ('sent', 'verified') AND recorded < count ORDER BY hour, channel, country, what LIMIT 500").all(isOver)
    for (const row of rows) {
      const [hour, channel, country, what] = [Number(row['hour']), String(row['channel']), String(row['country']), String(row['what'])]
      const messages = Number(row['count']) - Number(row['recorded'])
      house.audit.append(trx, house.clock(), { event: 'guard.refused', details: { from: hour * HOUR_MS, channel, name: country === '' ? channel : country, country: country === '' ? null : country, why: what, messages } })
      await trx.prepare('UPDATE guard_figures SET recorded = count WHERE hour = ? AND channel = ? AND country = ? AND what = ?').run(hour, channel, country, what)
    }
  })
}

/** Messages by hour or day (UTC), channel and country. */
export async function findFigures (house: House, { from, to, by = 'hour' }: GuardFiguresQuery): Promise<GuardFigures> {
  const now = house.clock()
  const unit = by === 'day' ? DAY_MS : HOUR_MS
  const rows = await house.db.read.selectFrom('guard_figures').select(['hour', 'channel', 'country', 'what', 'count'])
    .where('hour', '>=', Math.floor((from ?? now - DAY_MS) / HOUR_MS)).where('hour', '<=', Math.floor((to ?? now) / HOUR_MS)).orderBy('hour').orderBy('channel').orderBy('country').orderBy('what').limit(MOST_SHOWN).execute()
  const found = new Map<string, GuardFigures['rows'][number]>()
  for (const row of rows) {
    const begins = Math.floor(Number(row.hour) * HOUR_MS / unit) * unit
    const name = `${begins} ${row.channel} ${row.country}`
    const sum = found.get(name) ?? { from: begins, channel: row.channel, country: row.country === '' ? null : row.country, sent: 0, verified: 0, refused: [] }
    const count = Number(row.count)
    if (row.what === 'sent' || row.what === 'verified') sum[row.what] += count
    else {
      // What we wrote is a reason of the list.
      const reason = row.what as GuardReason
      const known = sum.refused.find((one) => one.reason === reason)
      if (known === undefined) sum.refused.push({ reason, messages: count })
      else known.messages += count
    }
    found.set(name, sum)
  }
  return { rows: [...found.values()] }
}

/** Forgets figures after a hundred days. */
export async function forgetFigures (house: House): Promise<void> {
  await house.db.write(async (trx) => { await trx.prepare('DELETE FROM guard_figures WHERE hour < ?').run(Math.floor(house.clock() / HOUR_MS) - KEPT_DAYS * 24) })
}
