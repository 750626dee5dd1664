import type { AuditFact } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { knownKeysOf } from './known.ts'
import { newKeySecret, prefixOf, secretHash } from './make.ts'

const HOUR_MS = 3_600_000

/**
 * Gives a key another secret. The one before works beside it for `graceHours`; 0 ends it at once, for a secret that has leaked.
 * One that was still in its time of grace ends now: there are never more than two.
 * @throws Problem notFound for a key that this site does not have, or that has ended
 */
export async function rotateApiKey (trx: Trx, house: House, { id, siteId, graceHours }: { id: string, siteId: string, graceHours: number }, actor: NonNullable<AuditFact['actor']>): Promise<{ secret: string }> {
  const now = house.clock()
  const row = await trx.prepare('SELECT name, secret_hash FROM api_keys WHERE id = ? AND site_id = ? AND revoked_at IS NULL AND (ends_at IS NULL OR ends_at > ?)').get(id, siteId, now)
  if (row === undefined) throw new Problem('notFound')
  const secret = newKeySecret()
  const hasGrace = graceHours > 0
  await trx.prepare('UPDATE api_keys SET previous_hash = ?, previous_until = ?, secret_hash = ?, prefix = ? WHERE id = ?')
    .run(hasGrace ? String(row['secret_hash']) : null, hasGrace ? now + graceHours * HOUR_MS : null, secretHash(secret), prefixOf(secret), id)
  house.audit.append(trx, now, { event: 'apiKey.rotated', actor, details: { apiKeyId: id, name: String(row['name']), graceHours } })
  trx.after(() => { knownKeysOf(house).clear() })
  return { secret }
}
