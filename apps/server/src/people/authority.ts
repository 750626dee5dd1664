import type { Role } from '@oncekey/protocol/schemas'
import type { Doer } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { isAtLeast } from '../platform/http.ts'
import { Problem } from '../platform/problems.ts'
import { hasWayIn } from './way-in.ts'

/** Who does something to somebody. */
export type Actor = Doer & { role: Role, siteId: string, sessionHash?: string }

/** A person of the same site, as a change needs them. */
export type Target = { id: string, name: string, email: string, role: Role, suspended_at: number | null, last_seen_at: number | null, has_way_in: number }

/** @throws Problem notFound for an unknown or removed person, notAllowed for one of higher role than the actor's */
export async function personToChange (trx: Trx, actor: Actor, personId: string): Promise<Target> {
  const person = await trx.sql.selectFrom('people').select(['id', 'name', 'email', 'role', 'suspended_at', 'last_seen_at', hasWayIn])
    .where('id', '=', personId).where('site_id', '=', actor.siteId).where('removed_at', 'is', null).executeTakeFirst()
  if (person === undefined) throw new Problem('notFound')
  if (!isAtLeast(actor.role, person.role)) throw new Problem('notAllowed')
  return person
}

/**
 * For what could let somebody come in as somebody else: another address, a reset, no second factor, and a lower role, after
 * which all of these could be had. Only somebody above may; owners have nobody above them and may among themselves. Nobody
 * may with themselves: one's own ways ask for one's own proof. Whoever has never come in can be helped by their equals, who
 * could as well have added them.
 * @throws Problem notAllowed
 */
export function checkIsAbove (actor: Actor, target: Target): void {
  if (target.id === actor.id) throw new Problem('notAllowed', { detail: 'For yourself this is on your own page.' })
  const hasNeverCome = target.has_way_in === 0 && target.last_seen_at === null
  if (target.role === actor.role && actor.role !== 'owner' && !hasNeverCome) throw new Problem('notAllowed', { detail: 'Only somebody of a higher role may do this.' })
}

/** Somebody of a site by their address, in any case. @throws Problem notFound */
export async function personAt (trx: Trx, actor: Actor, email: string): Promise<Target> {
  const row = await trx.prepare('SELECT id FROM people WHERE lower(email) = lower(?) AND site_id = ? AND removed_at IS NULL').get(email, actor.siteId)
  if (row === undefined) throw new Problem('notFound')
  return personToChange(trx, actor, String(row['id']))
}

/** @throws Problem notAllowed for a role above the actor's own */
export function checkRoleToGive (actor: Actor, role: Role): void {
  if (!isAtLeast(actor.role, role)) throw new Problem('notAllowed', { detail: 'Nobody gives a role above their own.' })
}

/** @throws Problem lastOwner when nobody else could sign in as an owner afterwards, by a password or by the provider of now */
export async function checkOwnerStays (trx: Trx, house: House, target: Target): Promise<void> {
  if (target.role !== 'owner') return
  const other = await trx.prepare(`SELECT 1 FROM people WHERE role = 'owner' AND id <> ? AND removed_at IS NULL AND suspended_at IS NULL
    AND (password_hash IS NOT NULL OR EXISTS (SELECT 1 FROM provider_identities i WHERE i.person_id = people.id AND i.issuer = ?))
    AND site_id = (SELECT site_id FROM people WHERE id = ?) LIMIT 1`).get(target.id, house.config.provider?.issuer ?? '', target.id)
  if (other === undefined) throw new Problem('lastOwner')
}
