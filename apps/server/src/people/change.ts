import type { Ended, PersonChange, Role } from '@oncekey/protocol/schemas'
import { muteChallenges } from '../challenges/mute.ts'
import { revokeCodes } from '../codes/revoke.ts'
import { endGrants } from '../grants/end.ts'
import { forgetMember } from '../groups/spread.ts'
import type { House } from '../house.ts'
import { forgetMessages } from '../notify/wipe.ts'
import { writeTo } from '../notify/write.ts'
import type { Trx } from '../platform/db.ts'
import { isAtLeast } from '../platform/http.ts'
import { checkSeen } from '../platform/seen.ts'
import { checkAddressIsFree } from './add.ts'
import { checkIsAbove, checkOwnerStays, checkRoleToGive, personToChange, type Actor, type Target } from './authority.ts'
import { invite } from './invitations.ts'
import { forgetBrowsers } from '../sessions/browsers.ts'
import { listPerson, unlistPerson } from './listing.ts'
import { endSessions } from '../sessions/sessions.ts'
import { forgetFactors } from '../factors/remove.ts'
import { forgetIdentities } from '../providers/identities.ts'

/**
 * Changes a person: name, address, role; suspends or resumes them. Says what it ended: a suspended person's sessions and
 * live codes end at once (grants stay, for when they are back); a changed role ends their other sessions.
 * @throws Problem notFound, notAllowed, alreadyExists, changedMeanwhile, lastOwner, publicUrlNeeded
 */
export async function changePerson (trx: Trx, house: House, personId: string, change: PersonChange, actor: Actor): Promise<Ended> {
  const target = await personToChange(trx, actor, personId)
  const by = { id: actor.id, name: actor.name }
  const name = change.name?.trim() ?? target.name
  const subject = { id: target.id, name }
  const now = house.clock()
  const ended: Ended = { sessions: 0, grants: 0, codes: 0 }

  const details: Record<string, string> = {}
  if (name !== target.name) {
    checkSeen(target.name, change.nameBefore)
    Object.assign(details, { nameBefore: target.name, name })
  }
  if (change.email !== undefined && change.email !== target.email) {
    checkSeen(target.email ?? '', change.emailBefore)
    // Where no code can be mailed to the new one, this is the only way to mend one's own.
    if (target.id !== actor.id || house.config.smtpUrl !== null) checkIsAbove(actor, target)
    await checkAddressIsFree(trx, change.email, target.id)
    Object.assign(details, { emailBefore: target.email, email: change.email })
  }
  if (change.role !== undefined && change.role !== target.role) {
    checkSeen(target.role, change.roleBefore)
    checkRoleToGive(actor, change.role)
    // Stepping down oneself is nobody else's matter.
    if (target.id !== actor.id) checkIsAbove(actor, target)
    await checkOwnerStays(trx, house, target)
    Object.assign(details, { roleBefore: target.role, role: change.role })
  }
  // What a group gave becomes theirs by hand: an owner who says so means it.
  if (change.role !== undefined && change.role === target.role && target.id !== actor.id) await makeByHand(trx, house, target, actor)
  if (Object.keys(details).length > 0) {
    await trx.sql.updateTable('people').set({ name, email: change.email ?? target.email, role: change.role ?? target.role, ...details['role'] !== undefined && !await staysBeneath(trx, target.id, actor, change.role) && { role_by_hand: null, role_told_at: null } }).where('id', '=', target.id).execute()
    await listPerson(trx, target.id)
    house.audit.append(trx, now, { event: 'person.changed', actor: by, subject, details })
    if (details['role'] !== undefined) ended.sessions += await endSessions(trx, house, target.id, actor.sessionHash)
    if (details['email'] !== undefined) {
      await muteChallenges(trx, target.id, now)
      await tellFormerAddress(trx, house, target, details['email'])
      await inviteAnew(trx, house, { target: { ...target, name, email: details['email'] }, siteId: actor.siteId })
    }
  }

  if (change.suspended === true && target.suspended_at === null) {
    await checkOwnerStays(trx, house, target)
    await trx.sql.updateTable('people').set({ suspended_at: now }).where('id', '=', target.id).execute()
    ended.sessions += await endSessions(trx, house, target.id)
    await forgetBrowsers(trx, target.id)
    await muteChallenges(trx, target.id, now)
    ended.codes += await revokeCodes(trx, house, { holderId: target.id }, by)
    house.audit.append(trx, now, { event: 'person.suspended', actor: by, subject, details: { sessions: ended.sessions, codes: ended.codes } })
  }
  if (change.suspended === false && target.suspended_at !== null) {
    await trx.sql.updateTable('people').set({ suspended_at: null }).where('id', '=', target.id).execute()
    house.audit.append(trx, now, { event: 'person.resumed', actor: by, subject })
  }
  return ended
}

