/** The half hours in which codes begin that work without a network; they count from full and half hours of UTC, as doors count them. */
const lengthMs = 1_800_000
/** How far ahead one may begin. */
export const farthestMs = 30 * 86_400_000

/** The window of a code that is asked for at `now` and is to begin at `from`: the nearest half hour, as far as it is still to come. */
export function halfHour (from: number, now: number): { from: number, until: number } {
  const start = Math.floor((from + lengthMs / 2) / lengthMs) * lengthMs
  return { from: Math.max(start, now), until: start + lengthMs }
}

/**
 * What is wrong with a half hour that somebody wishes; null: nothing.
 * @param endsAt when they may open it no longer; null: not known
 */
export function wrongHalfHour ({ from, until }: { from: number, until: number }, now: number, endsAt: number | null): 'past' | 'far' | 'accessEnds' | null {
  if (until <= now) return 'past'
  if (from > now + farthestMs) return 'far'
  return endsAt !== null && until > endsAt ? 'accessEnds' : null
}

/** Like "21 Nov 2026, 14:00–14:30", in a zone. */
export function windowText (from: number, until: number, { language, timeZone }: { language: string, timeZone: string }): string {
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone }).formatRange(from, until)
}
