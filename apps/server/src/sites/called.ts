import type { House } from '../house.ts'
import { termsOf } from '../people/words.ts'

/** Access points that are called so now, also removed ones: each word is the beginning of one in the name of the point or of its bank. `hasMore`: there are others. */
export async function accessPointsCalled (house: House, siteId: string, text: string, most: number): Promise<{ accessPoints: { id: string, name: string }[], hasMore: boolean }> {
  const terms = termsOf(text)
  if (terms.length === 0) return { accessPoints: [], hasMore: false }
  const points = await house.db.read.selectFrom('access_points as a').leftJoin('banks as b', 'b.id', 'a.bank_id').select(['a.id', 'a.name', 'b.name as bank']).where('a.site_id', '=', siteId).orderBy('a.name').orderBy('a.id').execute()
  const found = []
  for (const { id, name, bank } of points) {
    const full = bank === null ? name : `${bank} · ${name}`
    const words = termsOf(full, Infinity)
    if (!terms.every((term) => words.some((word) => word.startsWith(term)))) continue
    if (found.length === most) return { accessPoints: found, hasMore: true }
    found.push({ id, name: full })
  }
  return { accessPoints: found, hasMore: false }
}
