import { MAX_PINS, type Pins } from '@oncekey/protocol/messages'
import { limitsOf } from '../access/reader.ts'
import type { Named } from '../audit/append.ts'
import { isOnline, sayTo } from '../controllers/links.ts'
import type { House } from '../house.ts'
import type { Row, Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { pinDigits } from './digits.ts'

const DAY_MS = 86_400_000

/**
 * Tells a controller, in its session, which pins open without us and until when. Call it in the transaction of whatever
 * changes that: it is said once that is durable, and lists leave in the order of their commits.
 */
export async function lendPins (trx: Trx, house: House, controllerId: string): Promise<void> {
  const row = await trx.prepare('SELECT pin_lease_ms, pins_until FROM controllers WHERE id = ? AND removed_at IS NULL').get(controllerId)
  // Off line it hears of it with the next session: see `opened`.
  if (row === undefined || (row['pin_lease_ms'] === null && row['pins_until'] === null) || !isOnline(house, controllerId)) return
  const now = house.clock()
  const digits = pinDigits((await limitsOf(trx, controllerId, house.leastDigits)).digits)
  const isLent = row['pin_lease_ms'] !== null
  const until = isLent ? now + Number(row['pin_lease_ms']) : 0
  const rows = isLent
    ? await trx.prepare(`SELECT p.ends_at, p.verifier, p.duress_verifier, a.lock FROM pins p JOIN access_points a ON a.id = p.access_point_id AND a.controller_id = p.controller_id AND a.removed_at IS NULL
        WHERE p.controller_id = ? AND p.digits = ? AND p.ended_at IS NULL AND p.verifier <> '' AND (p.ends_at IS NULL OR p.ends_at > ?) ORDER BY p.created_at, p.id LIMIT ?`).all(controllerId, digits, now, MAX_PINS)
    : []
  const list: Omit<Pins, 's' | 'n'> = {
    until, digits, pins: rows.flatMap((one) => verifiersOf(one).map((verifier) => ({ lock: Number(one['lock']), ends: Number(one['ends_at'] ?? 0), verifier })))
  }
  await trx.prepare('UPDATE controllers SET pins_until = ?, pins_at = ? WHERE id = ?').run(isLent ? until : null, now, controllerId)
  trx.after(() => { sayTo(house, controllerId, 'pins', list) })
}

/**
 * Whether, and for how many days after it last heard from us, a controller takes known pins by itself. 0: not at all.
 * @throws Problem notFound
 */
export async function setPinLease (trx: Trx, house: House, { siteId, controllerId, days, actor }: { siteId: string, controllerId: string, days: number, actor: Named }): Promise<void> {
  const row = await trx.prepare('SELECT name, pin_lease_ms FROM controllers WHERE id = ? AND site_id = ? AND removed_at IS NULL').get(controllerId, siteId)
  if (row === undefined) throw new Problem('notFound')
  if (Number(row['pin_lease_ms'] ?? 0) === days * DAY_MS) return
  await trx.prepare('UPDATE controllers SET pin_lease_ms = ? WHERE id = ?').run(days === 0 ? null : days * DAY_MS, controllerId)
  house.audit.append(trx, house.clock(), { event: 'controller.changed', actor, controller: { id: controllerId, name: String(row['name']) }, details: { offlinePinDays: days } })
  await lendPins(trx, house, controllerId)
}

/** Leases of controllers that are on line begin anew, a quarter of their length after they began. */
export async function renewLeases (house: House): Promise<void> {
  const now = house.clock()
  const rows = await house.db.read.selectFrom('controllers').select(['id', 'pin_lease_ms', 'pins_at']).where('pin_lease_ms', 'is not', null).where('removed_at', 'is', null).execute()
  const due = rows.filter((row) => isOnline(house, row.id) && now >= (row.pins_at ?? 0) + Number(row.pin_lease_ms) / 4)
  if (due.length === 0) return
  await house.db.write(async (trx) => {
    for (const row of due) await lendPins(trx, house, row.id)
  })
}

/** What a door compares for a pin. In the order of their bytes: which is for duress is nobody's to see, at the door or on the way. */
function verifiersOf (row: Row): string[] {
  return [row['verifier'], row['duress_verifier']].flatMap((one) => one == null ? [] : [String(one)]).toSorted()
}

/** Days of a lease as they are set and shown. */
export function leaseDays (leaseMs: number | null): number {
  return Math.round((leaseMs ?? 0) / DAY_MS)
}
