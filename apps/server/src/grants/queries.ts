import type { Grant } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { describeGrant, grantRows } from './describe.ts'

const byName = new Intl.Collator('en', { numeric: true })

export type GrantFilter = { personId?: string | undefined, accessPointId?: string | undefined, ids?: readonly string[] }

/** Grants of a site that are valid now or will be, in order of person and access point. */
export async function findGrants (house: House, siteId: string, filter: GrantFilter = {}): Promise<Grant[]> {
  const now = house.clock()
  let query = grantRows(house).where('a.site_id', '=', siteId).where('g.ended_at', 'is', null).where((eb) => eb.or([eb('g.ends_at', 'is', null), eb('g.ends_at', '>', now)]))
  if (filter.personId !== undefined) query = query.where('g.person_id', '=', filter.personId)
  if (filter.accessPointId !== undefined) query = query.where('g.access_point_id', '=', filter.accessPointId)
  if (filter.ids !== undefined) query = query.where('g.id', 'in', filter.ids)
  return (await query.execute()).map(describeGrant).sort((a, b) => byName.compare(a.personName, b.personName) || byName.compare(a.place, b.place) || byName.compare(a.accessPointName, b.accessPointName))
}
