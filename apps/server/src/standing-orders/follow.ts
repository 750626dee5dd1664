import { giveCommand } from '../controllers/commands.ts'
import { isOnline } from '../controllers/links.ts'
import { sendSettings } from '../controllers/settings.ts'
import type { House } from '../house.ts'
import { perHouse } from '../platform/per-house.ts'

/** The same settings go to the same controller again after so long without a word that it goes by them, then ever less often: one with an older program never says it. */
const AGAIN_MS = 10_000
const LONGEST_AGAIN_MS = 3_600_000
/** A door that did not unlock is told to once more after so long. */
const RETRY_MS = 30_000

/** By controller: the version that went out last from here, and when it may go once more. */
const sent = perHouse((_house: House): Map<string, { version: number, againAt: number, pauseMs: number }> => new Map())

/**
 * Tells controllers that are on line here what stands: first their settings, by which they open for no code, or lock nothing
 * again; then, once they go by them, the doors of an evacuation to unlock, each with a fresh command. So a controller that was
 * off line follows when it comes back, by words that are spoken in its new session; an old message moves nothing. Called when
 * an order changes, when a controller says which settings it goes by, and every second: another server may have given the order.
 */
export async function followOrders (house: House, controllerId?: string): Promise<void> {
  await sendBehind(house, controllerId)
  await unlockEvacuated(house, controllerId)
}

async function sendBehind (house: House, controllerId?: string): Promise<void> {
  const one = controllerId === undefined ? '' : ' AND id = ?'
  const rows = await house.db.ask(`SELECT id, settings_version FROM controllers WHERE removed_at IS NULL AND settings_heard < settings_version${one}`).all(...controllerId === undefined ? [] : [controllerId])
  const now = house.clock()
  for (const row of rows) {
    const id = String(row['id'])
    const version = Number(row['settings_version'])
    const last = sent(house).get(id)
    const isSame = last?.version === version
    if (!isOnline(house, id) || (isSame && now < last.againAt)) continue
    const pauseMs = isSame ? Math.min(LONGEST_AGAIN_MS, 2 * last.pauseMs) : AGAIN_MS
    sent(house).set(id, { version, againAt: now + pauseMs, pauseMs })
    await house.db.write((trx) => sendSettings(trx, house, id), { beside: [] })
  }
}

async function unlockEvacuated (house: House, controllerId?: string): Promise<void> {
  const one = controllerId === undefined ? '' : ' AND c.id = ?'
  const rows = await house.db.ask(`SELECT a.id, a.site_id, a.controller_id, o.id AS order_id, o.reason, p.id AS person_id, p.name AS person FROM access_points a
    JOIN controllers c ON c.id = a.controller_id AND c.removed_at IS NULL AND c.settings_heard >= c.settings_version
    JOIN standing_orders o ON o.id = a.standing_order JOIN people p ON p.id = o.given_by
    WHERE a.standing = 'evacuated' AND a.removed_at IS NULL${one} AND NOT EXISTS (SELECT 1 FROM commands m WHERE m.order_id = o.id AND m.access_point_id = a.id AND (m.status = 'succeeded' OR m.created_at > ?))`)
    .all(...controllerId === undefined ? [] : [controllerId], house.clock() - RETRY_MS)
  for (const row of rows) {
    if (!isOnline(house, String(row['controller_id']))) continue
    const orderId = String(row['order_id'])
    await house.db.write(async (trx) => {
      // It may have ended, or been followed, since it was looked up.
      const stands = await trx.prepare(`SELECT 1 AS found FROM access_points a WHERE a.id = ? AND a.standing_order = ? AND a.standing = 'evacuated'
        AND NOT EXISTS (SELECT 1 FROM commands m WHERE m.order_id = ? AND m.access_point_id = a.id AND (m.status = 'succeeded' OR m.created_at > ?))`).get(String(row['id']), orderId, orderId, house.clock() - RETRY_MS)
      if (stands === undefined) return
      await giveCommand(trx, house, {
        siteId: String(row['site_id']), accessPointId: String(row['id']), op: 'unlock', why: String(row['reason']), askedBy: { id: String(row['person_id']), name: String(row['person']) }, orderId
      })
    })
  }
}

/** A controller says that it goes by other settings than before: whoever looks at the orders is told, and its doors follow. */
export async function heardOrders (house: House, controllerId: string): Promise<void> {
  const rows = await house.db.ask('SELECT 1 AS found FROM standing_orders o JOIN controllers c ON c.site_id = o.site_id WHERE c.id = ? AND o.ended_at IS NULL LIMIT 1').all(controllerId)
  if (rows.length > 0) house.feed.publish({ kind: 'orders' }, [])
  await followOrders(house, controllerId)
}
