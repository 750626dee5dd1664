import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import { writeTo } from '../notify/write.ts'
import type { Trx } from '../platform/db.ts'
import { Refused } from './refusals.ts'

/** Whom the provider knows by this name; undefined for nobody here. Suspended people, too. */
export async function findIdentity (trx: Trx, issuer: string, subject: string): Promise<{ id: string, name: string, suspended: boolean } | undefined> {
  const row = await trx.prepare(`SELECT p.id, p.name, p.suspended_at FROM provider_identities i JOIN people p ON p.id = i.person_id
    WHERE i.issuer = ? AND i.subject = ? AND p.removed_at IS NULL`).get(issuer, subject)
  return row === undefined ? undefined : { id: String(row['id']), name: String(row['name']), suspended: row['suspended_at'] !== null }
}

/**
 * From now on the provider's word for this identity is this person's.
 * @throws Refused other when it is somebody's, or the person has another one there: providers give addresses to new people
 */
export async function addIdentity (trx: Trx, house: House, personId: string, { issuer, subject }: { issuer: string, subject: string }): Promise<void> {
  const now = house.clock()
  const { changes } = await trx.prepare('INSERT INTO provider_identities (issuer, subject, id, person_id, created_at, last_used_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING')
    .run(issuer, subject, house.newId(), personId, now, now)
  if (changes === 0) throw new Refused('other')
  await noteIdentities(trx, personId)
}

/** Puts on record that a provider was linked or taken away, and tells the person, in case it was not their wish. */
export async function tellIdentity (trx: Trx, house: House, person: Named & { email: string }, what: 'linked' | 'unlinked', issuer: string): Promise<void> {
  const who = { id: person.id, name: person.name }
  house.audit.append(trx, house.clock(), { event: 'person.changed', actor: who, subject: who, details: { provider: what, issuer } })
  const host = URL.parse(issuer)?.host ?? issuer
  const link = house.link('/sign-in')
  await writeTo(trx, house, { person, dedupeKey: `provider:${house.newId()}`, letter: (letters) => letters.provider({ name: person.name, host, isLinked: what === 'linked', link }) })
}

/** Nobody at a provider is this person any more. */
export async function forgetIdentities (trx: Trx, personId: string): Promise<void> {
  await trx.prepare('DELETE FROM provider_identities WHERE person_id = ?').run(personId)
  await noteIdentities(trx, personId)
}

/** People are listed by whether they have one: without asking this table for each of them. */
export async function noteIdentities (trx: Trx, personId: string): Promise<void> {
  await trx.prepare('UPDATE people SET by_provider = CASE WHEN EXISTS (SELECT 1 FROM provider_identities WHERE person_id = ?) THEN 1 ELSE 0 END WHERE id = ?').run(personId, personId)
}
