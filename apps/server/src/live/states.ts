import { readerPolicy } from '@oncekey/otp'
import type { AccessPointState } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { isOnline } from '../controllers/links.ts'

/** Which access points are meant; removed ones never are. */
export type Which = { siteId: string } | { accessPointIds: readonly string[] } | { controllerId: string }

/** The state of access points as last measured, with what their controllers' keypads are up to. In order of name. */
export async function statesOf (house: House, which: Which): Promise<AccessPointState[]> {
  let query = house.db.read.selectFrom('access_points as a').leftJoin('access_point_states as s', 's.access_point_id', 'a.id')
    .leftJoin('controllers as c', 'c.id', 'a.controller_id').select(['a.id', 'a.controller_id', 'c.battery_level', 's.lock_state', 's.door_state', 's.millivolts', 's.last_opened_at', 's.last_opened_by', 'a.standing'])
    .where('a.removed_at', 'is', null).orderBy('a.name')
  if ('siteId' in which) query = query.where('a.site_id', '=', which.siteId)
  else if ('controllerId' in which) query = query.where('a.controller_id', '=', which.controllerId)
  else query = query.where('a.id', 'in', which.accessPointIds)
  const rows = await query.execute()
  const lockedUntil = await lockouts(house, rows.flatMap((row) => row.controller_id ?? []))
  return rows.map((row) => ({
    id: row.id,
    online: isOnline(house, row.controller_id),
    lockState: row.lock_state ?? 'unknown',
    doorState: row.door_state ?? 'unknown',
    millivolts: row.millivolts ?? 0,
    battery: row.battery_level ?? 'ok',
    lockedOutUntil: lockedUntil.get(row.controller_id ?? '') ?? null,
    lastOpenedAt: row.last_opened_at,
    lastOpenedBy: row.last_opened_by,
    standing: row.standing
  }))
}

/** A state as holders see it: they are not told about each other. */
export function forHolders (state: AccessPointState): AccessPointState {
  return { ...state, lastOpenedBy: null }
}

/** Tells pages the state of access points: operators, and whoever may open them. */
export async function tellStates (house: House, which: Which): Promise<void> {
  if (!house.feed.isHeard) return
  const states = await statesOf(house, which)
  const holders = await holdersOf(house, states.map((state) => state.id))
  for (const state of states) house.feed.publish({ kind: 'state', state }, holders.get(state.id) ?? [])
}

/** Who may open each of these access points now. */
export async function holdersOf (house: House, accessPointIds: readonly string[]): Promise<Map<string, string[]>> {
  const holders = new Map<string, string[]>()
  if (accessPointIds.length === 0) return holders
  const now = house.clock()
  const rows = await house.db.read.selectFrom('grants').select(['access_point_id', 'person_id']).where('access_point_id', 'in', accessPointIds)
    .where('ended_at', 'is', null).where((eb) => eb.and([
      eb.or([eb('starts_at', 'is', null), eb('starts_at', '<=', now)]), eb.or([eb('ends_at', 'is', null), eb('ends_at', '>', now)])
    ])).execute()
  for (const row of rows) holders.set(row.access_point_id, [...holders.get(row.access_point_id) ?? [], row.person_id])
  return holders
}

/** Ends of the present lockouts of keypads, by controller id; those without one are left out. */
async function lockouts (house: House, controllerIds: readonly string[]): Promise<Map<string, number>> {
  const wanted = new Set(controllerIds)
  if (wanted.size === 0) return new Map()
  // Most keypads have seen no wrong entry that still counts: they have no budget, and nothing to be asked.
  const counted = await house.db.ask('SELECT b.scope FROM otp_budgets b JOIN controllers c ON c.id = b.scope WHERE b.forget_at > ?').all(house.clock())
  const ids = counted.map((row) => String(row['scope'])).filter((id) => wanted.has(id))
  if (ids.length === 0) return new Map()
  return house.db.write(async () => {
    const until = new Map<string, number>()
    for (const scope of ids) {
      const { lockedUntil } = await house.otp.status({ scope, policy: readerPolicy })
      if (lockedUntil !== null) until.set(scope, lockedUntil)
    }
    return until
  }, { beside: [] })
}
