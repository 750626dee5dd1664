import type { House } from '../house.ts'
import { Problem } from '../platform/problems.ts'

/** The site of this house, for those who are not signed in. @throws Problem notFound before the first run */
export async function theSite (house: House): Promise<{ id: string, name: string }> {
  const site = await house.db.read.selectFrom('sites').select(['id', 'name']).orderBy('created_at').limit(1).executeTakeFirst()
  if (site === undefined) throw new Problem('notFound', { detail: 'Oncekey is not set up yet.' })
  return site
}
