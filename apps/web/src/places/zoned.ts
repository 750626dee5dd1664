import { keeper } from '../texts/keeper.ts'

/**
 * Between a moment and what an input of type datetime-local holds (`2026-11-21T14:03`), read in the site's zone
 * rather than the browser's: an operator abroad means the time on the wall at the door.
 */
export function toField (moment: number, timeZone: string): string {
  return new Date(moment + offsetMs(moment, timeZone)).toISOString().slice(0, 16)
}

/** Null when the text is no time. A time that the clocks skip in spring counts as the one an hour later. */
export function fromField (text: string, timeZone: string): number | null {
  const asUtc = /^\d{4,6}-\d\d-\d\dT\d\d:\d\d/.test(text) ? Date.parse(`${text.slice(0, 16)}Z`) : NaN
  if (Number.isNaN(asUtc)) return null
  const guess = asUtc - offsetMs(asUtc, timeZone)
  // The offset at the guess may differ from the one at its neighbour across a change of the clocks.
  const moment = asUtc - offsetMs(guess, timeZone)
  return toField(moment, timeZone) === text.slice(0, 16) ? moment : Math.max(moment, guess)
}

const formats = keeper<Intl.DateTimeFormat>()

/** How far the clocks of a zone are ahead of UTC at a moment, ms. */
function offsetMs (moment: number, timeZone: string): number {
  const format = formats(timeZone, () => new Intl.DateTimeFormat('en', { timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' }))
  const parts = format.formatToParts(moment)
  const of = (type: string): number => Number(parts.find(part => part.type === type)?.value)
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second')) - Math.floor(moment / 1000) * 1000
}
