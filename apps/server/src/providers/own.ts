import type { MyProviders } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { ownerOf } from '../factors/tell.ts'
import { noteIdentities, tellIdentity } from './identities.ts'

/** By which providers somebody can sign in. */
export async function findMyProviders (house: House, personId: string): Promise<MyProviders> {
  const { provider } = house.config
  const rows = await house.db.read.selectFrom('provider_identities').select(['id', 'issuer', 'created_at', 'last_used_at']).where('person_id', '=', personId).orderBy('created_at').execute()
  return {
    providers: rows.map((one) => ({ id: one.id, name: one.issuer === provider?.issuer ? provider.name : URL.parse(one.issuer)?.host ?? one.issuer, isUsable: one.issuer === provider?.issuer, createdAt: one.created_at, lastUsedAt: one.last_used_at })),
    mayLink: provider !== null && rows.every((one) => one.issuer !== provider.issuer)
  }
}

/** Takes one of them away. @throws Problem notFound for an unknown or foreign one, lastWayIn */
export async function unlink (trx: Trx, house: House, personId: string, id: string): Promise<void> {
  const gone = await trx.prepare('DELETE FROM provider_identities WHERE id = ? AND person_id = ? RETURNING issuer').get(id, personId)
  if (gone === undefined) throw new Problem('notFound')
  const left = await trx.prepare(`SELECT 1 FROM people p WHERE p.id = ? AND (p.password_hash IS NOT NULL OR EXISTS (SELECT 1 FROM passkeys k WHERE k.person_id = p.id)
    OR EXISTS (SELECT 1 FROM provider_identities i WHERE i.person_id = p.id AND i.issuer = ?))`).get(personId, house.config.provider?.issuer ?? '')
  // Thrown inside the write: nothing is gone then.
  if (left === undefined) throw new Problem('lastWayIn')
  await noteIdentities(trx, personId)
  await tellIdentity(trx, house, await ownerOf(trx, personId), 'unlinked', String(gone['issuer']))
}
