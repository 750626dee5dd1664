/** Words for moments and spans. Pure: zone, language and the present moment are given. */
import { keeper } from '../texts/keeper.ts'

const time = { hour: '2-digit', minute: '2-digit' } as const
const exact = { ...time, second: '2-digit' } as const
const day = { day: 'numeric', month: 'short', year: 'numeric' } as const
const styles = { time, seconds: exact, day, full: { ...day, ...exact } }
export type MomentStyle = keyof typeof styles

const formats = keeper<Intl.DateTimeFormat>()
const relatives = keeper<Intl.RelativeTimeFormat>()

/** `time` 14:03 · `seconds` 14:03:07 · `day` 21 Nov 2026 · `full` 21 Nov 2026, 14:03:07; in the site's zone. */
export function momentText (moment: number, { language, timeZone, style }: { language: string, timeZone: string, style: MomentStyle }): string {
  // 24 hours everywhere: the keypads' displays show them so.
  return formats(language + timeZone + style, () => new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { ...styles[style], hourCycle: 'h23', timeZone })).format(moment)
}

/** Like "3 minutes ago"; below ten seconds "now". */
export function relativeText (moment: number, now: number, language: string): string {
  const relative = relatives(language, () => new Intl.RelativeTimeFormat(language, { numeric: 'auto' }))
  const seconds = Math.round((moment - now) / 1000)
  const size = Math.abs(seconds)
  if (size < 10) return relative.format(0, 'second')
  if (size < 60) return relative.format(seconds, 'second')
  if (size < 3600) return relative.format(Math.round(seconds / 60), 'minute')
  if (size < 86_400) return relative.format(Math.round(seconds / 3600), 'hour')
  return relative.format(Math.round(seconds / 86_400), 'day')
}

/** Whole seconds as 0:09, 4:59 or 1:02:03; never below zero. A part of a second counts as a whole one. */
export function countdownText (ms: number): string {
  const all = Math.max(0, Math.ceil(ms / 1000))
  const two = (n: number): string => String(n).padStart(2, '0')
  const hours = Math.floor(all / 3600)
  const minutes = Math.floor(all / 60) % 60
  return hours > 0 ? `${hours}:${two(minutes)}:${two(all % 60)}` : `${minutes}:${two(all % 60)}`
}
