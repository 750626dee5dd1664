import type { PeopleAnswer, PeopleQuery, Person, PersonState, Role } from '@oncekey/protocol/schemas'
import { sql } from 'kysely'
import type { House } from '../house.ts'
import { Problem } from '../platform/problems.ts'
import { afterFrom, afterOf, type After } from './after.ts'
import { STATE } from './state.ts'
import { termsOf } from './words.ts'

const USUAL_PAGE = 50
/** From how many on a search is not told apart from one for more. */
const COUNTED = 2_000
/** Rows that one request looks at, at most: the page is then shorter than asked for, and the next one goes on from there. */
const MOST_WALKED = 2_000
const roles: readonly Role[] = ['owner', 'admin', 'operator', 'member']
const states: readonly PersonState[] = ['active', 'invited', 'suspended']

/**
 * A page of the people of a site. Without a search in order of name; with one in order of the first word found, then name. What
 * it costs depends on the page's length, not on how many people there are or how many are found.
 * @throws Problem badRequest for an `after` that was not ours
 */
export async function findPeople (house: House, siteId: string, query: PeopleQuery = {}): Promise<PeopleAnswer> {
  const limit = query.limit ?? USUAL_PAGE
  const terms = termsOf(query.q ?? '')
  const filter: Filter = { siteId, roles: query.role === undefined ? roles : [query.role], states: query.state === undefined ? states : [query.state] }
  const after = query.after === undefined ? null : afterFrom(query.after, terms.length)
  const { ids, next } = terms.length === 0 ? await inOrder(house, filter, limit, after) : await search(house, filter, { terms, limit, after })
  const found = new Map((await peopleBy(house, ids)).map((person) => [person.id, person]))
  return { people: ids.flatMap((id) => found.get(id) ?? []), next: next === null ? null : afterOf(next) }
}

/** @throws Problem notFound */
export async function findPerson (house: House, siteId: string, personId: string): Promise<Person> {
  const row = await house.db.read.selectFrom('people').select('id').where('id', '=', personId).where('site_id', '=', siteId).where('removed_at', 'is', null).executeTakeFirst()
  const [person] = row === undefined ? [] : await peopleBy(house, [row.id])
  if (person === undefined) throw new Problem('notFound')
  return person
}

type Filter = { siteId: string, roles: readonly Role[], states: readonly PersonState[] }
type Found = { ids: string[], next: After | null }

async function inOrder (house: House, filter: Filter, limit: number, after: After | null): Promise<Found> {
  const rows = await nextByName(house, filter, limit + 1, after)
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return { ids: page.map((row) => row.id), next: rows.length > limit && last !== undefined ? { by: -1, word: '', key: last.name_key, id: last.id } : null }
}

/** One walk along the index for each role and state, put together: each walk is in order and stops early. */
async function nextByName (house: House, { siteId, roles, states }: Filter, count: number, after: After | null): Promise<{ id: string, name_key: string }[]> {
  const walks = roles.flatMap((role) => states.map((state) => sql`SELECT id, name_key FROM (SELECT id, name_key FROM people WHERE site_id = ${siteId} AND role = ${role} AND (${sql.raw(STATE)}) = ${state}
    AND removed_at IS NULL AND (name_key, id) > (${after?.key ?? ''}, ${after?.id ?? ''}) ORDER BY name_key, id LIMIT ${count}) AS walk`))
  return (await sql<{ id: string, name_key: string }>`SELECT id, name_key FROM (${sql.join(walks, sql` UNION ALL `)}) AS people_walked ORDER BY name_key, id LIMIT ${count}`.execute(house.db.read)).rows
}

type Search = { terms: readonly string[], limit: number, after: After | null }

/** Walks along whatever is rarest, one of the words or the filter, and looks at each whether the rest fits. */
async function search (house: House, filter: Filter, { terms, limit, after }: Search): Promise<Found> {
  const isFiltered = filter.roles.length < roles.length || filter.states.length < states.length
  const by = after?.by ?? (terms.length === 1 && !isFiltered ? 0 : await rarest(house, filter, isFiltered, terms))
  const ids: string[] = []
  let at = after
  // What fits is mostly there at once. If not, the steps grow.
  for (let walked = 0, step = limit + 1; walked < MOST_WALKED; step = Math.min(step * 4, 1_000)) {
    const rows = by === -1 ? await stepByName(house, filter, terms, step, at) : await stepByWord(house, filter, { terms, by, count: step, after: at })
    for (const row of rows) {
      if (row.fits === 1 && ids.length === limit) return { ids, next: at }
      if (row.fits === 1) ids.push(row.id)
      at = { by, word: row.word, key: row.name_key, id: row.id }
    }
    if (rows.length < step) return { ids, next: null }
    walked += rows.length
  }
  return { ids, next: at }
}

