import type { OffsetMs } from '@oncekey/protocol/access'

/** By time zone. To make one takes far longer than to use it. Bounded: sites have zones that the platform knew, some 600 with all their names. */
const offsets = new Map<string, OffsetMs>()

/** How far the clocks of a time zone are ahead of UTC. A zone that this platform does not know counts as UTC, as in live/counts.ts. */
export function offsetIn (timeZone: string): OffsetMs {
  let offset = offsets.get(timeZone)
  if (offset === undefined) {
    offset = offsetOf(timeZone)
    offsets.set(timeZone, offset)
  }
  return offset
}

function offsetOf (timeZone: string): OffsetMs {
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' })
  } catch {
    return () => 0
  }
  // Asked twice and more of the same moment, and each answer takes 10 us and more. No clock of the world has been put forward or
  // back but at a quarter of an hour of UTC since 1972.
  let quarter = -1
  let last = 0
  return (moment) => {
    if (Math.floor(moment / QUARTER_MS) !== quarter) {
      last = offsetAt(format, moment)
      quarter = Math.floor(moment / QUARTER_MS)
    }
    return last
  }
}

const QUARTER_MS = 900_000

function offsetAt (format: Intl.DateTimeFormat, moment: number): number {
  const of = new Map<string, number>()
  for (const { type, value } of format.formatToParts(moment)) of.set(type, Number(value))
  const get = (type: string): number => of.get(type) ?? 0
  return Date.UTC(get('year'), get('month') - 1, get('day'), get('hour'), get('minute'), get('second')) - Math.floor(moment / 1000) * 1000
}
