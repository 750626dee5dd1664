/** Hours of some days of the week, by the clock on the wall at the door. */
export type Hours = {
  /** The days on which they begin: 1 Monday to 7 Sunday (ISO 8601). */
  readonly days: readonly number[]
  /** Minutes of the day, 0 to 1439. */
  readonly fromMinute: number
  /** 1 to 1440, no longer part of them. Not after `fromMinute`: it lies on the next day. */
  readonly toMinute: number
}

/**
 * When a grant holds in a week. What the clock on the wall shows is what counts, so with summer time: a time that the clocks
 * skip is never there, and hours that lie in it are as much shorter; a time that is there twice holds both times. Hours over
 * midnight belong to the day on which they begin, weekday and holiday alike: Friday 22:00 to 06:00 holds on Saturday
 * at 05:00, also when Saturday is a holiday, and not when Friday was one.
 */
export type Schedule = {
  readonly hours: readonly Hours[]
  /** Whether the site's holidays change nothing. */
  readonly alsoOnHolidays: boolean
}

/** How far the clocks of a place are ahead of UTC at a moment, ms. Constant but for the moments when the clocks change, which lie a day or more apart. */
export type OffsetMs = (moment: number) => number

/** A schedule with all that it needs to be read. `holidays`: dates as `2026-12-25`, in any order. */
export type Calendar = { readonly schedule: Schedule, readonly holidays: readonly string[], readonly offsetMs: OffsetMs }

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const DAY_MINUTES = 1440

/** How it is at a moment. `holiday`: the date that keeps these hours from holding; null when they hold, or are not now at all. */
export function scheduleAt (calendar: Calendar, moment: number): { isInHours: boolean, holds: boolean, holiday: string | null } {
  const { schedule, holidays } = calendar
  const local = moment + calendar.offsetMs(moment)
  const today = Math.floor(local / DAY_MS)
  const minute = Math.floor((local - today * DAY_MS) / MINUTE_MS)
  let isInHours = false
  let holiday: string | null = null
  for (const { days, fromMinute, toMinute } of schedule.hours) {
    for (const day of [today, today - 1]) {
      if (!days.includes(weekdayOf(day)) || !covers(day === today, minute, fromMinute, toMinute)) continue
      isInHours = true
      const date = dateOf(day)
      if (schedule.alsoOnHolidays || !holidays.includes(date)) return { isInHours: true, holds: true, holiday: null }
      holiday = date
    }
  }
  return { isInHours, holds: false, holiday }
}

/**
 * The next moment after this one from which a schedule holds no longer, or holds, whichever it does not now; at most `limit`.
 * @returns ms since 1970; `limit` when nothing changes before
 */
export function changesAt (calendar: Calendar, moment: number, limit: number): number {
  const { holds } = scheduleAt(calendar, moment)
  const edges = edgesOf(calendar.schedule)
  let at = moment
  while (at < limit) {
    at = nextEdge(calendar.offsetMs, edges, at)
    if (at < limit && scheduleAt(calendar, at).holds !== holds) return at
  }
  return limit
}

/** From when on a schedule holds: 0 if it does now, at most `limit`. */
export function opensAt (calendar: Calendar, moment: number, limit: number): number {
  return scheduleAt(calendar, moment).holds ? 0 : changesAt(calendar, moment, limit)
}

/** Minutes of the day at which anything may change: those of the hours, and midnight. */
function edgesOf ({ hours }: Schedule): number[] {
  const edges = [DAY_MINUTES]
  for (const { fromMinute, toMinute } of hours) edges.push(fromMinute, toMinute)
  return edges
}

/** The next moment at which the clock on the wall shows one of these, or is put forward or back. */
function nextEdge (offsetMs: OffsetMs, edges: readonly number[], moment: number): number {
  const offset = offsetMs(moment)
  const local = moment + offset
  const ofDay = local - Math.floor(local / DAY_MS) * DAY_MS
  let wait = DAY_MS
  for (const minute of edges) {
    const to = minute * MINUTE_MS - ofDay
    if (to > 0) wait = Math.min(wait, to)
  }
  if (offsetMs(moment + wait) === offset) return moment + wait
  // The clocks change on the way: that moment is as good as an edge.
  let before = moment
  let after = moment + wait
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (offsetMs(middle) === offset) before = middle
    else after = middle
  }
  return after
}

function covers (isToday: boolean, minute: number, fromMinute: number, toMinute: number): boolean {
  if (toMinute > fromMinute) return isToday && minute >= fromMinute && minute < toMinute
  return isToday ? minute >= fromMinute : minute < toMinute
}

/** 1970-01-01 was a Thursday. */
function weekdayOf (day: number): number {
  return ((day + 3) % 7 + 7) % 7 + 1
}

/**
 * The date of a day counted from 1970-01-01, as `2026-12-25`. Years of 400 have 146,097 days, and begin in March here, so that
 * the leap day is the last of them.
 */
export function dateOf (day: number): string {
  const since = day + 719_468
  const era = Math.floor(since / 146_097)
  const dayOfEra = since - era * 146_097
  const yearOfEra = Math.floor((dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365)
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const dayOfMonth = dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(dayOfMonth).padStart(2, '0')}`
}
