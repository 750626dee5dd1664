import type { Group, GroupGrant, GroupPeople } from '@oncekey/protocol/schemas'
import { scheduleFrom } from '../grants/facts.ts'
import type { House } from '../house.ts'
import { Problem } from '../platform/problems.ts'

const byName = new Intl.Collator('en', { numeric: true })

/** Groups of a site with what they may open now or later, in order of name. @param id only this one */
export async function findGroups (house: House, siteId: string, id?: string): Promise<Group[]> {
  const read = house.db.read
  let query = read.selectFrom('people_groups as pg').select(['pg.id', 'pg.name', (eb) => eb.selectFrom('people_group_members as m').select((count) => count.fn.countAll().as('n')).whereRef('m.group_id', '=', 'pg.id').as('people')]).where('pg.site_id', '=', siteId)
  if (id !== undefined) query = query.where('pg.id', '=', id)
  const groups = await query.execute()
  let granted = read.selectFrom('people_group_grants as gg').innerJoin('people_groups as pg', 'pg.id', 'gg.group_id').leftJoin('access_points as a', 'a.id', 'gg.access_point_id').leftJoin('banks as b', (join) => join.on((eb) => eb.or([eb('b.id', '=', eb.ref('gg.bank_id')), eb('b.id', '=', eb.ref('a.bank_id'))])))
    .select(['gg.id', 'gg.group_id', 'gg.access_point_id', 'gg.bank_id', 'gg.starts_at', 'gg.ends_at', 'gg.created_at', 'gg.schedule', 'gg.max_uses', 'a.name as pointName', 'b.name as bankName'])
    .where('pg.site_id', '=', siteId).where('gg.ended_at', 'is', null).where((eb) => eb.or([eb('gg.ends_at', 'is', null), eb('gg.ends_at', '>', house.clock())]))
  if (id !== undefined) granted = granted.where('pg.id', '=', id)
  const grants = new Map<string, GroupGrant[]>()
  for (const row of await granted.execute()) {
    const one: GroupGrant = {
      id: row.id, accessPointId: row.access_point_id, bankId: row.bank_id, place: [row.bankName, row.pointName].filter((name) => name !== null).join(' · '),
      startsAt: row.starts_at, endsAt: row.ends_at, createdAt: row.created_at, schedule: scheduleFrom(row.schedule), maxUses: row.max_uses
    }
    grants.set(row.group_id, [...grants.get(row.group_id) ?? [], one])
  }
  return groups.map((group) => ({ id: group.id, name: group.name, people: Number(group.people), grants: (grants.get(group.id) ?? []).sort((a, b) => byName.compare(a.place, b.place)) })).sort((a, b) => byName.compare(a.name, b.name))
}

/** @throws Problem notFound */
export async function findGroup (house: House, siteId: string, id: string): Promise<Group> {
  const [group] = await findGroups(house, siteId, id)
  if (group === undefined) throw new Problem('notFound')
  return group
}

/** Who is in a group, in order of name. @throws Problem notFound */
export async function findMembers (house: House, siteId: string, id: string): Promise<GroupPeople> {
  await findGroup(house, siteId, id)
  return { people: await house.db.read.selectFrom('people_group_members as m').innerJoin('people as p', 'p.id', 'm.person_id').select(['p.id', 'p.name']).where('m.group_id', '=', id).orderBy('p.name_key').orderBy('p.id').execute() }
}