/** The term with the fewest people, or -1 for the filter. */
async function rarest (house: House, filter: Filter, isFiltered: boolean, terms: readonly string[]): Promise<number> {
  const counts = terms.map((term) => sql`SELECT count(*) AS count FROM (SELECT 1 FROM people_words WHERE word >= ${term} AND word < ${term + LAST} LIMIT ${COUNTED}) AS words`)
  if (isFiltered) counts.push(sql`SELECT count(*) AS count FROM (SELECT 1 FROM people WHERE ${fitsFilter(filter)} LIMIT ${COUNTED}) AS people_counted`)
  let best = { by: 0, count: Infinity }
  for (const [i, one] of counts.entries()) {
    const { rows } = await sql<{ count: number | string }>`${one}`.execute(house.db.read)
    const count = Number(rows[0]?.count)
    if (count < best.count) best = { by: i === terms.length ? -1 : i, count }
  }
  return best.by
}

type Walked = { id: string, word: string, name_key: string, fits: number }
/** Sorts behind everything that a word may go on with. */
const LAST = '\u{10ffff}'

async function stepByWord (house: House, filter: Filter, { terms, by, count, after }: { terms: readonly string[], by: number, count: number, after: After | null }): Promise<Walked[]> {
  const term = terms[by] ?? ''
  const others = terms.filter((_, i) => i !== by)
  return (await sql<Walked>`SELECT w.person_id AS id, w.word, w.name_key, CASE WHEN
      ${fitsTerms(others, sql`w.person_id`)}
      AND NOT EXISTS (SELECT 1 FROM people_words e WHERE e.person_id = w.person_id AND e.word >= ${term} AND e.word < w.word)
      AND EXISTS (SELECT 1 FROM people WHERE id = w.person_id AND ${fitsFilter(filter)}) THEN 1 ELSE 0 END AS fits
    FROM (SELECT word, name_key, person_id FROM people_words WHERE word < ${term + LAST} AND (word, name_key, person_id) > (${after?.word ?? term}, ${after?.key ?? ''}, ${after?.id ?? ''})
      ORDER BY word, name_key, person_id LIMIT ${count}) AS w ORDER BY w.word, w.name_key, w.person_id`.execute(house.db.read)).rows
}

async function stepByName (house: House, filter: Filter, terms: readonly string[], count: number, after: After | null): Promise<Walked[]> {
  const rows = await nextByName(house, filter, count, after)
  const fitting = rows.length === 0 ? [] : await house.db.read.selectFrom('people as p').select('p.id').where('p.id', 'in', rows.map((row) => row.id)).where(fitsTerms(terms, sql`p.id`)).execute()
  const ids = new Set(fitting.map((row) => row.id))
  return rows.map((row) => ({ ...row, word: '', fits: ids.has(row.id) ? 1 : 0 }))
}

function fitsFilter ({ siteId, roles, states }: Filter) {
  return sql<boolean>`site_id = ${siteId} AND removed_at IS NULL AND role IN (${sql.join(roles)}) AND (${sql.raw(STATE)}) IN (${sql.join(states)})`
}

function fitsTerms (terms: readonly string[], personId: ReturnType<typeof sql>) {
  const all = terms.map((term) => sql`EXISTS (SELECT 1 FROM people_words t WHERE t.person_id = ${personId} AND t.word >= ${term} AND t.word < ${term + LAST})`)
  return sql<boolean>`${all.length === 0 ? sql`1 = 1` : sql.join(all, sql` AND `)}`
}

/** Whole rows; what is counted is counted for these alone. */
async function peopleBy (house: House, ids: readonly string[]): Promise<Person[]> {
  if (ids.length === 0) return []
  const now = house.clock()
  // `+ 0`: the few codes of a person, not all that live, whatever a database thinks of how many those are.
  const rows = await house.db.read.selectFrom('people as p')
    .select(['p.id', 'p.name', 'p.email', 'p.username', 'p.role', 'p.last_seen_at', 'p.created_at'])
    .select([
      sql<PersonState>`${sql.raw(STATE)}`.as('state'),
      sql<number>`(SELECT count(DISTINCT g.access_point_id) FROM grants g WHERE g.person_id = p.id AND g.ended_at IS NULL
        AND (g.starts_at IS NULL OR g.starts_at <= ${now}) AND (g.ends_at IS NULL OR g.ends_at > ${now}))`.as('grants'),
      sql<number>`(SELECT count(*) FROM codes c WHERE c.holder_id = p.id AND c.state = 'issued' AND c.expires_at + 0 > ${now})`.as('codes'),
      sql<number>`(SELECT count(*) FROM sessions s WHERE s.person_id = p.id AND s.ends_at > ${now} AND s.last_seen_at + s.idle_ms > ${now})`.as('sessions')
    ])
    .where('p.id', 'in', ids).execute()
  return rows.map((row) => ({
    id: row.id, name: row.name, email: row.email, username: row.username, role: row.role, state: row.state,
    grants: row.grants, liveCodes: row.codes, sessions: row.sessions, lastSeen: row.last_seen_at, createdAt: row.created_at
  }))
}
