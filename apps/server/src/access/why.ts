import { decideAccess, holdsUntil } from '@oncekey/protocol/access'
import type { HoldersPage, HoldersQuery, PointsPage, PointsQuery, WhyAnswer, WhyQuery } from '@oncekey/protocol/schemas'
import { sql } from 'kysely'
import { isOnline } from '../controllers/links.ts'
import { grantById } from '../grants/describe.ts'
import type { House } from '../house.ts'
import { Problem } from '../platform/problems.ts'
import { accessFacts } from './facts.ts'

const USUAL_PAGE = 50

/**
 * Would this person open this access point, and why, or why not? Changes nothing and counts nothing.
 * @throws Problem notFound when there never was such a person or access point here
 */
export async function explainAccess (house: House, siteId: string, { personId, accessPointId, at = house.clock(), by = 'code' }: WhyQuery): Promise<WhyAnswer> {
  const { facts, point, holder } = await accessFacts(house.db.ask, { siteId, personId, accessPointId, at, isConnected: (id) => isOnline(house, id) })
  if (point === null || holder === null) throw new Problem('notFound')
  const { granted, because, checks, grant, holiday } = decideAccess(by === 'remote' ? 'remote' : 'ask', facts)
  return {
    at, by, person: { id: holder.id, name: holder.name }, accessPoint: { id: point.id, name: point.name }, place: point.place, granted, because, checks, holiday,
    until: granted && grant !== null ? holdsUntil(grant, facts) : null, grant: grant === null ? null : await grantById(house, grant.id)
  }
}

/** Everybody with a grant for an access point that is not over, in order of name, each with the verdict. @throws Problem notFound, badRequest for an `after` that was not ours */
export async function holdersOf (house: House, siteId: string, { accessPointId, at = house.clock(), after, limit = USUAL_PAGE }: HoldersQuery): Promise<HoldersPage> {
  const point = await house.db.read.selectFrom('access_points').select('id').where('id', '=', accessPointId).where('site_id', '=', siteId).executeTakeFirst()
  if (point === undefined) throw new Problem('notFound')
  const from = placeFrom(after)
  const { rows } = await sql<{ id: string, key: string }>`SELECT DISTINCT p.name_key AS key, p.id FROM grants g JOIN people p ON p.id = g.person_id
    WHERE g.access_point_id = ${accessPointId} AND g.ended_at IS NULL AND (g.ends_at IS NULL OR g.ends_at > ${at}) AND (p.name_key, p.id) > (${from.key}, ${from.id}) ORDER BY p.name_key, p.id LIMIT ${limit + 1}`.execute(house.db.read)
  const { said, next } = await verdictsOf(rows, limit, (id) => explainAccess(house, siteId, { personId: id, accessPointId, at }))
  return { at, holders: said.map(({ person, granted, because, until, grant }) => ({ person, granted, because, until, grant })), next }
}

/** Every access point that a person has a grant for that is not over, in order of name, each with the verdict. @throws Problem notFound, badRequest for an `after` that was not ours */
export async function pointsOf (house: House, siteId: string, { personId, at = house.clock(), after, limit = USUAL_PAGE }: PointsQuery): Promise<PointsPage> {
  const known = await house.db.read.selectFrom('people').select('id').where('id', '=', personId).where('site_id', '=', siteId).executeTakeFirst()
  if (known === undefined) throw new Problem('notFound')
  const from = placeFrom(after)
  const { rows } = await sql<{ id: string, key: string }>`SELECT DISTINCT a.name AS key, a.id FROM grants g JOIN access_points a ON a.id = g.access_point_id
    WHERE g.person_id = ${personId} AND g.ended_at IS NULL AND (g.ends_at IS NULL OR g.ends_at > ${at}) AND (a.name, a.id) > (${from.key}, ${from.id}) ORDER BY a.name, a.id LIMIT ${limit + 1}`.execute(house.db.read)
  const { said, next } = await verdictsOf(rows, limit, (id) => explainAccess(house, siteId, { personId, accessPointId: id, at }))
  return { at, accessPoints: said.map(({ accessPoint, place, granted, because, until, grant }) => ({ accessPoint, place, granted, because, until, grant })), next }
}

type Place = { key: string, id: string }

/** A page of verdicts, and where the next one begins. @param rows one more than `limit` when there is a next one */
async function verdictsOf (rows: readonly Place[], limit: number, explain: (id: string) => Promise<WhyAnswer>): Promise<{ said: WhyAnswer[], next: string | null }> {
  const page = rows.slice(0, limit)
  const said: WhyAnswer[] = []
  for (const { id } of page) said.push(await explain(id))
  return { said, next: rows.length > limit ? placeOf(page.at(-1)) : null }
}

/** Opaque outside: what it holds may change. */
function placeOf (place: Place | undefined): string | null {
  return place === undefined ? null : Buffer.from(JSON.stringify([place.key, place.id])).toString('base64url')
}

function placeFrom (text: string | undefined): Place {
  if (text === undefined) return { key: '', id: '' }
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    if (Array.isArray(parts) && parts.length === 2) {
      const [key, id]: unknown[] = parts
      if (typeof key === 'string' && typeof id === 'string' && !`${key}${id}`.includes('\u0000')) return { key, id }
    }
  } catch { /* It was not ours. */ }
  throw new Problem('badRequest', { errors: [{ field: 'after', needs: 'the `next` of the page before' }] })
}
