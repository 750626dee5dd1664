import type { LockMode } from '@oncekey/protocol/messages'
import type { Role } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import { sendPush } from '../notify/send.ts'
import type { Trx } from '../platform/db.ts'
import { isAtLeast } from '../platform/http.ts'
import { Problem } from '../platform/problems.ts'
import { askedNotice } from './words.ts'

/** Who is named to say yes at a door, by name; also those who are suspended or gone: without them it is not everybody's again. */
export async function approversOf (sql: Trx['sql'], accessPointId: string): Promise<{ id: string, name: string }[]> {
  return sql.selectFrom('door_approvers as a').innerJoin('people as p', 'p.id', 'a.person_id').select(['p.id', 'p.name']).where('a.access_point_id', '=', accessPointId).orderBy('p.name').orderBy('p.id').execute()
}

/** Administrators always; beside them those who are named for the door, or every operator where nobody is. */
export function mayDecide ({ id, role }: { id: string, role: Role }, approvers: readonly { id: string }[]): boolean {
  return isAtLeast(role, 'admin') || (approvers.length === 0 ? isAtLeast(role, 'operator') : approvers.some((one) => one.id === id))
}

/** Replaces the list of a door, each change on record. @throws Problem notFound for somebody who is not here */
export async function setApprovers (trx: Trx, house: House, { siteId, point, personIds, actor }: { siteId: string, point: Named, personIds: readonly string[], actor: Named }): Promise<void> {
  const before = await approversOf(trx.sql, point.id)
  const now = house.clock()
  for (const person of before.filter(({ id }) => !personIds.includes(id))) {
    await trx.sql.deleteFrom('door_approvers').where('access_point_id', '=', point.id).where('person_id', '=', person.id).execute()
    house.audit.append(trx, now, { event: 'door.approverRemoved', actor, accessPoint: point, subject: person })
    tell(trx, house, [person.id])
  }
  for (const personId of personIds.filter((id) => !before.some((one) => one.id === id))) {
    const person = await trx.sql.selectFrom('people').select(['id', 'name']).where('id', '=', personId).where('site_id', '=', siteId).where('removed_at', 'is', null).executeTakeFirst()
    if (person === undefined) throw new Problem('notFound')
    await trx.sql.insertInto('door_approvers').values({ access_point_id: point.id, person_id: person.id, created_at: now }).execute()
    house.audit.append(trx, now, { event: 'door.approverAdded', actor, accessPoint: point, subject: person })
    tell(trx, house, [person.id])
  }
}

/** How many requests wait for somebody who is named to answer them. */
export async function askedOf (house: House, personId: string): Promise<number> {
  const rows = await house.db.read.selectFrom('door_codes as d').innerJoin('door_approvers as a', 'a.access_point_id', 'd.access_point_id').select('d.id')
    .where('a.person_id', '=', personId).where('d.state', '=', 'waiting').where('d.expires_at', '>', house.clock()).limit(50).execute()
  return rows.length
}

/** Shows a request that waits to those who may answer it, where their browsers want that: the ones who are named, or who works here. What they press is asked for as on the page, by their session. */
export async function showApprovers (trx: Trx, house: House, { siteId, point, mode, codeId, until }: { siteId: string, point: Named, mode: LockMode, codeId: string, until: number }): Promise<void> {
  const named = await approversOf(trx.sql, point.id)
  const people = await trx.sql.selectFrom('people').select(['id', 'role', 'language']).where('site_id', '=', siteId).where('removed_at', 'is', null).where('suspended_at', 'is', null)
    .where('id', 'in', trx.sql.selectFrom('push_subscriptions').select('person_id')).orderBy('id').execute()
  for (const person of people) {
    if (named.length > 0 ? !named.some(({ id }) => id === person.id) : !isAtLeast(person.role, 'operator')) continue
    const { title, body, says } = askedNotice[person.language ?? 'en'](point.name, mode)
    await sendPush(trx, house, { person, title, body, says, until, request: codeId, path: isAtLeast(person.role, 'operator') ? '/live' : '/me/asked', dedupeKey: `asked:${codeId}` })
  }
}

/** What waits at this door has changed: the pages of those who are named for it look again. */
export async function tellApprovers (trx: Trx, house: House, accessPointId: string): Promise<void> {
  tell(trx, house, (await approversOf(trx.sql, accessPointId)).map(({ id }) => id))
}

function tell (trx: Trx, house: House, people: readonly string[]): void {
  if (people.length > 0) trx.after(() => { house.feed.publish({ kind: 'asked' }, people) })
}
