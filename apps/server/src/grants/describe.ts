import type { Grant } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { scheduleFrom } from './facts.ts'

/** Grants with the names that pages show. */
export function grantRows (house: House) {
  return house.db.read.selectFrom('grants as g').innerJoin('people as p', 'p.id', 'g.person_id').innerJoin('access_points as a', 'a.id', 'g.access_point_id')
    .innerJoin('sites as s', 's.id', 'a.site_id').leftJoin('banks as b', 'b.id', 'a.bank_id').leftJoin('people_group_grants as gg', 'gg.id', 'g.group_grant_id')
    .select(['g.id', 'g.starts_at', 'g.ends_at', 'g.created_at', 'p.id as personId', 'p.name as personName', 'a.id as pointId', 'a.name as pointName', 's.name as siteName', 'b.name as bankName', 'g.schedule', 'g.max_uses', 'g.uses', 'gg.group_id', 'gg.group_name'])
}

type Row = Awaited<ReturnType<ReturnType<typeof grantRows>['executeTakeFirstOrThrow']>>

export function describeGrant (row: Row): Grant {
  return {
    id: row.id, personId: row.personId, personName: row.personName, accessPointId: row.pointId, accessPointName: row.pointName,
    place: row.bankName ?? row.siteName, startsAt: row.starts_at, endsAt: row.ends_at, createdAt: row.created_at, schedule: scheduleFrom(row.schedule), maxUses: row.max_uses, uses: row.uses,
    group: row.group_id === null || row.group_name === null ? null : { id: row.group_id, name: row.group_name }
  }
}

/** One grant, also one that was ended; null: there is none of this id. */
export async function grantById (house: House, id: string): Promise<Grant | null> {
  const row = await grantRows(house).where('g.id', '=', id).executeTakeFirst()
  return row === undefined ? null : describeGrant(row)
}
