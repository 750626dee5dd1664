import type { OffsetMs } from '@oncekey/protocol/access'
import type { Row } from '../platform/db.ts'
import { bucketOf } from './latency.ts'

/** Raised when rows are counted in another way: everything is counted anew then. */
export const WAY = 1
const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000
/** Whoever has looked longer than this for what a code moved has not seen it move; as in codes/sweep.ts. */
const LONGEST_MS = 60_000
/** A door that was off line tells later what it did; its clock is believed for so long. */
const LATE_MS = 31 * DAY_MS

/** What a row is asked for; `payload` only of events in `withDetails`. */
export const COLUMNS = 'seq, time, event, actor_id, subject_id, access_point_id, reason'
export const withDetails = ['door.codeRequested', 'access.granted', 'lock.actuated'] as const

/** Added up of some rows, by what it is added to in the tables. */
export type Counts = { hours: Map<number, number>, /** `what`, day and access point with a tab between. */ days: Map<string, number> }
/** When something was granted at an access point and its bolt was not seen to move yet. */
export type Held = Record<string, number>

/**
 * Adds rows of the record up, in their order. What is counted (`what`):
 * `opened` by access point; `refused:` and why; of codes `asked`, `shown` to whoever asked, `sent` as a message, `typed` and taken,
 * `moved`: the bolt then was where it was to be; `took:` and the bucket: from the yes to a keypad to the word that the bolt is open.
 * An opening counts when its door says that it was, if the door knew the time; all else when it was written down.
 * @param held changed: what this batch leaves to the next one
 */
export function countRows (rows: readonly Row[], held: Held, offsetMs: OffsetMs): Counts {
  const counts: Counts = { hours: new Map(), days: new Map() }
  let last = 0
  for (const row of rows) {
    const time = Number(row['time'])
    const point = row['access_point_id'] === null ? '' : String(row['access_point_id'])
    const add = (what: string, at = time, accessPointId = ''): void => {
      const name = `${what}\t${Math.floor((at + offsetMs(at)) / DAY_MS)}\t${accessPointId}`
      counts.days.set(name, (counts.days.get(name) ?? 0) + 1)
    }
    last = time
    switch (row['event']) {
      case 'access.denied': add(`refused:${row['reason'] ?? 'erased'}`); break
      case 'code.issued':
        add('asked')
        if (row['actor_id'] !== null && row['actor_id'] === row['subject_id']) add('shown')
        break
      case 'code.delivered': case 'door.codeSent': case 'door.codeSentInPart': add('sent'); break
      case 'door.codeRequested': if (detailsOf(row)?.['refused'] === undefined) add('asked'); break
      case 'access.granted': {
        const details = detailsOf(row)
        if (details?.['codeId'] !== undefined) add('typed')
        if (details?.['mode'] === 'unlock' && point !== '') held[point] = time
        break
      }
      case 'lock.actuated': {
        const details = detailsOf(row)
        // Erased: nobody knows any more whether it opened.
        if (details === null) break
        const { mode, lockState, source } = details
        const isOpen = mode === 'unlock' && lockState === 'unlocked'
        if (isOpen) {
          const at = happenedAt(details, time)
          const hour = Math.floor((at + offsetMs(at)) / HOUR_MS)
          counts.hours.set(hour, (counts.hours.get(hour) ?? 0) + 1)
          add('opened', at, point)
        }
        if (!isOpen && !(mode === 'lock' && lockState === 'locked')) break
        const isOffline = source === 'offlineCode' && details['codeId'] !== undefined
        if (isOffline) add('typed', happenedAt(details, time))
        if (isOffline || (source === 'keypad' && details['pinId'] === undefined)) add('moved', happenedAt(details, time))
        const granted = held[point]
        if (!isOpen || source !== 'keypad' || granted === undefined) break
        delete held[point]
        if (time >= granted && time - granted <= LONGEST_MS) add(`took:${bucketOf(time - granted)}`)
      }
    }
  }
  for (const [point, granted] of Object.entries(held)) if (Math.abs(last - granted) > LONGEST_MS) delete held[point]
  return counts
}

function detailsOf (row: Row): Record<string, unknown> | null {
  // We wrote this text ourselves; null: it was erased.
  return row['payload'] === null || row['payload'] === undefined ? null : (JSON.parse(String(row['payload'])) as { details: Record<string, unknown> }).details
}

function happenedAt ({ at, trust }: Record<string, unknown>, time: number): number {
  return (trust === 'synced' || trust === 'rtc') && typeof at === 'number' && at < time && at > time - LATE_MS ? at : time
}
