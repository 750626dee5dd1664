import type { AccessPoint, Bank, Places } from '@oncekey/protocol/schemas'
import { describeControllers } from '../controllers/describe.ts'
import type { House } from '../house.ts'
import { Problem } from '../platform/problems.ts'

/**
 * Access points as operators see them, in natural order of name (A2 before A10). `recipients`: names of those who may open
 * it now; holders are not told about each other.
 */
export async function describeAccessPoints (house: House, which: { siteId: string } | { ids: readonly string[] }): Promise<AccessPoint[]> {
  let query = house.db.read.selectFrom('access_points as a').innerJoin('sites as s', 's.id', 'a.site_id').leftJoin('banks as b', 'b.id', 'a.bank_id')
    .select(['a.id', 'a.kind', 'a.name', 'a.bank_id', 'a.controller_id', 'a.lock', 'a.size', 'a.height_mm', 's.name as siteName', 'b.name as bankName']).where('a.removed_at', 'is', null)
  query = 'ids' in which ? query.where('a.id', 'in', which.ids) : query.where('a.site_id', '=', which.siteId)
  const rows = await query.execute()
  const recipients = await recipientsOf(house, rows.map((row) => row.id))
  const byName = new Intl.Collator('en', { numeric: true })
  return rows.map((row) => ({
    id: row.id, kind: row.kind, name: row.name, bankId: row.bank_id, place: row.bankName ?? row.siteName,
    controllerId: row.controller_id, lock: row.lock, recipients: recipients.get(row.id) ?? [],
    ...row.size !== null && { size: row.size }, ...row.height_mm !== null && { heightMm: row.height_mm }
  })).sort((a, b) => byName.compare(a.name, b.name))
}

/** The tree of a site: banks with their compartments, doors, controllers. */
export async function describePlaces (house: House, siteId: string, withControllers = true): Promise<Places> {
  const site = await house.db.read.selectFrom('sites').select(['id', 'name', 'time_zone']).where('id', '=', siteId).executeTakeFirst()
  if (site === undefined) throw new Problem('notFound')
  const points = await describeAccessPoints(house, { siteId })
  const banks = await house.db.read.selectFrom('banks').select(['id', 'name']).where('site_id', '=', siteId).where('removed_at', 'is', null).execute()
  const byName = new Intl.Collator('en', { numeric: true })
  const ofBanks = Map.groupBy(points, (point) => point.bankId)
  return {
    site: { id: site.id, name: site.name, timeZone: site.time_zone },
    banks: banks.map((bank): Bank => ({ id: bank.id, name: bank.name, accessPoints: ofBanks.get(bank.id) ?? [] })).sort((a, b) => byName.compare(a.name, b.name)),
    doors: ofBanks.get(null) ?? [],
    controllers: withControllers ? await describeControllers(house, siteId) : [],
    publicUrl: house.config.publicUrl
  }
}

async function recipientsOf (house: House, ids: readonly string[]): Promise<Map<string, string[]>> {
  const names = new Map<string, string[]>()
  // One query for a whole site: a list of ids has a limit in SQL.
  const now = house.clock()
  const wanted = new Set(ids)
  const rows = await house.db.read.selectFrom('grants as g').innerJoin('people as p', 'p.id', 'g.person_id').select(['g.access_point_id', 'p.name']).distinct()
    .where('g.ended_at', 'is', null).where((eb) => eb.or([eb('g.starts_at', 'is', null), eb('g.starts_at', '<=', now)]))
    .where((eb) => eb.or([eb('g.ends_at', 'is', null), eb('g.ends_at', '>', now)])).where('p.removed_at', 'is', null).where('p.suspended_at', 'is', null).orderBy('p.name').execute()
  for (const row of rows) if (wanted.has(row.access_point_id)) names.set(row.access_point_id, [...names.get(row.access_point_id) ?? [], row.name])
  return names
}
