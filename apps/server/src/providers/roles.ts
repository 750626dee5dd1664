import type { Role } from '@oncekey/protocol/schemas'
import { sql } from 'kysely'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { repeat, type Loop } from '../platform/repeat.ts'
import { endSessions } from '../sessions/sessions.ts'
import { higher, roleOf, type GroupRole } from './groups.ts'

/** So long a role holds after the provider's last word for it: whoever leaves a group there has it no longer than this. */
export const HOLDS_MS = 12 * 3_600_000
const LOOK_EVERY_MS = 60_000
const MOST_AT_ONCE = 100

type Person = { id: string, name: string, role: Role, role_by_hand: Role | null }

/**
 * Gives the role that somebody's groups at the provider have here, or the one by hand where that is higher. Called before they
 * are let in: sessions that began with another role end.
 */
export async function followGroups (trx: Trx, house: House, personId: string, groups: readonly string[]): Promise<void> {
  const roles = house.config.provider?.groups?.roles
  if (roles !== undefined) await followRole(trx, house, personId, roleOf(groups, roles))
}

/** The same, of the role that groups gave before: `null`: none. */
export async function followRole (trx: Trx, house: House, personId: string, role: GroupRole | null): Promise<void> {
  const person = await trx.sql.selectFrom('people').select(['id', 'name', 'role', 'role_by_hand']).where('id', '=', personId).executeTakeFirstOrThrow()
  const byHand = person.role_by_hand ?? person.role
  await setRole(trx, house, person, byHand, higher(byHand, role))
}

export function startProviderWork (house: House): Loop {
  return repeat(LOOK_EVERY_MS, () => giveBackRoles(house), house.log)
}

/** Takes back roles that the provider has said nothing of for `HOLDS_MS`; all of them where groups mean nothing any more. */
export async function giveBackRoles (house: House): Promise<void> {
  const now = house.clock()
  // Of one that was told by a clock that was ahead nobody knows when it ends.
  const isDue = house.config.provider?.groups == null ? sql<boolean>`1 = 1` : sql<boolean>`(role_told_at < ${now - HOLDS_MS} OR role_told_at > ${now})`
  const due = house.db.read.selectFrom('people').select('id').where('role_by_hand', 'is not', null).where(isDue).where('removed_at', 'is', null).limit(1)
  while (await due.executeTakeFirst() !== undefined) {
    await house.db.write(async (trx) => {
      const people = await trx.sql.selectFrom('people').select(['id', 'name', 'role', 'role_by_hand']).where('role_by_hand', 'is not', null).where(isDue).where('removed_at', 'is', null).orderBy('id').limit(MOST_AT_ONCE).execute()
      for (const person of people) await setRole(trx, house, person, person.role_by_hand ?? person.role, person.role_by_hand ?? person.role)
    })
  }
}

async function setRole (trx: Trx, house: House, person: Person, byHand: Role, role: Role): Promise<void> {
  const now = house.clock()
  const isByHand = role === byHand
  await trx.sql.updateTable('people').set({ role, role_by_hand: isByHand ? null : byHand, role_told_at: isByHand ? null : now }).where('id', '=', person.id).execute()
  if (role === person.role) return
  const sessions = await endSessions(trx, house, person.id)
  house.audit.append(trx, now, { event: 'person.changed', subject: { id: person.id, name: person.name }, details: { roleBefore: person.role, role, by: 'provider', ...sessions > 0 && { sessions } } })
}
