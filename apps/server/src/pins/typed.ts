import { alarmBellOf } from '../alarms/note.ts'
import type { Named } from '../audit/append.ts'
import { checkOfStanding } from '../access/standing.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { pinHash } from './digits.ts'

/** A pin that somebody typed. `why`: it opens nothing, for this reason. */
export type TypedPin = { id: string, label: string, accessPoint: Named, lock: number, /** Its second one: whoever types it is being forced. */ isDuress: boolean, why: 'revoked' | 'expired' | 'disabled' | null, /** The order that keeps it from opening. */ because: 'held' | 'lockdown' | null }

/** Fewest digits of a pin. */
const LEAST = 8

/** The pin of this controller that has these digits, or had them. */
export async function typedPin (trx: Trx, house: House, controllerId: string, digits: string): Promise<TypedPin | null> {
  if (digits.length < LEAST) return null
  const hashes = house.keys.keyIds.map((keyId) => pinHash(house, keyId, controllerId, digits))
  const among = hashes.map(() => '?').join(', ')
  const row = await trx.prepare(`SELECT p.id, p.label, p.ends_at, p.ended_at, p.duress_hash, a.id AS point_id, a.name, a.lock, a.removed_at, a.standing, a.controller_id
    FROM pins p JOIN access_points a ON a.id = p.access_point_id WHERE p.controller_id = ? AND (p.hash IN (${among}) OR p.duress_hash IN (${among}))`).get(controllerId, ...hashes, ...hashes)
  if (row === undefined) return null
  const isOver = row['ends_at'] !== null && Number(row['ends_at']) <= house.clock()
  const because = checkOfStanding(row['standing'])
  return {
    id: String(row['id']), label: String(row['label']), accessPoint: { id: String(row['point_id']), name: String(row['name']) }, lock: Number(row['lock']), because, isDuress: hashes.includes(String(row['duress_hash'])),
    why: row['removed_at'] !== null || row['controller_id'] !== controllerId ? 'disabled' : row['ended_at'] !== null ? 'revoked' : isOver ? 'expired' : because === null ? null : 'disabled'
  }
}

/**
 * It opened something, asked about in this question. The write is the same for a call for help, so that no time tells one from
 * the other: what is due is found by the loop of alarms.
 */
export async function usedPin (trx: Trx, house: House, pin: { id: string, isDuress: boolean }, requestId: string | null, at: number): Promise<void> {
  await trx.prepare('UPDATE pins SET used_at = ?, request_id = coalesce(?, request_id), duress_due = duress_due + ? WHERE id = ?').run(at, requestId, pin.isDuress ? 1 : 0, pin.id)
  trx.after(() => { alarmBellOf(house).ring() })
}

/** It was right and opened nothing, because of an order or the keypad's rest: whoever is being forced needs help all the same. */
export async function heldPin (trx: Trx, house: House, pin: TypedPin): Promise<void> {
  if (pin.why !== null && pin.because === null) return
  await trx.prepare('UPDATE pins SET duress_due = duress_due + ? WHERE id = ?').run(pin.isDuress ? 1 : 0, pin.id)
  trx.after(() => { alarmBellOf(house).ring() })
}

export type PinCause = { id: string, label: string, revoked: boolean, isDuress: boolean }

/** The pin behind an actuation: by the question that it answered, or by what its door calls it. `revoked`: before that moment, by our clock. */
export async function pinBehind (trx: Trx, controllerId: string, which: { requestId: string } | { ref: string }, at: number): Promise<PinCause | null> {
  const verifier = 'ref' in which && which.ref.startsWith(MARK) ? which.ref.slice(MARK.length) : ''
  const row = 'requestId' in which
    ? await trx.prepare('SELECT id, label, ended_at, NULL AS duress_verifier FROM pins WHERE controller_id = ? AND request_id = ?').get(controllerId, which.requestId)
    : await trx.prepare('SELECT id, label, ended_at, duress_verifier FROM pins WHERE controller_id = ? AND (verifier = ? OR duress_verifier = ?)').get(controllerId, verifier, verifier)
  if (row === undefined) return null
  return { id: String(row['id']), label: String(row['label']), revoked: row['ended_at'] !== null && Number(row['ended_at']) <= at, isDuress: row['duress_verifier'] === verifier }
}

/** What a controller puts before a pin's verifier in its records. */
const MARK = 'pin.'
