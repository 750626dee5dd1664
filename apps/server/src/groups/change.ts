import type { GroupGrantForm, GroupPeopleChange, GroupPeopleChanged, PeopleGroupChange } from '@oncekey/protocol/schemas'
import { sql } from 'kysely'
import type { Named } from '../audit/append.ts'
import { checkWindow, scheduleText } from '../grants/give.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { checkSeen } from '../platform/seen.ts'
import { grantedTo, membersOf, pointsOfBank, spread, takeBack } from './spread.ts'

/** Groups of a site, members of a group, and what a group is given. */
const MOST_GROUPS = 500
const MOST_PEOPLE = 5_000
const MOST_GRANTS = 500

/** Makes an empty group. @returns its id @throws Problem alreadyExists, tooLarge */
export async function makeGroup (trx: Trx, house: House, siteId: string, name: string, actor: Named): Promise<string> {
  await checkNameIsFree(trx, siteId, name)
  const { count } = await trx.sql.selectFrom('people_groups').select((eb) => eb.fn.countAll().as('count')).where('site_id', '=', siteId).executeTakeFirstOrThrow()
  if (Number(count) >= MOST_GROUPS) throw new Problem('tooLarge', { detail: `A site has at most ${MOST_GROUPS} groups.` })
  const id = house.newId()
  await trx.sql.insertInto('people_groups').values({ id, site_id: siteId, name, created_at: house.clock() }).execute()
  house.audit.append(trx, house.clock(), { event: 'group.made', actor, details: { groupId: id, name } })
  return id
}

/** @throws Problem notFound, alreadyExists, changedMeanwhile */
export async function renameGroup (trx: Trx, house: House, siteId: string, { id, name, nameBefore }: { id: string } & PeopleGroupChange, actor: Named): Promise<void> {
  const group = await groupOf(trx, siteId, id)
  if (group.name === name) return
  checkSeen(group.name, nameBefore)
  await checkNameIsFree(trx, siteId, name, id)
  await trx.sql.updateTable('people_groups').set({ name }).where('id', '=', id).execute()
  await trx.sql.updateTable('people_group_grants').set({ group_name: name }).where('group_id', '=', id).execute()
  house.audit.append(trx, house.clock(), { event: 'group.renamed', actor, details: { groupId: id, name, nameBefore: group.name } })
}

/** Removes a group that is in use no more. @throws Problem notFound; inUse while it has people or access: who loses what is then seen where it is taken */
export async function removeGroup (trx: Trx, house: House, siteId: string, id: string, actor: Named): Promise<void> {
  const group = await groupOf(trx, siteId, id)
  const people = (await membersOf(trx, id)).length
  const grants = (await grantedTo(trx, id)).length
  if (people + grants > 0) throw new Problem('inUse', { detail: `"${group.name}" has ${people} people and access to ${grants} places. Take them out of it first.` })
  await trx.sql.deleteFrom('people_groups').where('id', '=', id).execute()
  house.audit.append(trx, house.clock(), { event: 'group.removed', actor, details: { groupId: id, name: group.name } })
}

/**
 * People join and leave. Who joins has all that the group has from this moment on; who leaves loses it, with the live codes under it.
 * @throws Problem notFound for an unknown group or person, badRequest for somebody who would do both, tooLarge
 */
export async function changeMembers (trx: Trx, house: House, siteId: string, id: string, { join = [], leave = [] }: GroupPeopleChange, actor: Named): Promise<GroupPeopleChanged> {
  const group = await groupOf(trx, siteId, id)
  if (join.some((one) => leave.includes(one))) throw new Problem('badRequest', { errors: [{ field: 'leave', needs: 'nobody who joins' }] })
  const now = house.clock()
  const before = new Set(await membersOf(trx, id))
  const granted = await grantedTo(trx, id)
  const details = { groupId: id, name: group.name }
  let left = 0
  for (const personId of new Set(leave)) {
    if (!before.delete(personId)) continue
    const codes = await takeBack(trx, house, granted.map(({ grant }) => grant.id), actor, personId)
    await trx.sql.deleteFrom('people_group_members').where('group_id', '=', id).where('person_id', '=', personId).execute()
    const subject = await trx.sql.selectFrom('people').select(['id', 'name']).where('id', '=', personId).executeTakeFirstOrThrow()
    house.audit.append(trx, now, { event: 'group.left', actor, subject, details: { ...details, codes } })
    left++
  }
  const joining = [...new Set(join)].filter((one) => !before.has(one))
  if (before.size + joining.length > MOST_PEOPLE) throw new Problem('tooLarge', { detail: `A group has at most ${MOST_PEOPLE} people.` })
  for (const personId of joining) {
    const subject = await trx.sql.selectFrom('people').select(['id', 'name']).where('id', '=', personId).where('site_id', '=', siteId).where('removed_at', 'is', null).executeTakeFirst()
    if (subject === undefined) throw new Problem('notFound')
    await trx.sql.insertInto('people_group_members').values({ group_id: id, person_id: personId, joined_at: now }).execute()
    house.audit.append(trx, now, { event: 'group.joined', actor, subject, details })
  }
  await spread(trx, house, granted, joining)
  return { joined: joining.length, left }
}

/**
 * Gives a group access: every member has it from this moment on. What it has already with the same window, schedule and number is
 * not given twice.
 * @throws Problem notFound for an unknown group, bank or access point; badRequest for nothing named, or a window that is over; tooLarge
 */
