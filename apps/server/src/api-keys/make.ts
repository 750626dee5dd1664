import { hash, randomBytes } from 'node:crypto'
import type { KeyScope } from '@oncekey/protocol/schemas'
import type { AuditFact } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'

/** `expiresAt`: ms since 1970; absent or null: it ends only when somebody revokes it. */
export type KeyOrder = { siteId: string, name: string, scopes: readonly KeyScope[], expiresAt?: number | null, madeBy: NonNullable<AuditFact['actor']> }

/**
 * Makes a key for another program. Its secret (256 bits) is in the answer and nowhere else: the database has its SHA-256.
 * @throws Problem badRequest for an end that is over, and for a key of an old program that is to open something else as well
 */
export async function makeApiKey (trx: Trx, house: Pick<House, 'audit' | 'clock' | 'newId'>, { siteId, name, scopes, expiresAt = null, madeBy }: KeyOrder): Promise<{ id: string, secret: string }> {
  const id = house.newId()
  const now = house.clock()
  if (expiresAt !== null && expiresAt <= now) throw new Problem('badRequest', { errors: [{ field: 'expiresAt', needs: 'a moment that is not over' }] })
  // It stands in addresses, and addresses in the logs of every proxy on the way.
  if (scopes.includes('compat') && scopes.length > 1) throw new Problem('badRequest', { errors: [{ field: 'scopes', needs: 'compat alone: such a key is part of an address' }] })
  // Nobody is asked for a second time at a door: somebody has to answer for it.
  if (madeBy.id === null && scopes.some((one) => one.startsWith('access:'))) throw new Problem('badRequest', { errors: [{ field: 'scopes', needs: 'a key for doors is made by a person, on the page or by the API' }] })
  const secret = newKeySecret()
  await trx.sql.insertInto('api_keys').values({
    id, site_id: siteId, name, secret_hash: secretHash(secret), scopes: scopes.join(' '), made_by: madeBy.name, created_at: now, last_used_at: null, revoked_at: null, ends_at: expiresAt, prefix: prefixOf(secret), made_by_id: madeBy.id
  }).execute()
  house.audit.append(trx, now, { event: 'apiKey.made', actor: madeBy, details: { apiKeyId: id, name, scopes: scopes.join(' '), ...expiresAt !== null && { expiresAt } } })
  return { id, secret }
}

export function newKeySecret (): string {
  return 'ok_' + randomBytes(32).toString('base64url')
}

/** What lists show of a secret, to tell one from another: three signs of 43. */
export function prefixOf (secret: string): string {
  return secret.slice(0, 6)
}

export function secretHash (secret: string): string {
  return hash('sha256', secret)
}
