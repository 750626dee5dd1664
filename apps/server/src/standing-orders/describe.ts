import type { StandingOrder } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'

const MOST_NAMED = 20

/** The orders of a site that stand, the newest first, each with how far it got. */
export async function describeOrders (house: House, siteId: string): Promise<StandingOrder[]> {
  const orders = await house.db.ask(`SELECT o.id, o.kind, o.bank_id, o.access_point_id, o.reason, o.given_at, p.id AS person_id, p.name AS person, coalesce(a.name, b.name, s.name) AS place FROM standing_orders o
    JOIN people p ON p.id = o.given_by JOIN sites s ON s.id = o.site_id LEFT JOIN banks b ON b.id = o.bank_id LEFT JOIN access_points a ON a.id = o.access_point_id
    WHERE o.site_id = ? AND o.ended_at IS NULL ORDER BY o.given_at DESC, o.id DESC`).all(siteId)
  const described: StandingOrder[] = []
  for (const row of orders) {
    const id = String(row['id'])
    const reached = await reachOf(house, id)
    described.push({
      id, kind: row['kind'] === 'lockdown' || row['kind'] === 'evacuation' ? row['kind'] : 'hold',
      bankId: row['bank_id'] === null ? null : String(row['bank_id']), accessPointId: row['access_point_id'] === null ? null : String(row['access_point_id']),
      place: String(row['place']), reason: String(row['reason']), givenBy: { id: String(row['person_id']), name: String(row['person']) }, givenAt: Number(row['given_at']), ...reached
    })
  }
  return described
}

async function reachOf (house: House, orderId: string): Promise<Pick<StandingOrder, 'accessPoints' | 'controllers' | 'unheard' | 'unheardCount' | 'open'>> {
  const points = await house.db.ask(`SELECT count(*) AS count, sum(CASE WHEN s.lock_state = 'unlocked' THEN 1 ELSE 0 END) AS open FROM access_points a
    LEFT JOIN access_point_states s ON s.access_point_id = a.id WHERE a.standing_order = ? AND a.removed_at IS NULL`).get(orderId)
  const controllers = await house.db.ask(`SELECT DISTINCT c.id, c.name, CASE WHEN c.settings_heard >= c.settings_version THEN 1 ELSE 0 END AS heard FROM access_points a
    JOIN controllers c ON c.id = a.controller_id AND c.removed_at IS NULL WHERE a.standing_order = ? AND a.removed_at IS NULL ORDER BY c.name`).all(orderId)
  const unheard = controllers.filter((row) => row['heard'] !== 1)
  return {
    accessPoints: Number(points?.['count'] ?? 0), open: Number(points?.['open'] ?? 0), controllers: controllers.length, unheardCount: unheard.length,
    unheard: unheard.slice(0, MOST_NAMED).map((row) => ({ id: String(row['id']), name: String(row['name']) }))
  }
}
