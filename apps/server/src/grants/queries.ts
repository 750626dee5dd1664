import type { Grant } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'

export type GrantFilter = { personId?: string | undefined, accessPointId?: string | undefined, ids?: readonly string[] }

/** Grants of a site that are valid now or will be, in order of person and access point. */
export async function findGrants (house: House, siteId: string, filter: GrantFilter = {}): Promise<Grant[]> {
  const now = house.clock()
  let query = house.db.read.selectFrom('grants as g').innerJoin('people as p', 'p.id', 'g.person_id').innerJoin('access_points as a', 'a.id', 'g.access_point_id')
    .innerJoin('sites as s', 's.id', 'a.site_id').leftJoin('banks as b', 'b.id', 'a.bank_id')
    .select(['g.id', 'g.starts_at', 'g.ends_at', 'g.created_at', 'p.id as personId', 'p.name as personName', 'a.id as pointId', 'a.name as pointName', 's.name as siteName', 'b.name as bankName'])
    .where('a.site_id', '=', siteId).where('g.ended_at', 'is', null).where((eb) => eb.or([eb('g.ends_at', 'is', null), eb('g.ends_at', '>', now)]))
  if (filter.personId !== undefined) query = query.where('g.person_id', '=', filter.personId)
  if (filter.accessPointId !== undefined) query = query.where('g.access_point_id', '=', filter.accessPointId)
  if (filter.ids !== undefined) query = query.where('g.id', 'in', filter.ids)
  const byName = new Intl.Collator('en', { numeric: true })
  return (await query.execute()).map((row) => ({
    id: row.id, personId: row.personId, personName: row.personName, accessPointId: row.pointId, accessPointName: row.pointName,
    place: row.bankName ?? row.siteName, startsAt: row.starts_at, endsAt: row.ends_at, createdAt: row.created_at
  })).sort((a, b) => byName.compare(a.personName, b.personName) || byName.compare(a.place, b.place) || byName.compare(a.accessPointName, b.accessPointName))
}
