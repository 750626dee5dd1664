import { offlineRef, offlineValue, OFFLINE_DIGITS, isDuring, mayBegin, SLOT_MS, slotAt, type OfflineName } from '@oncekey/otp/offline'
import { fromBase64url } from '@oncekey/otp/bytes'
import { deriveKey, MAX_OFFLINE, type Settings } from '@oncekey/protocol/messages'
import type { House } from '../house.ts'
import { keyBinding, linesOf } from '../controllers/links.ts'
import type { Trx } from '../platform/db.ts'

/** Marks the engine's id of a code that is not in the engine. */
const MARK = 'offline:'

export function offlineOtpId (codeId: string): string {
  return MARK + codeId
}

export function isOffline (otpId: string): boolean {
  return otpId.startsWith(MARK)
}

/** What a controller checks codes without us by. */
export type OfflineDoor = { key: Uint8Array, locks: number, clock: 'trusted' | 'persisted' | null }

export async function offlineDoor (trx: Trx, house: House, controllerId: string): Promise<OfflineDoor | null> {
  const row = await trx.prepare('SELECT root_key_sealed, key_version, locks, offline_clock FROM controllers WHERE id = ? AND removed_at IS NULL').get(controllerId)
  if (row === undefined) return null
  const root = fromBase64url(house.seal.open(String(row['root_key_sealed']), keyBinding(controllerId)))
  if (root === null) throw new Error(`The key of controller ${controllerId} is damaged.`)
  const clock = row['offline_clock']
  return {
    key: deriveKey(root, 'offline', Number(row['key_version']), linesOf(house).hmac), locks: Number(row['locks']),
    clock: clock === 'trusted' || clock === 'persisted' ? clock : null
  }
}

/** Codes of a controller that may still open something, or would if they had not been revoked. */
export async function offlineLive (trx: Trx, controllerId: string, now: number): Promise<number> {
  const row = await trx.prepare('SELECT count(*) AS live FROM offline_codes WHERE controller_id = ? AND over_slot >= ?').get(controllerId, slotAt(now))
  return Number(row?.['live'] ?? 0)
}

/** What a controller is told of codes that work without us; undefined: it takes none. */
export async function offlineSettings (trx: Trx, controllerId: string, clock: unknown, now: number): Promise<Settings['offline']> {
  if (clock !== 'trusted' && clock !== 'persisted') return undefined
  const rows = await trx.prepare(`SELECT o.lock, o.kind, o.slot, o.serial FROM offline_codes o JOIN codes c ON c.id = o.code_id
    WHERE o.controller_id = ? AND o.over_slot >= ? AND c.state = 'revoked' ORDER BY o.over_slot DESC LIMIT ?`).all(controllerId, slotAt(now), MAX_OFFLINE)
  return { clock, revoked: rows.map((row) => `${Number(row['lock'])}.${offlineRef(nameOf(row))}`) }
}

export type TypedOffline = { otpId: string, ref: string, opensOnce: boolean }

/**
 * The offline code that somebody typed at a controller that is on line, if it is one that we made and that may open now.
 * By our clock, which needs no grace. Only those are compared, at most as many as a controller may have: not all that the door by itself would take.
 */
export async function typedOffline (trx: Trx, house: House, controllerId: string, digits: string): Promise<TypedOffline | null> {
  if (digits.length < OFFLINE_DIGITS) return null
  const typed = Number(digits.slice(0, -OFFLINE_DIGITS))
  const now = house.clock()
  const rows = await trx.prepare(`SELECT o.lock, o.kind, o.slot, o.serial, c.otp_id, c.opened_at FROM offline_codes o JOIN codes c ON c.id = o.code_id
    JOIN controllers d ON d.id = o.controller_id WHERE o.controller_id = ? AND o.over_slot >= ? AND c.state = 'issued' AND c.valid_from <= ? AND c.expires_at > ?
    AND (o.lock = ? OR (? = 0 AND d.locks = 1)) AND d.offline_clock IS NOT NULL`).all(controllerId, slotAt(now), now, now, typed, typed)
  if (rows.length === 0) return null
  const door = await offlineDoor(trx, house, controllerId)
  if (door === null) return null
  const value = Number(digits.slice(-OFFLINE_DIGITS))
  for (const row of rows) {
    const name = nameOf(row)
    if (offlineValue(door.key, name, linesOf(house).hmac) !== value) continue
    const mayOpen = row['opened_at'] === null ? mayBegin(name, slotAt(now)) : name.kind > 0 && isDuring(name, slotAt(now))
    if (mayOpen) return { otpId: String(row['otp_id']), ref: offlineRef(name), opensOnce: name.kind === 0 }
  }
  return null
}

/** Milliseconds since 1970 of a slot's beginning. */
export function slotStart (slot: number): number {
  return slot * SLOT_MS
}

function nameOf (row: Record<string, unknown>): OfflineName {
  return { lock: Number(row['lock']), kind: Number(row['kind']), slot: Number(row['slot']), serial: Number(row['serial']) }
}
