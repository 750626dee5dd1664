import type { Role } from '@oncekey/protocol/schemas'
import { sql } from 'kysely'
import type { Doer } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { inAll } from '../platform/needs/all.ts'
import { Problem } from '../platform/problems.ts'
import { insertWords } from './listing.ts'
import { nameKey } from './words.ts'

const TAKEN = inAll((needs) => needs.taken)

/** `byProvider`: somebody without a password who comes in another way, and was not invited. */
export type NewPerson = { siteId: string, name: string, email: string, username?: string, role: Role, passwordHash: string | null, byProvider?: boolean }

/**
 * Adds a person. @returns their id
 * @throws Problem alreadyExists when somebody has the address
 */
export async function addPerson (trx: Trx, house: House, order: NewPerson, actor: Doer | null): Promise<string> {
  await checkAddressIsFree(trx, order.email)
  if (order.username !== undefined) await checkUsernameIsFree(trx, order.username)
  const now = house.clock()
  const id = house.newId()
  await trx.sql.insertInto('people').values({
    id, site_id: order.siteId, name: order.name, email: order.email, username: order.username ?? null, role: order.role, password_hash: order.passwordHash,
    suspended_at: null, removed_at: null, last_seen_at: null, created_at: now,
    name_key: nameKey(order.name)
  }).execute()
  await insertWords(trx, [{ id, name: order.name, email: order.email, username: order.username ?? null }])
  const subject = { id, name: order.name }
  house.audit.append(trx, now, { event: 'person.added', actor: actor ?? subject, subject, details: { role: order.role, email: order.email, invited: order.passwordHash === null && order.byProvider !== true } })
  return id
}

/** @throws Problem alreadyExists when somebody else has the address; upper and lower case are the same */
export async function checkAddressIsFree (trx: Trx, email: string, exceptId = ''): Promise<void> {
  const taken = await trx.sql.selectFrom('people').select('id').where(sql`lower(email)`, '=', sql`lower(${email})`)
    .where('removed_at', 'is', null).where('id', '<>', exceptId).executeTakeFirst()
  if (taken !== undefined) throw new Problem('alreadyExists', { detail: 'Somebody has this e-mail address already.', errors: [{ field: 'email', needs: TAKEN }] })
}

/** @throws Problem alreadyExists when somebody else has the user name; upper and lower case are the same */
export async function checkUsernameIsFree (trx: Trx, username: string, exceptId = ''): Promise<void> {
  const taken = await trx.sql.selectFrom('people').select('id').where(sql`lower(username)`, '=', sql`lower(${username})`)
    .where('removed_at', 'is', null).where('id', '<>', exceptId).executeTakeFirst()
  if (taken !== undefined) throw new Problem('alreadyExists', { detail: 'Somebody has this user name already.', errors: [{ field: 'username', needs: TAKEN }] })
}
