import { hash, randomBytes } from 'node:crypto'
import type { KeyScope } from '@oncekey/protocol/schemas'
import type { AuditFact } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'

export type KeyOrder = { siteId: string, name: string, scopes: readonly KeyScope[], madeBy: NonNullable<AuditFact['actor']> }

/** Makes a key for another program. Its secret (256 bits) is in the answer and nowhere else: the database has its SHA-256. */
export async function makeApiKey (trx: Trx, house: Pick<House, 'audit' | 'clock' | 'newId'>, { siteId, name, scopes, madeBy }: KeyOrder): Promise<{ id: string, secret: string }> {
  const id = house.newId()
  const now = house.clock()
  const secret = 'ok_' + randomBytes(32).toString('base64url')
  await trx.sql.insertInto('api_keys').values({
    id, site_id: siteId, name, secret_hash: secretHash(secret), scopes: scopes.join(' '), made_by: madeBy.name, created_at: now, last_used_at: null, revoked_at: null
  }).execute()
  house.audit.append(trx, now, { event: 'apiKey.made', actor: madeBy, details: { apiKeyId: id, name, scopes: scopes.join(' ') } })
  return { id, secret }
}

export function secretHash (secret: string): string {
  return hash('sha256', secret)
}
