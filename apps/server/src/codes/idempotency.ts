import { createHash } from 'node:crypto'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'

/** A request that carries an Idempotency-Key: the same key of the same person (or program, by the id of its API key) with the same words is the same request. */
export type OnceOrder = { personId: string, key: string, request: unknown }

/** Characters of a key; more would be somebody's disk. */
export const MOST_KEY_CHARACTERS = 128

/**
 * The first answer to this request, or null when it is the first: then the key is taken, and `keepAnswer` follows in the
 * same transaction. Whoever comes with the same key meanwhile waits. An answer whose code has ended is wiped: then `gone`.
 * @throws Problem keyReused when the key came with other words
 */
export async function firstAnswer<Answer> (trx: Trx, house: House, { personId, key, request }: OnceOrder): Promise<{ answer: Answer } | { gone: { codeId: string } } | null> {
  const requestHash = hashOf(request)
  const { changes } = await trx.prepare('INSERT INTO idempotency_keys (person_id, key, request_hash, at) VALUES (?, ?, ?, ?) ON CONFLICT (person_id, key) DO NOTHING')
    .run(personId, key, requestHash, house.clock())
  if (changes !== 0) return null
  const row = await trx.prepare('SELECT request_hash, answer_sealed, code_id FROM idempotency_keys WHERE person_id = ? AND key = ?').get(personId, key)
  if (row?.['request_hash'] !== requestHash) throw new Problem('keyReused')
  if (row['answer_sealed'] === null) return { gone: { codeId: String(row['code_id']) } }
  // We sealed this text ourselves, below, with the same type.
  return { answer: JSON.parse(house.seal.open(String(row['answer_sealed']), bindingOf(personId, key))) as Answer }
}

/** Keeps the answer for 24 hours, sealed, because it may hold digits; with a code it is wiped when that ends. */
export async function keepAnswer (trx: Trx, house: House, { personId, key }: OnceOrder, answer: unknown, codeId: string | null): Promise<void> {
  await trx.prepare('UPDATE idempotency_keys SET answer_sealed = ?, code_id = ? WHERE person_id = ? AND key = ?')
    .run(house.seal.close(JSON.stringify(answer), bindingOf(personId, key)), codeId, personId, key)
}

function bindingOf (personId: string, key: string): string {
  return `idempotency:${personId}:${key}`
}

function hashOf (request: unknown): string {
  return createHash('sha256').update(JSON.stringify(request)).digest('hex')
}
