import type { Me } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { Problem } from '../platform/problems.ts'

/** What a page needs to know about who is signed in. */
export async function describeMe (house: House, personId: string): Promise<Me> {
  const row = await house.db.read.selectFrom('people as p').innerJoin('sites as s', 's.id', 'p.site_id')
    .select(['p.id', 'p.name', 'p.email', 'p.role', 's.id as siteId', 's.name as siteName', 's.time_zone', 's.demonstration'])
    .where('p.id', '=', personId).executeTakeFirst()
  if (row === undefined) throw new Problem('signInNeeded')
  return {
    id: row.id, name: row.name, email: row.email, role: row.role,
    site: { id: row.siteId, name: row.siteName, timeZone: row.time_zone, demonstration: row.demonstration === 1, mailWorks: house.config.smtpUrl !== null }
  }
}
