import type { DoorCode, DoorCodeDelivery } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { maskAddress } from '../notify/mask.ts'

const RECENT_MS = 3_600_000
const MOST = 50

/** Live codes and waiting requests, the newest first; of one door also those of the last hour. */
export async function doorCodesOf (house: House, siteId: string, accessPointId?: string): Promise<DoorCode[]> {
  const now = house.clock()
  let query = house.db.read.selectFrom('door_codes as d').innerJoin('access_points as a', 'a.id', 'd.access_point_id')
    .select(['d.id', 'd.access_point_id', 'a.name', 'a.door_mode', 'd.mode', 'd.state', 'd.created_at', 'd.expires_at', 'd.ended_at']).where('d.site_id', '=', siteId)
  query = accessPointId === undefined
    ? query.where('d.state', 'in', ['waiting', 'issued']).where('d.expires_at', '>', now)
    : query.where('d.access_point_id', '=', accessPointId).where('d.created_at', '>', now - RECENT_MS)
  const rows = await query.orderBy('d.created_at', 'desc').orderBy('d.id', 'desc').limit(MOST).execute()
  if (rows.length === 0) return []
  const sent = await house.db.read.selectFrom('outbox').leftJoin('people', (join) => join.onRef('people.email', '=', 'outbox.recipient').on('people.site_id', '=', siteId).on('people.removed_at', 'is', null))
    .select(['outbox.challenge_id', 'outbox.recipient', 'outbox.state', 'outbox.error', 'people.name']).where('outbox.challenge_id', 'in', rows.map((row) => row.id)).orderBy('outbox.created_at').orderBy('outbox.id').execute()
  return rows.map((row) => ({
    id: row.id, accessPointId: row.access_point_id, accessPointName: row.name, mode: row.mode, state: row.state, createdAt: row.created_at, expiresAt: row.expires_at, endedAt: row.ended_at,
    opens: row.door_mode === 'opens',
    deliveries: sent.filter((one) => one.challenge_id === row.id).map((one): DoorCodeDelivery => ({
      name: one.name ?? maskAddress(one.recipient), channel: 'email', error: one.error,
      state: one.state !== 'waiting' ? one.state : one.error === null ? 'onItsWay' : 'retrying'
    }))
  }))
}
