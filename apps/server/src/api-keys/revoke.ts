import type { AuditFact } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { knownKeysOf } from './known.ts'

/**
 * Ends a key; harmless when it has ended. Whatever checks a code with it looks again inside its own transaction.
 * @throws Problem notFound for a key that this site does not have
 */
export async function revokeApiKey (trx: Trx, house: House, { id, siteId }: { id: string, siteId: string }, actor: NonNullable<AuditFact['actor']>): Promise<void> {
  const row = await trx.prepare('SELECT name, revoked_at FROM api_keys WHERE id = ? AND site_id = ?').get(id, siteId)
  if (row === undefined) throw new Problem('notFound')
  if (row['revoked_at'] !== null) return
  const now = house.clock()
  await trx.prepare('UPDATE api_keys SET revoked_at = ? WHERE id = ?').run(now, id)
  house.audit.append(trx, now, { event: 'apiKey.revoked', actor, details: { apiKeyId: id, name: String(row['name']) } })
  trx.after(() => { knownKeysOf(house).clear() })
}
