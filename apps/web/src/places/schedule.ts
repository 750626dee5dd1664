import type { Schedule } from '@oncekey/protocol/schemas'

/** Hours as a form has them; `from` and `to` as an input of type time, `18:00`. */
export type HoursDraft = { days: number[], from: string, to: string }

/** What is offered first: working days. */
export const usualHours: Readonly<HoursDraft> = { days: [1, 2, 3, 4, 5], from: '08:00', to: '18:00' }
/** Monday to Sunday, ISO 8601. */
export const allDays: readonly number[] = [1, 2, 3, 4, 5, 6, 7]

/** Minutes since midnight; null when it is no time. */
export function minuteOf (text: string): number | null {
  const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)/.exec(text) ?? []
  return hour === undefined || minute === undefined ? null : Number(hour) * 60 + Number(minute)
}

/** `18:00` of 1080; the end of a day is 24:00. */
export function timeText (minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}

/** Null while something is missing. Midnight as an end is that of the same day. */
export function scheduleOf (drafts: readonly HoursDraft[], alsoOnHolidays: boolean): Schedule | null {
  const hours: Schedule['hours'] = []
  for (const { days, from, to } of drafts) {
    const fromMinute = minuteOf(from)
    const toMinute = minuteOf(to)
    if (fromMinute === null || toMinute === null || days.length === 0) return null
    hours.push({ days: [...days].sort((a, b) => a - b), fromMinute, toMinute: toMinute === 0 ? 1440 : toMinute })
  }
  return hours.length === 0 ? null : { hours, alsoOnHolidays }
}

/** Whether hours go on into the next day. */
export function isOverMidnight ({ from, to }: HoursDraft): boolean {
  const begins = minuteOf(from)
  const ends = minuteOf(to)
  return begins !== null && ends !== null && ends !== 0 && ends <= begins
}

/** 5 January 1970 was a Monday. */
export function dayName (day: number, language: string, style: 'short' | 'long'): string {
  return new Intl.DateTimeFormat(language, { weekday: style, timeZone: 'UTC' }).format((day + 3) * 86_400_000)
}

/** `Mon–Fri, Sun`: runs of three and more are joined. */
export function daysText (days: readonly number[], language: string): string {
  const parts: string[] = []
  const name = (day: number): string => dayName(day, language, 'short')
  for (let i = 0; i < days.length;) {
    let last = i
    while (days[last + 1] === (days[last] ?? 0) + 1) last++
    const run = days.slice(i, last + 1)
    parts.push(...run.length > 2 ? [`${name(run[0] ?? 1)}–${name(run.at(-1) ?? 7)}`] : run.map(name))
    i = last + 1
  }
  return parts.join(', ')
}
