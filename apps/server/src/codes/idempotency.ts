import { createHash } from 'node:crypto'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'

/** A request that carries an Idempotency-Key: the same key of the same person with the same words is the same request. */
export type OnceOrder = { personId: string, key: string, request: unknown }

/** Characters of a key; more would be somebody's disk. */
export const MOST_KEY_CHARACTERS = 128

/**
 * The first answer to this request, or null when it is the first. An answer whose code has ended is wiped: then `gone`.
 * @throws Problem keyReused when the key came with other words
 */
export function firstAnswer<Answer> (trx: Trx, house: House, { personId, key, request }: OnceOrder): { answer: Answer } | { gone: { codeId: string } } | null {
  const row = trx.prepare('SELECT request_hash, answer_sealed, code_id FROM idempotency_keys WHERE person_id = ? AND key = ?').get(personId, key)
  if (row === undefined) return null
  if (row['request_hash'] !== hashOf(request)) throw new Problem('keyReused')
  if (row['answer_sealed'] === null) return { gone: { codeId: String(row['code_id']) } }
  // We sealed this text ourselves, below, with the same type.
  return { answer: JSON.parse(house.seal.open(String(row['answer_sealed']), bindingOf(personId, key))) as Answer }
}

/** Keeps the answer for 24 hours, sealed, because it may hold digits; with a code it is wiped when that ends. */
export function keepAnswer (trx: Trx, house: House, { personId, key, request }: OnceOrder, answer: unknown, codeId: string | null): void {
  trx.prepare('INSERT INTO idempotency_keys (person_id, key, request_hash, answer_sealed, code_id, at) VALUES (?, ?, ?, ?, ?, ?)')
    .run(personId, key, hashOf(request), house.seal.close(JSON.stringify(answer), bindingOf(personId, key)), codeId, house.clock())
}

function bindingOf (personId: string, key: string): string {
  return `idempotency:${personId}:${key}`
}

function hashOf (request: unknown): string {
  return createHash('sha256').update(JSON.stringify(request)).digest('hex')
}
