import { sql, type Kysely, type RawBuilder, type Selectable } from 'kysely'
import type { Tables } from '../platform/tables.ts'
import { stretchesOf, type Stretch } from './slots.ts'

type Column = 'actor_id' | 'subject_id' | 'access_point_id' | 'event' | 'reason' | 'severity'
/** One value of one column, each with an index in order of the rows' numbers. */
export type Term = { column: Column, value: string }
/** A row fits when each clause has a term that is so, and its moment is in between; `to` is the first one that is not. */
export type RecordFilter = { clauses: readonly (readonly Term[])[], from?: number | undefined, to?: number | undefined }
export type Walk = { before?: number | undefined, after?: number | undefined, limit: number }
export type Walked = { rows: Selectable<Tables['audit']>[], /** Whether there are more, and from where on nothing was looked at. */ edge: number | null }

/** Rows that one request looks at, at most, where no index says alone which ones fit. */
const MOST_LOOKED_AT = 5_000

/**
 * Rows that fit, in order: the newest first, or with `after` the oldest first. It walks along the index of the clause that
 * reaches furthest, each term's walk in order and to an end, and looks at each row whether the rest fits.
 * Where that would be too many, it stops: the page is then short, and `edge` says where to go on.
 */
export async function walkRecord (read: Kysely<Tables>, filter: RecordFilter, { before, after, limit }: Walk): Promise<Walked> {
  const up = after !== undefined
  // Nothing is what it is to be.
  if (filter.clauses.some((clause) => clause.length === 0)) return { rows: [], edge: null }
  const stretches = (await stretchesOf(read, filter)).map(({ low, high }) => ({ low: Math.max(low, (after ?? 0) + 1), high: Math.min(high, before ?? Infinity) })).filter(({ low, high }) => low < high)
  if (up) stretches.reverse()
  const found = new Map<number, Selectable<Tables['audit']>>()
  let edge: number | null = null
  for (const stretch of stretches) {
    const one = await walkStretch(read, filter, { stretch, up, limit: limit + 1 - found.size })
    for (const row of one.rows) found.set(row.seq, row)
    edge = one.edge
    if (edge !== null || found.size > limit) break
  }
  const rows = [...found.values()].sort((a, b) => up ? a.seq - b.seq : b.seq - a.seq)
  return rows.length > limit ? { rows: rows.slice(0, limit), edge: rows[limit - 1]?.seq ?? null } : { rows, edge }
}

type Part = { stretch: Stretch, up: boolean, limit: number }

async function walkStretch (read: Kysely<Tables>, filter: RecordFilter, { stretch, up, limit }: Part): Promise<Walked> {
  const { clauses, from, to } = filter
  const isAlone = clauses.length < 2 && from === undefined && to === undefined && !clauses.flat().some(hasNoIndex)
  const { driver, edge } = isAlone ? { driver: clauses[0] ?? null, edge: null } : await furthest(read, clauses, stretch, up)
  const bounds = edge === null ? stretch : up ? { low: stretch.low, high: edge + 1 } : { low: edge, high: stretch.high }
  const rest = [...clauses.filter((one) => one !== driver).map(fits), ...from === undefined ? [] : [sql`time >= ${from}`], ...to === undefined ? [] : [sql`time < ${to}`]]
  const order = sql.raw(up ? 'ASC' : 'DESC')
  const walks = (driver ?? [null]).map((term) => sql`SELECT seq FROM (SELECT seq FROM audit WHERE ${sql.join([...term === null ? [] : [is(term)], within(bounds), ...rest], sql` AND `)} ORDER BY seq ${order} LIMIT ${limit}) AS walk`)
  // The same row may be found by who did it and by whom it is about: UNION, which takes it once.
  const seqs = await sql<{ seq: number | string }>`SELECT seq FROM (${sql.join(walks, sql` UNION `)}) AS walks ORDER BY seq ${order} LIMIT ${limit}`.execute(read)
  if (seqs.rows.length === 0) return { rows: [], edge }
  const rows = await read.selectFrom('audit').selectAll().where('seq', 'in', seqs.rows.map((row) => Number(row.seq))).execute()
  return { rows, edge }
}

/** The clause along which the rows that may be looked at reach furthest, and how far that is; null: to the end. Without any clause it is the rows themselves. */
async function furthest (read: Kysely<Tables>, clauses: RecordFilter['clauses'], stretch: Stretch, up: boolean): Promise<{ driver: readonly Term[] | null, edge: number | null }> {
  const choices = clauses.filter((clause) => !clause.some(hasNoIndex))
  if (choices.length === 0) return { driver: null, edge: await reach(read, null, stretch, up) }
  let best: { driver: readonly Term[], edge: number } | null = null
  for (const driver of choices) {
    const edge = await reach(read, driver, stretch, up)
    if (edge === null) return { driver, edge }
    if (best === null || (up ? edge > best.edge : edge < best.edge)) best = { driver, edge }
  }
  return best ?? { driver: null, edge: null }
}

async function reach (read: Kysely<Tables>, clause: readonly Term[] | null, stretch: Stretch, up: boolean): Promise<number | null> {
  const terms = clause ?? [null]
  const skip = Math.floor(MOST_LOOKED_AT / terms.length)
  const order = sql.raw(up ? 'ASC' : 'DESC')
  const ends = terms.map((term) => sql`SELECT seq FROM (SELECT seq FROM audit WHERE ${sql.join([...term === null ? [] : [is(term)], within(stretch)], sql` AND `)} ORDER BY seq ${order} LIMIT 1 OFFSET ${skip}) AS walk`)
  const { rows } = await sql<{ edge: number | string | null }>`SELECT ${sql.raw(up ? 'min' : 'max')}(seq) AS edge FROM (${sql.join(ends, sql` UNION ALL `)}) AS walks`.execute(read)
  const edge = rows[0]?.edge ?? null
  return edge === null ? null : Number(edge)
}

/** Nearly every row is of that weight, so there is no index of it. */
function hasNoIndex ({ column, value }: Term): boolean {
  return column === 'severity' && value === 'info'
}

function within ({ low, high }: Stretch): RawBuilder<unknown> {
  return high === Infinity ? sql`seq >= ${low}` : sql`seq >= ${low} AND seq < ${high}`
}

function is ({ column, value }: Term): RawBuilder<unknown> {
  // In these words the partial index says what it is of.
  const only = column === 'event' ? sql`` : column === 'severity' ? sql` AND severity <> 'info'` : sql` AND ${sql.ref(column)} IS NOT NULL`
  return sql`${sql.ref(column)} = ${value}${only}`
}

/** The same without an index: the walk is chosen here, where it is known how far each one reaches, and not by a planner without statistics. */
function fits (clause: readonly Term[]): RawBuilder<unknown> {
  return sql`(${sql.join(clause.map(({ column, value }) => sql`coalesce(${sql.ref(column)}, '') = ${value}`), sql` OR `)})`
}
