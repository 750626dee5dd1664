import { randomBytes } from 'node:crypto'
import { drawDigits } from '@oncekey/otp'
import { pinVerifier } from '@oncekey/otp/offline'
import { MAX_PINS } from '@oncekey/protocol/messages'
import type { PinMade, PinsAnswer } from '@oncekey/protocol/schemas'
import { limitsOf } from '../access/reader.ts'
import type { Named } from '../audit/append.ts'
import { offlineDoor } from '../codes/offline.ts'
import { oldProgramOf } from '../compat/state.ts'
import { linesOf } from '../controllers/links.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { MORE_DIGITS, pinDigits, pinHash } from './digits.ts'
import { lendPins } from './lend.ts'
import { isSlip } from './slip.ts'

/** At a controller; the chance of guessing one is then at most 16 * 84 / 10^8 a day. */
const MOST_PINS = MAX_PINS

export type PinOrder = { siteId: string, accessPointId: string, label: string, endsAt?: number | undefined, /** With a second one beside it, that opens the same and calls for help. */ duress?: boolean | undefined, actor: Named }

/**
 * Makes a standing pin. Its digits are in the answer and nowhere else.
 * @throws Problem notFound, controllerOffline (no controller at all, or an old program), badRequest (its end is past), pinsFull
 */
export async function makePin (trx: Trx, house: House, { siteId, accessPointId, label, endsAt, duress = false, actor }: PinOrder): Promise<PinMade> {
  const now = house.clock()
  const { point, controllerId } = await pointOf(trx, siteId, accessPointId)
  if (controllerId === null) throw new Problem('controllerOffline', { detail: 'No controller drives this lock yet.' })
  if (await oldProgramOf(trx.prepare, controllerId) !== null) throw new Problem('controllerOffline', { detail: 'An old program drives this door: it takes no pins.' })
  if (endsAt !== undefined && endsAt <= now) throw new Problem('badRequest', { errors: [{ field: 'endsAt', needs: 'a moment after now' }] })
  if (await livePins(trx, controllerId, now) + (duress ? 2 : 1) > MOST_PINS) throw new Problem('pinsFull')
  const door = await offlineDoor(trx, house, controllerId)
  if (door === null) throw new Problem('notFound')

  const { digits: codeDigits } = await limitsOf(trx, controllerId, house.leastDigits)
  const digits = await freshDigits(trx, house, controllerId, pinDigits(codeDigits))
  const second = duress ? await freshDigits(trx, house, controllerId, digits.length, digits) : null
  const id = house.newId()
  await trx.sql.insertInto('pins').values({
    id, controller_id: controllerId, access_point_id: point.id, label, hash: pinHash(house, house.keys.current, controllerId, digits), digits: digits.length,
    verifier: pinVerifier(door.key, digits, linesOf(house).hmac), made_by: actor.id, created_at: now, ends_at: endsAt ?? null, ended_at: null, used_at: null, request_id: null,
    duress_hash: second === null ? null : pinHash(house, house.keys.current, controllerId, second), duress_verifier: second === null ? null : pinVerifier(door.key, second, linesOf(house).hmac)
  }).execute()
  house.audit.append(trx, now, { event: 'pin.made', actor, accessPoint: point, details: { pin: label, pinId: id, endsAt: endsAt ?? null } })
  await lendPins(trx, house, controllerId)
  return { digits, duressDigits: second, pin: { id, label, madeBy: actor.name, createdAt: now, endsAt: endsAt ?? null, usedAt: null, revokedAt: null, opensUntil: null } }
}

/** Ends a pin. Harmless when it has ended. @throws Problem notFound */
export async function revokePin (trx: Trx, house: House, { siteId, pinId, actor }: { siteId: string, pinId: string, actor: Named }): Promise<void> {
  const row = await trx.prepare(`SELECT p.controller_id, p.label, p.ended_at, a.id, a.name FROM pins p JOIN access_points a ON a.id = p.access_point_id
    WHERE p.id = ? AND a.site_id = ? AND a.removed_at IS NULL`).get(pinId, siteId)
  if (row === undefined) throw new Problem('notFound')
  if (row['ended_at'] !== null) return
  const now = house.clock()
  await trx.prepare('UPDATE pins SET ended_at = ? WHERE id = ?').run(now, pinId)
  house.audit.append(trx, now, { event: 'pin.revoked', actor, accessPoint: { id: String(row['id']), name: String(row['name']) }, details: { pin: String(row['label']), pinId } })
  await lendPins(trx, house, String(row['controller_id']))
}

