import { Type, type Static } from 'typebox'
import { Id, NullableMoment, words } from './common.ts'

const CalendarDay = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'a day of the site\'s calendar, like 2026-01-31' })
/** Days since 1970 by the site's calendar. */
const DayNumber = Type.Integer({ description: 'days since 1970-01-01 by the site\'s calendar' })
const Count = Type.Integer({ minimum: 0 })

export const InsightChart = words('use', 'points', 'refusals', 'codes', 'latency', 'batteries')
export type InsightChart = Static<typeof InsightChart>

/** GET /api/v1/insights: both days are in it; `to` is today unless told, `from` so many `days` before. */
const period = { from: Type.Optional(CalendarDay), to: Type.Optional(CalendarDay), days: Type.Optional(Type.Integer({ minimum: 1, maximum: 400, description: '28 unless told' })) }
export const InsightsQuery = Type.Object(period)
export type InsightsQuery = Static<typeof InsightsQuery>
/** GET /api/v1/insights/csv */
export const InsightsFileQuery = Type.Object({ chart: InsightChart, ...period })
export type InsightsFileQuery = Static<typeof InsightsFileQuery>

export const Insights = Type.Object({
  from: CalendarDay, to: CalendarDay, timeZone: Type.String(),
  counted: Type.Object({ rows: Count, of: Count, upTo: NullableMoment }, { description: 'how far the record is counted: rows, and the moment of the last one' }),
  openings: Count,
  week: Type.Array(Type.Array(Count), { description: 'openings by weekday, Monday first, and hour of the clock on the wall: 7 times 24' }),
  points: Type.Array(Type.Object({ id: Id, name: Type.String(), place: Type.String(), openings: Count }), { description: 'the 20 that were opened most' }),
  otherPoints: Type.Object({ points: Count, openings: Count }),
  refusals: Type.Array(Type.Object({ reason: Type.String(), count: Count }), { description: 'codes and pins that were refused, by the reason that keypads do not tell' }),
  codes: Type.Object({
    asked: Count, shown: Type.Integer({ minimum: 0, description: 'to whoever asked, on their page' }), sent: Type.Integer({ minimum: 0, description: 'messages that were taken' }),
    typed: Type.Integer({ minimum: 0, description: 'and taken' }), moved: Type.Integer({ minimum: 0, description: 'the bolt was measured where it was to be' })
  }),
  latency: Type.Object({
    openings: Count, p50Ms: Type.Union([Count, Type.Null()]), p95Ms: Type.Union([Count, Type.Null()]),
    buckets: Type.Array(Type.Object({ toMs: Type.Number({ description: 'the longest; a bucket ends a fifth later than the one before' }), openings: Count }))
  }, { description: 'from the yes to a keypad to the controller\'s word that the bolt is open' })
})
export type Insights = Static<typeof Insights>

/** When a battery will be at its bound. `steady`: its days do not show that it falls. */
export const BatteryForecast = Type.Union([
  Type.Object({ is: Type.Literal('falls'), perDay: Type.Number({ description: 'millivolts' }), on: DayNumber, earliest: DayNumber, latest: DayNumber }),
  Type.Object({ is: Type.Literal('notEnough'), days: Count, of: Count }),
  Type.Object({ is: words('steady', 'low', 'noBound') })
])
export type BatteryForecast = Static<typeof BatteryForecast>

/** GET /api/v1/insights/batteries: of the last 90 days. */
export const InsightBatteries = Type.Object({
  batteries: Type.Array(Type.Object({
    controllerId: Id, name: Type.String(), lowMillivolts: Type.Integer({ minimum: 0, description: '0: nobody said when it is low' }),
    days: Type.Array(Type.Object({ day: DayNumber, millivolts: Count })), forecast: BatteryForecast
  })),
  more: Type.Integer({ minimum: 0, description: 'not in the answer, which has the 50 that need somebody soonest' })
})
export type InsightBatteries = Static<typeof InsightBatteries>
