import type { Insights, InsightsQuery } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { Problem } from '../platform/problems.ts'
import { offsetIn } from '../platform/zone.ts'
import { DAY_MS } from './count.ts'
import { endOf, percentile } from './latency.ts'
import { headOf, KEPT_DAYS, progressOf, timeZoneOf } from './progress.ts'

const USUAL_DAYS = 28
const MOST_POINTS = 20
/** 1970 began on a Thursday; weeks begin on Monday. */
const FIRST_WEEKDAY = 3

/** Days since 1970 by the site's calendar, both in it. */
export type Period = { first: number, last: number, timeZone: string }

/** @throws Problem badRequest: no such day, an end before the beginning, more than is kept */
export async function periodOf (house: House, { from, to, days = USUAL_DAYS }: InsightsQuery): Promise<Period> {
  const timeZone = await timeZoneOf(house)
  const now = house.clock()
  const last = to === undefined ? Math.floor((now + offsetIn(timeZone)(now)) / DAY_MS) : dayOf('to', to)
  const first = from === undefined ? last - days + 1 : dayOf('from', from)
  if (first > last) throw new Problem('badRequest', { errors: [{ field: 'from', needs: 'a day that is not after "to"' }] })
  if (last - first >= KEPT_DAYS) throw new Problem('badRequest', { errors: [{ field: 'from', needs: `at most ${KEPT_DAYS} days` }] })
  return { first, last, timeZone }
}

function dayOf (field: string, text: string): number {
  const moment = Date.parse(`${text}T00:00:00Z`)
  if (Number.isNaN(moment) || dateOf(moment / DAY_MS) !== text) throw new Problem('badRequest', { errors: [{ field, needs: 'a day like 2026-01-31' }] })
  return moment / DAY_MS
}

export function dateOf (day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}

/** 0: Monday. */
export function weekdayOf (day: number): number {
  return (((day + FIRST_WEEKDAY) % 7) + 7) % 7
}

export async function findInsights (house: House, query: InsightsQuery): Promise<Insights> {
  const period = await periodOf(house, query)
  const progress = await progressOf(house)
  const week = Array.from({ length: 7 }, () => Array.from({ length: 24 }, () => 0))
  let openings = 0
  for (const { day, hour, openings: count } of await openingsByHour(house, period)) {
    const row = week[weekdayOf(day)]
    if (row !== undefined) row[hour] = (row[hour] ?? 0) + count
    openings += count
  }
  const points = await openingsByPoint(house, period)
  const sums = await sumsOf(house, period)
  const took = bucketsIn(sums)
  return {
    from: dateOf(period.first), to: dateOf(period.last), timeZone: period.timeZone,
    counted: { rows: progress === null || progress.isClearing ? 0 : progress.seq, of: await headOf(house), upTo: progress === null || progress.seq === 0 ? null : progress.time },
    openings, week,
    points: points.slice(0, MOST_POINTS),
    otherPoints: { points: Math.max(0, points.length - MOST_POINTS), openings: points.slice(MOST_POINTS).reduce((sum, one) => sum + one.openings, 0) },
    refusals: refusalsIn(sums),
    codes: { asked: sums.get('asked') ?? 0, shown: sums.get('shown') ?? 0, sent: sums.get('sent') ?? 0, typed: sums.get('typed') ?? 0, moved: sums.get('moved') ?? 0 },
    latency: {
      openings: took.reduce((sum, one) => sum + one.count, 0), p50Ms: percentile(took, 0.5), p95Ms: percentile(took, 0.95),
      buckets: took.map(({ bucket, count }) => ({ toMs: Math.round(endOf(bucket) * 10) / 10, openings: count }))
    }
  }
}

export async function openingsByHour (house: House, { first, last }: Period): Promise<{ day: number, hour: number, openings: number }[]> {
  const rows = await house.db.ask('SELECT hour, openings FROM insight_hours WHERE hour >= ? AND hour < ? ORDER BY hour').all(first * 24, (last + 1) * 24)
  return rows.map((row) => ({ day: Math.floor(Number(row['hour']) / 24), hour: Number(row['hour']) % 24, openings: Number(row['openings']) }))
}

/** All of them, the busiest first; one that was removed since keeps its name. */
export async function openingsByPoint (house: House, { first, last }: Period): Promise<{ id: string, name: string, place: string, openings: number }[]> {
  const rows = await house.db.ask(`SELECT a.id, a.name, coalesce(b.name, s.name) AS place, d.openings FROM (SELECT access_point_id, SUM(count) AS openings FROM insight_days WHERE what = 'opened' AND day BETWEEN ? AND ? GROUP BY access_point_id) d
    JOIN access_points a ON a.id = d.access_point_id JOIN sites s ON s.id = a.site_id LEFT JOIN banks b ON b.id = a.bank_id ORDER BY d.openings DESC, a.name, a.id`).all(first, last)
  return rows.map((row) => ({ id: String(row['id']), name: String(row['name']), place: String(row['place']), openings: Number(row['openings']) }))
}

/** Everything else that is counted, by `what`. Apart from access points, of which there may be thousands. */
async function sumsOf (house: House, period: Period): Promise<Map<string, number>> {
  const sums = new Map<string, number>()
  for (const { what, count } of await countsByDay(house, period)) sums.set(what, (sums.get(what) ?? 0) + count)
  return sums
}

export async function countsByDay (house: House, { first, last }: Period): Promise<{ what: string, day: number, count: number }[]> {
  // Two walks along the key, around the openings by access point.
  const rows = await house.db.ask(`SELECT what, day, count FROM insight_days WHERE what < 'opened' AND day BETWEEN ? AND ?
    UNION ALL SELECT what, day, count FROM insight_days WHERE what > 'opened' AND day BETWEEN ? AND ? ORDER BY 2, 1`).all(first, last, first, last)
  return rows.map((row) => ({ what: String(row['what']), day: Number(row['day']), count: Number(row['count']) }))
}

function refusalsIn (sums: ReadonlyMap<string, number>): Insights['refusals'] {
  return [...sums].filter(([what]) => what.startsWith('refused:')).map(([what, count]) => ({ reason: what.slice('refused:'.length), count })).sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1))
}

function bucketsIn (sums: ReadonlyMap<string, number>): { bucket: number, count: number }[] {
  return [...sums].filter(([what]) => what.startsWith('took:')).map(([what, count]) => ({ bucket: Number(what.slice('took:'.length)), count })).sort((a, b) => a.bucket - b.bucket)
}