/** With what they open, their pins end. @returns how many */
export async function endPins (trx: Trx, house: House, which: { accessPointId: string } | { controllerId: string }): Promise<number> {
  const [column, id] = 'accessPointId' in which ? ['access_point_id', which.accessPointId] : ['controller_id', which.controllerId]
  const now = house.clock()
  const rows = await trx.prepare(`SELECT DISTINCT controller_id FROM pins WHERE ${column} = ? AND ended_at IS NULL`).all(id)
  const { changes } = await trx.prepare(`UPDATE pins SET ended_at = ? WHERE ${column} = ? AND ended_at IS NULL`).run(now, id)
  for (const row of rows) await lendPins(trx, house, String(row['controller_id']))
  return Number(changes)
}

/** The pins of an access point, the newest first. @throws Problem notFound */
export async function pinsOf (trx: Trx, house: House, siteId: string, accessPointId: string): Promise<PinsAnswer> {
  const now = house.clock()
  const { controllerId } = await pointOf(trx, siteId, accessPointId)
  const rows = await trx.prepare(`SELECT p.id, p.label, p.created_at, p.ends_at, p.used_at, p.ended_at, m.name, c.pins_until, c.pins_at
    FROM pins p JOIN people m ON m.id = p.made_by JOIN controllers c ON c.id = p.controller_id
    WHERE p.access_point_id = ? AND p.controller_id = ? AND (p.ends_at IS NULL OR p.ends_at > ?) AND (p.ended_at IS NULL OR (p.ended_at > c.pins_at AND c.pins_until > ? AND p.created_at <= c.pins_at))
    ORDER BY p.created_at DESC, p.id DESC`).all(accessPointId, controllerId ?? '', now, now)
  return {
    room: controllerId === null ? 0 : Math.max(0, MOST_PINS - await livePins(trx, controllerId, now)),
    pins: rows.map((row) => ({
      id: String(row['id']), label: String(row['label']), madeBy: String(row['name']), createdAt: Number(row['created_at']), endsAt: moment(row['ends_at']), usedAt: moment(row['used_at']),
      revokedAt: moment(row['ended_at']), opensUntil: row['ended_at'] === null ? null : Math.min(Number(row['pins_until']), moment(row['ends_at']) ?? Infinity)
    }))
  }
}

/** How many of a controller's pins open now. */
async function livePins (trx: Trx, controllerId: string, now: number): Promise<number> {
  return (await livePinDigits(trx, controllerId, now)).reduce((sum, { live }) => sum + live, 0)
}

/** The same, for each number of digits. */
export async function livePinDigits (trx: Trx, controllerId: string, now: number): Promise<{ digits: number, live: number }[]> {
  const rows = await trx.prepare('SELECT digits, count(*) + count(duress_hash) AS live FROM pins WHERE controller_id = ? AND ended_at IS NULL AND (ends_at IS NULL OR ends_at > ?) GROUP BY digits').all(controllerId, now)
  return rows.map((row) => ({ digits: Number(row['digits']), live: Number(row['live']) }))
}

/** Digits that no pin of this keypad has or had, and no slip of `first`. Twelve of them do not begin with 0: with up to 96 locks they are no offline code then. */
async function freshDigits (trx: Trx, house: House, controllerId: string, count: number, first: string | null = null): Promise<string> {
  for (let tries = 0; tries < 100; tries++) {
    const digits = drawDigits(count, (bytes) => randomBytes(bytes))
    if (count === MORE_DIGITS && digits.startsWith('0')) continue
    if (first !== null && isSlip(first, digits)) continue
    const hashes = house.keys.keyIds.map((keyId) => pinHash(house, keyId, controllerId, digits))
    const among = hashes.map(() => '?').join(', ')
    const taken = await trx.prepare(`SELECT 1 AS taken FROM pins WHERE hash IN (${among}) OR duress_hash IN (${among})`).get(...hashes, ...hashes)
    if (taken === undefined) return digits
  }
  throw new Error('No free pin was drawn.')
}

async function pointOf (trx: Trx, siteId: string, accessPointId: string): Promise<{ point: Named, controllerId: string | null }> {
  const row = await trx.prepare('SELECT id, name, controller_id FROM access_points WHERE id = ? AND site_id = ? AND removed_at IS NULL').get(accessPointId, siteId)
  if (row === undefined) throw new Problem('notFound')
  return { point: { id: String(row['id']), name: String(row['name']) }, controllerId: row['controller_id'] === null ? null : String(row['controller_id']) }
}

function moment (value: unknown): number | null {
  return value === null ? null : Number(value)
}
