import type { AccessFacts } from '@oncekey/protocol/access'
import type { Role } from '@oncekey/protocol/schemas'
import { calendarOf, grantsOf } from '../grants/facts.ts'
import type { Prepare } from '../platform/db.ts'
import { isAtLeast } from '../platform/http.ts'
import { standingFacts } from './standing.ts'

export type Point = { id: string, name: string, place: string, controllerId: string | null, lock: number }
export type Holder = { id: string, name: string, email: string }
/** What is known of a person and an access point. Null: there never was one of this id at this site. */
export type Known = { facts: AccessFacts, point: Point | null, holder: Holder | null }

/**
 * Everything that decides whether a person may open an access point at a moment. Two rows, the grants, and the calendar only
 * where a grant asks for it.
 * @param isConnected whether a controller is on line; only unlocking from afar needs it
 */
export async function accessFacts (prepare: Prepare, { siteId, personId, accessPointId, at, isConnected = () => false }: {
  siteId: string, personId: string, accessPointId: string, at: number, isConnected?: (controllerId: string) => boolean
}): Promise<Known> {
  const place = await prepare(`SELECT a.id, a.name, a.controller_id, a.lock, a.removed_at, a.standing, c.battery_level, coalesce(b.name, s.name) AS place FROM access_points a
    LEFT JOIN controllers c ON c.id = a.controller_id JOIN sites s ON s.id = a.site_id LEFT JOIN banks b ON b.id = a.bank_id WHERE a.id = ? AND a.site_id = ?`).get(accessPointId, siteId)
  const person = await prepare('SELECT id, name, email, role, suspended_at, removed_at FROM people WHERE id = ? AND site_id = ?').get(personId, siteId)
  const grants = place === undefined || person === undefined ? [] : await grantsOf(prepare, personId, accessPointId)
  const controllerId = place?.['controller_id'] ?? null
  const calendar = grants.some((grant) => grant.schedule !== null) ? await calendarOf(prepare, siteId, at) : { holidays: [], offsetMs: () => 0 }
  return {
    point: place === undefined ? null : { id: String(place['id']), name: String(place['name']), place: String(place['place']), controllerId: controllerId === null ? null : String(controllerId), lock: Number(place['lock']) },
    holder: person === undefined ? null : { id: String(person['id']), name: String(person['name']), email: String(person['email']) },
    facts: {
      now: at, ...calendar, grants,
      accessPoint: {
        isThere: place !== undefined && place['removed_at'] === null, hasController: controllerId !== null, isConnected: controllerId !== null && isConnected(String(controllerId)),
        isBatteryLow: controllerId !== null && place?.['battery_level'] !== 'ok', ...standingFacts(place?.['standing'])
      },
      person: { isThere: person !== undefined && person['removed_at'] === null, isSuspended: person !== undefined && person['suspended_at'] !== null, mayCommand: isAtLeast(roleOf(person?.['role']), 'operator'), mayOverride: isAtLeast(roleOf(person?.['role']), 'admin') }
    }
  }
}

function roleOf (word: unknown): Role {
  return word === 'owner' || word === 'admin' || word === 'operator' ? word : 'member'
}