/**
 * Removes a person: their sessions, grants, live codes and invitation end at once. Their name stays in the record.
 * @throws Problem notFound, notAllowed, lastOwner
 */
export async function removePerson (trx: Trx, house: House, personId: string, actor: Actor): Promise<Ended> {
  const target = await personToChange(trx, actor, personId)
  await checkOwnerStays(trx, house, target)
  const by = { id: actor.id, name: actor.name }
  const now = house.clock()
  const codes = await revokeCodes(trx, house, { holderId: target.id }, by)
  const ended: Ended = { sessions: await endSessions(trx, house, target.id), grants: await endGrants(trx, house, { personId: target.id }, by), codes }
  await trx.sql.deleteFrom('invitations').where('person_id', '=', target.id).execute()
  await forgetMessages(trx, now, target.id)
  await muteChallenges(trx, target.id, now)
  await forgetBrowsers(trx, target.id)
  await forgetFactors(trx, target.id)
  await unlistPerson(trx, target.id)
  await forgetMember(trx, target.id)
  await forgetIdentities(trx, target.id)
  await trx.sql.updateTable('people').set({ removed_at: now, password_hash: null }).where('id', '=', target.id).execute()
  house.audit.append(trx, now, { event: 'person.removed', actor: by, subject: { id: target.id, name: target.name }, details: ended })
  return ended
}

/**
 * The link went to an address that was wrong: it is dead from now on, and the right one gets another. Without mail
 * nobody was sent one: the link is in the hand of whoever was to have it.
 */
async function inviteAnew (trx: Trx, house: House, { target, siteId }: { target: Target, siteId: string }): Promise<void> {
  if (target.has_way_in === 1 || house.config.smtpUrl === null) return
  const site = await trx.sql.selectFrom('sites').select('name').where('id', '=', siteId).executeTakeFirstOrThrow()
  await invite(trx, house, { person: target, siteName: site.name })
}

/** Whoever had the address learns that it was taken away, in case it was not their wish. */
export async function tellFormerAddress (trx: Trx, house: House, target: { id: string, name: string, email: string }, email: string): Promise<void> {
  await writeTo(trx, house, { person: target, dedupeKey: `address:${house.newId()}`, letter: (letters) => letters.address({ name: target.name, email, before: target.email }) })
}

/** Whoever steps down from a role that a group gave them does not get what is left of it by hand: see providers/roles.ts. */
async function staysBeneath (trx: Trx, personId: string, actor: Actor, role: Role = 'member'): Promise<boolean> {
  if (personId !== actor.id) return false
  const { role_by_hand: byHand } = await trx.sql.selectFrom('people').select('role_by_hand').where('id', '=', personId).executeTakeFirstOrThrow()
  return byHand !== null && isAtLeast(role, byHand)
}

async function makeByHand (trx: Trx, house: House, target: Target, actor: Actor): Promise<void> {
  const { role_by_hand: before } = await trx.sql.selectFrom('people').select('role_by_hand').where('id', '=', target.id).executeTakeFirstOrThrow()
  if (before === null) return
  checkRoleToGive(actor, target.role)
  checkIsAbove(actor, target)
  await trx.sql.updateTable('people').set({ role_by_hand: null, role_told_at: null }).where('id', '=', target.id).execute()
  house.audit.append(trx, house.clock(), { event: 'person.changed', actor: { id: actor.id, name: actor.name }, subject: { id: target.id, name: target.name }, details: { roleBefore: before, role: target.role } })
}
