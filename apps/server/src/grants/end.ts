import type { Doer, Named } from '../audit/append.ts'
import { revokeCodes } from '../codes/revoke.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'

/**
 * Ends grants that have not ended, and at once the live codes that were issued under them.
 * @returns how many
 */
export async function endGrants (trx: Trx, house: House, which: { personId: string } | { accessPointId: string } | { grantId: string }, actor: Doer): Promise<number> {
  let query = trx.sql.selectFrom('grants as g').innerJoin('people as p', 'p.id', 'g.person_id').innerJoin('access_points as a', 'a.id', 'g.access_point_id')
    .select(['g.id', 'p.id as personId', 'p.name as personName', 'a.id as pointId', 'a.name as pointName']).where('g.ended_at', 'is', null)
  if ('personId' in which) query = query.where('g.person_id', '=', which.personId)
  else if ('accessPointId' in which) query = query.where('g.access_point_id', '=', which.accessPointId)
  else query = query.where('g.id', '=', which.grantId)
  const grants = await query.orderBy('g.id').execute()
  const now = house.clock()
  for (const grant of grants) {
    const codes = await revokeCodes(trx, house, { grantId: grant.id }, actor)
    await trx.sql.updateTable('grants').set({ ended_at: now }).where('id', '=', grant.id).execute()
    house.audit.append(trx, now, {
      event: 'grant.ended', actor, subject: { id: grant.personId, name: grant.personName }, accessPoint: { id: grant.pointId, name: grant.pointName }, details: { grantId: grant.id, codes }
    })
  }
  return grants.length
}

/** Ends one grant of a site. @throws Problem notFound for an unknown or ended one, inUse for one that comes through a group: it would be back with the next change of it */
export async function endGrant (trx: Trx, house: House, siteId: string, grantId: string, actor: Named): Promise<void> {
  const grant = await trx.sql.selectFrom('grants as g').innerJoin('access_points as a', 'a.id', 'g.access_point_id').leftJoin('people_group_grants as gg', 'gg.id', 'g.group_grant_id').select(['g.id', 'gg.group_name'])
    .where('g.id', '=', grantId).where('a.site_id', '=', siteId).where('g.ended_at', 'is', null).executeTakeFirst()
  if (grant === undefined) throw new Problem('notFound')
  if (grant.group_name !== null) throw new Problem('inUse', { detail: `This access comes through the group "${grant.group_name}". Take the person out of it, or end the group's access.` })
  await endGrants(trx, house, { grantId }, actor)
}
