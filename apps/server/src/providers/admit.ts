import { sql } from 'kysely'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import { addPerson } from '../people/add.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { checkMayRegister, registrationPolicyIn } from '../registration/policy.ts'
import { enter, type Entered, type Visitor } from '../sessions/enter.ts'
import { roleOf } from './groups.ts'
import { addIdentity, findIdentity, tellIdentity } from './identities.ts'
import { Refused } from './refusals.ts'
import { followGroups } from './roles.ts'
import type { Told } from './told.ts'

/**
 * Lets in whom the provider knows: by its word for them; the first time by the address, if it says that this is theirs; else
 * as somebody new, if they may register. Second factors are asked for as ever.
 * @throws Refused refused, unverified, unknown, other
 */
export async function admit (trx: Trx, house: House, told: Told, visitor: Visitor): Promise<Entered> {
  const person = await findIdentity(trx, told.issuer, told.subject) ?? await firstTime(trx, house, told)
  if (person.suspended) throw new Refused('refused')
  await trx.prepare('UPDATE provider_identities SET last_used_at = ? WHERE issuer = ? AND subject = ?').run(house.clock(), told.issuer, told.subject)
  const roles = house.config.provider?.groups?.roles
  const follows = roles === undefined ? undefined : { role: roleOf(told.groups, roles) ?? 'none', follow: () => followGroups(trx, house, person.id, told.groups) }
  // Whoever was signed in at the provider all day has proven nothing just now: dangerous calls ask them.
  return enter(trx, house, { person: { id: person.id, name: person.name }, visitor, by: 'provider', provenAt: told.authenticatedAt ?? 0, follows })
}

async function firstTime (trx: Trx, house: House, told: Told): Promise<Named & { suspended: boolean }> {
  const { email } = told
  // Whoever may write any address into their profile there would be anybody here.
  if (email === null) throw new Refused('unverified')
  const known = await trx.sql.selectFrom('people').select(['id', 'name', 'email', 'suspended_at']).where(sql`lower(email)`, '=', sql`lower(${email})`).where('removed_at', 'is', null).executeTakeFirst()
  if (known === undefined) return register(trx, house, { ...told, email })
  if (known.suspended_at !== null) throw new Refused('refused')
  await addIdentity(trx, house, known.id, told)
  // Whoever else has the link to choose a password with would come in by it.
  await trx.sql.deleteFrom('invitations').where('person_id', '=', known.id).execute()
  await tellIdentity(trx, house, known, 'linked', told.issuer)
  return { id: known.id, name: known.name, suspended: false }
}

async function register (trx: Trx, house: House, told: Told & { email: string }): Promise<Named & { suspended: boolean }> {
  try {
    checkMayRegister(await registrationPolicyIn(trx), told.email)
  } catch (error) {
    if (error instanceof Problem) throw new Refused('unknown')
    throw error
  }
  const site = await trx.sql.selectFrom('sites').select('id').orderBy('created_at').limit(1).executeTakeFirst()
  if (site === undefined) throw new Refused('unknown')
  const name = told.name ?? told.email.slice(0, told.email.lastIndexOf('@'))
  const id = await addPerson(trx, house, { siteId: site.id, name, email: told.email, role: 'member', passwordHash: null, byProvider: true }, null)
  await addIdentity(trx, house, id, told)
  return { id, name, suspended: false }
}