export async function giveToGroup (trx: Trx, house: House, siteId: string, id: string, form: GroupGrantForm, actor: Named): Promise<void> {
  const now = house.clock()
  const group = await groupOf(trx, siteId, id)
  const terms = { starts_at: form.startsAt ?? null, ends_at: form.endsAt ?? null, schedule: scheduleText(form.schedule), max_uses: form.maxUses ?? null }
  checkWindow(now, terms.starts_at, terms.ends_at)
  const places = [...await banksOf(trx, siteId, form.bankIds ?? []), ...await pointsOf(trx, siteId, form.accessPointIds ?? [])]
  if (places.length === 0) throw new Problem('badRequest', { errors: [{ field: 'accessPointIds', needs: 'at least one access point or bank' }] })
  const has = await trx.sql.selectFrom('people_group_grants').selectAll().where('group_id', '=', id).where('ended_at', 'is', null).execute()
  const people = await membersOf(trx, id)
  for (const place of places) {
    const isSame = (one: typeof has[number]): boolean => one.access_point_id === place.accessPointId && one.bank_id === place.bankId &&
      one.starts_at === terms.starts_at && one.ends_at === terms.ends_at && one.schedule === terms.schedule && one.max_uses === terms.max_uses
    if (has.some(isSame)) continue
    const grant = { id: house.newId(), group_id: id, group_name: group.name, access_point_id: place.accessPointId, bank_id: place.bankId, ...terms, given_by: actor.id, created_at: now, ended_at: null }
    await trx.sql.insertInto('people_group_grants').values(grant).execute()
    if (has.push(grant) > MOST_GRANTS) throw new Problem('tooLarge', { detail: `A group has access to at most ${MOST_GRANTS} places; a bank is one.` })
    await spread(trx, house, [{ grant, pointIds: place.pointIds }], people)
    house.audit.append(trx, now, {
      event: 'group.granted', actor, accessPoint: place.accessPointId === null ? null : { id: place.accessPointId, name: place.name },
      details: { groupId: id, name: group.name, groupGrantId: grant.id, place: place.name, people: people.length, startsAt: terms.starts_at, endsAt: terms.ends_at, ...terms.schedule !== null && { schedule: terms.schedule }, ...terms.max_uses !== null && { maxUses: terms.max_uses } }
    })
  }
}

/** Ends what a group was given, and the live codes of its people under it. @throws Problem notFound for an unknown or ended one */
export async function endGroupGrant (trx: Trx, house: House, siteId: string, groupGrantId: string, actor: Named): Promise<void> {
  const grant = await trx.sql.selectFrom('people_group_grants as gg').innerJoin('people_groups as pg', 'pg.id', 'gg.group_id').leftJoin('access_points as a', 'a.id', 'gg.access_point_id').leftJoin('banks as b', 'b.id', 'gg.bank_id')
    .select(['gg.group_id', 'pg.name', 'a.id as pointId', 'a.name as pointName', 'b.name as bankName']).where('gg.id', '=', groupGrantId).where('pg.site_id', '=', siteId).where('gg.ended_at', 'is', null).executeTakeFirst()
  if (grant === undefined) throw new Problem('notFound')
  const codes = await takeBack(trx, house, [groupGrantId], actor)
  const now = house.clock()
  await trx.sql.updateTable('people_group_grants').set({ ended_at: now }).where('id', '=', groupGrantId).execute()
  house.audit.append(trx, now, {
    event: 'group.grantEnded', actor, accessPoint: grant.pointId === null ? null : { id: grant.pointId, name: grant.pointName ?? '' },
    details: { groupId: grant.group_id, name: grant.name, groupGrantId, place: grant.bankName ?? grant.pointName ?? '', codes }
  })
}

/** A bank is going: ends what groups were given for the whole of it, and the live codes of their people under it. */
export async function endGrantsOfBank (trx: Trx, house: House, siteId: string, bankId: string, actor: Named): Promise<void> {
  const grants = await trx.sql.selectFrom('people_group_grants').select('id').where('bank_id', '=', bankId).where('ended_at', 'is', null).orderBy('id').execute()
  for (const { id } of grants) await endGroupGrant(trx, house, siteId, id, actor)
}

type Place = { accessPointId: string | null, bankId: string | null, name: string, pointIds: string[] }

async function banksOf (trx: Trx, siteId: string, ids: readonly string[]): Promise<Place[]> {
  const places: Place[] = []
  for (const id of new Set(ids)) {
    const bank = await trx.sql.selectFrom('banks').select('name').where('id', '=', id).where('site_id', '=', siteId).where('removed_at', 'is', null).executeTakeFirst()
    if (bank === undefined) throw new Problem('notFound')
    places.push({ accessPointId: null, bankId: id, name: bank.name, pointIds: await pointsOfBank(trx, id) })
  }
  return places
}

async function pointsOf (trx: Trx, siteId: string, ids: readonly string[]): Promise<Place[]> {
  const places: Place[] = []
  for (const id of new Set(ids)) {
    const point = await trx.sql.selectFrom('access_points').select('name').where('id', '=', id).where('site_id', '=', siteId).where('removed_at', 'is', null).executeTakeFirst()
    if (point === undefined) throw new Problem('notFound')
    places.push({ accessPointId: id, bankId: null, name: point.name, pointIds: [id] })
  }
  return places
}

async function groupOf (trx: Trx, siteId: string, id: string): Promise<{ name: string }> {
  const group = await trx.sql.selectFrom('people_groups').select('name').where('id', '=', id).where('site_id', '=', siteId).executeTakeFirst()
  if (group === undefined) throw new Problem('notFound')
  return group
}

async function checkNameIsFree (trx: Trx, siteId: string, name: string, exceptId = ''): Promise<void> {
  const taken = await trx.sql.selectFrom('people_groups').select('id').where('site_id', '=', siteId).where(sql`lower(name)`, '=', sql`lower(${name})`).where('id', '<>', exceptId).executeTakeFirst()
  if (taken !== undefined) throw new Problem('alreadyExists', { detail: `There is a group "${name}" already.` })
}
