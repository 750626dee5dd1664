import type { Standing } from '@oncekey/protocol/messages'
import type { Row, Trx } from '../platform/db.ts'
import { inTurns, marks } from '../platform/many.ts'

export type LiveOrder = { id: string, kind: 'hold' | 'lockdown' | 'evacuation', bankId: string | null, accessPointId: string | null }
type Place = { id: string, kind: string, bankId: string | null }
type Ruled = { standing: Standing | null, orderId: string | null }
type Changed = { accessPointIds: string[], controllerIds: string[] }

const FREE: Ruled = { standing: null, orderId: null }
/** Names of one statement. */
const SIZES = [500, 50, 1]

/**
 * What the orders that stand make of a place. Of lockdowns and evacuations the newest counts, so that whoever is there can
 * correct what was wrong; an evacuation opens also what is held, because people come first; a hold goes on in a lockdown.
 * @param orders the newest first
 */
export function ruledBy (orders: readonly LiveOrder[], place: Place): Ruled {
  const mine = orders.filter((order) => covers(order, place))
  const [emergency] = mine.filter(({ kind }) => kind === 'lockdown' || (kind === 'evacuation' && place.kind === 'door'))
  if (emergency?.kind === 'evacuation') return { standing: 'evacuated', orderId: emergency.id }
  const hold = mine.find(({ kind }) => kind === 'hold')
  if (hold !== undefined) return { standing: 'held', orderId: hold.id }
  return emergency === undefined ? FREE : { standing: 'lockedDown', orderId: emergency.id }
}

function covers ({ bankId, accessPointId }: LiveOrder, place: Place): boolean {
  return accessPointId !== null ? accessPointId === place.id : bankId === null || bankId === place.bankId
}

/** The orders of a site that stand, the newest first. */
export async function liveOrders (trx: Pick<Trx, 'prepare'>, siteId: string): Promise<LiveOrder[]> {
  const rows = await trx.prepare('SELECT id, kind, bank_id, access_point_id FROM standing_orders WHERE site_id = ? AND ended_at IS NULL ORDER BY given_at DESC, id DESC').all(siteId)
  return rows.map((row) => ({ id: String(row['id']), kind: kindOf(row['kind']), bankId: textOf(row['bank_id']), accessPointId: textOf(row['access_point_id']) }))
}

/**
 * Writes what stands into the rows of a site's access points, or of one that is new, and gives the controllers of all that
 * changed the next version of their settings. Call it in a write that is alone: then an entry is either wholly before an
 * order or wholly after it, on either database and with several servers. What controllers are told is told by `followOrders`.
 * @returns the access points that changed, and their controllers
 */
export async function settleStanding (trx: Trx, siteId: string, accessPointId?: string): Promise<Changed> {
  const orders = await liveOrders(trx, siteId)
  // A new place of a calm site: nothing to write.
  if (accessPointId !== undefined && orders.length === 0) return { accessPointIds: [], controllerIds: [] }
  const one = accessPointId === undefined ? '' : ' AND id = ?'
  const rows = await trx.prepare(`SELECT id, kind, bank_id, controller_id, standing, standing_order FROM access_points WHERE site_id = ? AND removed_at IS NULL${one}`).all(siteId, ...accessPointId === undefined ? [] : [accessPointId])
  const groups = new Map<string, { ruled: Ruled, ids: string[] }>()
  const changed: Row[] = []
  for (const row of rows) {
    const ruled = ruledBy(orders, { id: String(row['id']), kind: String(row['kind']), bankId: textOf(row['bank_id']) })
    if (ruled.standing === row['standing'] && ruled.orderId === row['standing_order']) continue
    changed.push(row)
    const key = `${ruled.standing} ${ruled.orderId}`
    const group = groups.get(key) ?? { ruled, ids: [] }
    group.ids.push(String(row['id']))
    groups.set(key, group)
  }
  for (const { ruled, ids } of groups.values()) {
    await inTurns(SIZES, ids, (some) => trx.prepare(`UPDATE access_points SET standing = ?, standing_order = ? WHERE id IN (${marks(some.length)})`).run(ruled.standing, ruled.orderId, ...some))
  }
  const controllerIds = [...new Set(changed.flatMap((row) => row['controller_id'] === null ? [] : String(row['controller_id'])))]
  await inTurns(SIZES, controllerIds, (some) => trx.prepare(`UPDATE controllers SET settings_version = settings_version + 1 WHERE removed_at IS NULL AND id IN (${marks(some.length)})`).run(...some))
  return { accessPointIds: changed.map((row) => String(row['id'])), controllerIds }
}

function textOf (value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function kindOf (value: unknown): LiveOrder['kind'] {
  return value === 'lockdown' || value === 'evacuation' ? value : 'hold'
}
