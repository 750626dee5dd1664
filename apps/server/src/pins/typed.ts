import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { pinHash } from './digits.ts'

/** A pin that somebody typed. `why`: it opens nothing, for this reason. */
export type TypedPin = { id: string, label: string, accessPoint: Named, lock: number, why: 'revoked' | 'expired' | 'disabled' | null }

/** Fewest digits of a pin. */
const LEAST = 8

/** The pin of this controller that has these digits, or had them. */
export async function typedPin (trx: Trx, house: House, controllerId: string, digits: string): Promise<TypedPin | null> {
  if (digits.length < LEAST) return null
  const hashes = house.keys.keyIds.map((keyId) => pinHash(house, keyId, controllerId, digits))
  const row = await trx.prepare(`SELECT p.id, p.label, p.ends_at, p.ended_at, a.id AS point_id, a.name, a.lock, a.removed_at, a.controller_id
    FROM pins p JOIN access_points a ON a.id = p.access_point_id WHERE p.hash IN (${hashes.map(() => '?').join(', ')}) AND p.controller_id = ?`).get(...hashes, controllerId)
  if (row === undefined) return null
  const isOver = row['ends_at'] !== null && Number(row['ends_at']) <= house.clock()
  return {
    id: String(row['id']), label: String(row['label']), accessPoint: { id: String(row['point_id']), name: String(row['name']) }, lock: Number(row['lock']),
    why: row['removed_at'] !== null || row['controller_id'] !== controllerId ? 'disabled' : row['ended_at'] !== null ? 'revoked' : isOver ? 'expired' : null
  }
}

/** It opened something, asked about in this question. */
export async function usedPin (trx: Trx, pinId: string, requestId: string | null, at: number): Promise<void> {
  await trx.prepare('UPDATE pins SET used_at = ?, request_id = coalesce(?, request_id) WHERE id = ?').run(at, requestId, pinId)
}

export type PinCause = { id: string, label: string, revoked: boolean }

/** The pin behind an actuation: by the question that it answered, or by what its door calls it. `revoked`: before that moment, by our clock. */
export async function pinBehind (trx: Trx, controllerId: string, which: { requestId: string } | { ref: string }, at: number): Promise<PinCause | null> {
  const [column, value] = 'requestId' in which ? ['request_id', which.requestId] : ['verifier', which.ref.startsWith(MARK) ? which.ref.slice(MARK.length) : '']
  const row = await trx.prepare(`SELECT id, label, ended_at FROM pins WHERE controller_id = ? AND ${column} = ?`).get(controllerId, value)
  return row === undefined ? null : { id: String(row['id']), label: String(row['label']), revoked: row['ended_at'] !== null && Number(row['ended_at']) <= at }
}

/** What a controller puts before a pin's verifier in its records. */
const MARK = 'pin.'
