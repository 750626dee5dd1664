/** What the charts draw and say, of the server's figures. Pure. */
import type { Insights } from '@oncekey/protocol/schemas'

export const dayMs = 86_400_000
/** As the server has its buckets: each ends so much later than the one before. */
const growth = 1.2
/** The longest period that the server answers for. */
const mostDays = 400
export const presets = ['7', '28', '91', '365'] as const
export type Preset = (typeof presets)[number]

/** Two days that the server answers for, both in it. */
export function isPeriod (from: string, to: string): boolean {
  const length = (Date.parse(to) - Date.parse(from)) / dayMs
  return length >= 0 && length < mostDays
}

/** The hour of the week with most in it; null when there is none. */
export function busiest (week: Insights['week']): { weekday: number, hour: number, openings: number } | null {
  let found: ReturnType<typeof busiest> = null
  week.forEach((hours, weekday) => hours.forEach((openings, hour) => { if (openings > (found?.openings ?? 0)) found = { weekday, hour, openings } }))
  return found
}

/** Bars from the first bucket that has something to the last one, those between that have nothing included. */
export function bars (buckets: Insights['latency']['buckets']): { toMs: number, openings: number }[] {
  const place = (toMs: number): number => Math.round(Math.log(Math.max(1, toMs)) / Math.log(growth))
  const [first, last] = [buckets[0], buckets.at(-1)]
  if (!first || !last) return []
  const from = place(first.toMs)
  return Array.from({ length: place(last.toMs) - from + 1 }, (_, i) => buckets.find(each => place(each.toMs) === from + i) ?? { toMs: growth ** (from + i), openings: 0 })
}

export function spanText (ms: number, language: string): string {
  const [amount, unit] = ms < 1000 ? [Math.round(ms), 'millisecond'] : [ms / 1000, 'second']
  return new Intl.NumberFormat(language, { style: 'unit', unit, maximumFractionDigits: 1 }).format(amount)
}
export function voltText (millivolts: number, language: string): string {
  return `${new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(millivolts / 1000)} V`
}
/** Monday first; 5 January 1970 was one. */
export function weekdays (language: string, style: 'short' | 'long'): string[] {
  const format = new Intl.DateTimeFormat(language, { weekday: style, timeZone: 'UTC' })
  return Array.from({ length: 7 }, (_, i) => format.format((4 + i) * dayMs))
}
export function hourText (hour: number): string {
  return `${String(hour).padStart(2, '0')}:00`
}
