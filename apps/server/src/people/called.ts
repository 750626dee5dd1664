import type { House } from '../house.ts'
import { findPeople } from './queries.ts'

/** Who is called so now, by the beginnings of words of name, user name and address; `hasMore`: there are others. */
export async function peopleCalled (house: House, siteId: string, text: string, most: number): Promise<{ people: { id: string, name: string }[], hasMore: boolean }> {
  const { people, next } = await findPeople(house, siteId, { q: text, limit: most })
  return { people: people.map(({ id, name }) => ({ id, name })), hasMore: next !== null }
}
