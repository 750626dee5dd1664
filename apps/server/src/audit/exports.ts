import type { AuditExports } from '@oncekey/protocol/schemas'
import type { Readable } from 'node:stream'
import type { House } from '../house.ts'
import { perHouse } from '../platform/per-house.ts'
import { Problem } from '../platform/problems.ts'

/** How far a file is that a browser fetches. `share`: 0 to 1. */
export type Progress = { rows: number, share: number }
type Followed = Progress & { ticket: string, personId: string, ended: 'whole' | 'cut' | null, stream: Readable | null }

/** Ended ones go when there are more. */
const MOST_FOLLOWED = 20
const followed = perHouse((_house: House): Map<string, Followed> => new Map())

/** Follows a file by the name that its page gave it. What it returns is told how far it is. */
export function followExport (house: House, { ticket, personId }: { ticket: string, personId: string }): Progress & { begun: (stream: Readable) => void, failed: () => void } {
  const all = followed(house)
  // Of two with one name the page would hear about either.
  if (all.has(ticket)) throw new Problem('badRequest', { errors: [{ field: 'ticket', needs: 'a UUID that was not used before' }] })
  for (const one of all.values()) if (all.size >= MOST_FOLLOWED && one.ended !== null) all.delete(one.ticket)
  const one: Followed = { ticket, personId, rows: 0, share: 0, ended: null, stream: null }
  all.set(ticket, one)
  return Object.assign(one, {
    begun (stream: Readable) {
      one.stream = stream
      stream.once('close', () => { one.ended = stream.readableEnded ? 'whole' : 'cut' })
    },
    failed () { all.delete(ticket) }
  })
}

/** Somebody's files under way, and those that ended lately, of this server. */
export function ownExports (house: House, personId: string): AuditExports {
  return { exports: [...followed(house).values()].filter((one) => one.personId === personId).map(({ ticket, rows, share, ended }) => ({ ticket, rows, share, ended })) }
}

/** Cuts a file off; the browser says that it failed. @throws Problem notFound for a file that is not theirs, or not under way */
export function cancelExport (house: House, { ticket, personId }: { ticket: string, personId: string }): void {
  const one = followed(house).get(ticket)
  if (one === undefined || one.personId !== personId || one.stream === null || one.ended !== null) throw new Problem('notFound')
  one.stream.destroy()
}
