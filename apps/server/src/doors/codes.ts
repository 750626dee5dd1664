import type { DoorCode, DoorCodeDelivery } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { maskAddress } from '../notify/mask.ts'
import { isAtLeast, type Caller } from '../platform/http.ts'
import { approversOf, mayDecide } from './approvers.ts'

const RECENT_MS = 3_600_000
const MOST = 50

/** Live codes and waiting requests, the newest first; of one door also those of the last hour. To members only the requests that they may answer, without who gets codes. */
export async function doorCodesOf (house: House, caller: Pick<Caller, 'id' | 'role' | 'siteId'>, accessPointId?: string): Promise<DoorCode[]> {
  const { siteId } = caller
  const seesAll = isAtLeast(caller.role, 'operator')
  const now = house.clock()
  let query = house.db.read.selectFrom('door_codes as d').innerJoin('access_points as a', 'a.id', 'd.access_point_id')
    .select(['d.id', 'd.access_point_id', 'a.name', 'a.door_mode', 'd.mode', 'd.state', 'd.created_at', 'd.expires_at', 'd.ended_at']).where('d.site_id', '=', siteId)
  if (!seesAll) query = query.where('d.state', '=', 'waiting').where('d.expires_at', '>', now).where((eb) => eb.exists(eb.selectFrom('door_approvers as r').select('r.person_id').whereRef('r.access_point_id', '=', 'd.access_point_id').where('r.person_id', '=', caller.id)))
  query = accessPointId === undefined
    ? query.where('d.state', 'in', ['waiting', 'issued']).where('d.expires_at', '>', now)
    : query.where('d.access_point_id', '=', accessPointId).where('d.created_at', '>', now - RECENT_MS)
  const rows = await query.orderBy('d.created_at', 'desc').orderBy('d.id', 'desc').limit(MOST).execute()
  if (rows.length === 0) return []
  const approvers = new Map<string, { id: string }[]>()
  for (const { access_point_id: id } of rows) if (!approvers.has(id)) approvers.set(id, await approversOf(house.db.read, id))
  const sent = !seesAll ? [] : await house.db.read.selectFrom('outbox').leftJoin('people', (join) => join.onRef('people.email', '=', 'outbox.recipient').on('people.site_id', '=', siteId).on('people.removed_at', 'is', null))
    .select(['outbox.challenge_id', 'outbox.recipient', 'outbox.state', 'outbox.error', 'people.name']).where('outbox.challenge_id', 'in', rows.map((row) => row.id)).orderBy('outbox.created_at').orderBy('outbox.id').execute()
  return rows.map((row) => ({
    id: row.id, accessPointId: row.access_point_id, accessPointName: row.name, mode: row.mode, state: row.state, createdAt: row.created_at, expiresAt: row.expires_at, endedAt: row.ended_at,
    opens: row.door_mode === 'opens', mayDecide: mayDecide(caller, approvers.get(row.access_point_id) ?? []),
    deliveries: sent.filter((one) => one.challenge_id === row.id).map((one): DoorCodeDelivery => ({
      name: one.name ?? maskAddress(one.recipient), channel: 'email', error: one.error,
      state: one.state !== 'waiting' ? one.state : one.error === null ? 'onItsWay' : 'retrying'
    }))
  }))
}
