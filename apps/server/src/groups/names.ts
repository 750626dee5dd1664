import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'

/** Groups of a site by their names in lower case: for lists that name them. */
export async function groupsByName (house: House, siteId: string): Promise<Map<string, string>> {
  const groups = await house.db.read.selectFrom('people_groups').select(['id', 'name']).where('site_id', '=', siteId).execute()
  return new Map(groups.map(({ id, name }) => [name.toLowerCase(), id]))
}

export async function isGroup (trx: Trx, siteId: string, id: string): Promise<boolean> {
  return await trx.sql.selectFrom('people_groups').select('id').where('id', '=', id).where('site_id', '=', siteId).executeTakeFirst() !== undefined
}
