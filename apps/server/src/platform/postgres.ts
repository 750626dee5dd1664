import { createHash } from 'node:crypto'
import { HandleEmptyInListsPlugin, Kysely, PostgresDialect, replaceWithNoncontingentExpression } from 'kysely'
import { Client, Pool, type QueryConfig, type QueryResult } from 'pg'
import type { Engine, Row, Statement, Value } from './db.ts'
import { Flight } from './flight.ts'
import { configOf, connectTo, isAway, isCrossed, problemOf } from './postgres-session.ts'
import type { Tables } from './tables.ts'

/** Connections that read beside the one that writes. */
const READERS = 4

type Answer = QueryResult<Record<string, unknown>>

/** PostgreSQL with its writing connection, for the code engine. */
export type Postgres = Engine & { query: (text: string, values?: unknown[]) => Promise<Answer> }

/**
 * Opens PostgreSQL: one connection that writes groups, a few that read. A lost connection is made anew by the next
 * group. Several processes may use one database: writes exclude each other by advisory locks that end with their
 * transaction.
 * @param url see `checkPostgres`, which is to be asked first
 */
export function openPostgres (url: string): Postgres {
  const flight = new Flight()
  const readers = new Pool({ ...configOf(url, '-c default_transaction_read_only=on'), max: READERS, idleTimeoutMillis: 60_000 })
  // An idle connection that breaks is no error of anybody; the pool makes another one.
  readers.on('error', () => {})
  let client: Client | null = null
  let isIn = false
  let changes = 0

  async function connect (): Promise<Client> {
    if (client !== null) return client
    const fresh = new Client(configOf(url))
    const drop = (): void => { if (client === fresh) client = null }
    fresh.on('error', drop)
    fresh.on('end', drop)
    await fresh.connect()
    // A commit that is told to anybody is on disk, whatever the server is set to.
    await fresh.query("SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'")
    client = fresh
    return fresh
  }

  /** A query of the group, watched by nobody. */
  async function plain (query: QueryConfig | string): Promise<Answer> {
    if (client === null) throw Object.assign(new Error('Connection terminated between two queries.'), { code: '08006' })
    return client.query(query)
  }

  /** A query of a write. */
  async function query (config: QueryConfig): Promise<Answer> {
    flight.enter()
    if (!readsOnly(config.text)) changes++
    try {
      return await plain(config)
    } catch (error) {
      // It has ended the transaction for everybody.
      changes++
      throw error
    } finally {
      flight.leave()
    }
  }

  const sql = kyselyOver(async () => ({ query: (text: string, values: readonly unknown[]) => query({ text, values: [...values] }), release () {} }))
  const read = kyselyOver(async () => {
    const reader = await readers.connect().catch((error: unknown) => { throw problemOf(error) })
    return {
      query: (text: string, values: readonly unknown[]) => reader.query(text, [...values]).catch((error: unknown) => { throw problemOf(error) }),
      release: () => { reader.release() }
    }
  })

  return {
    kind: 'postgres', flight, sql, read,
    // The code engine's texts are few: planned once for a connection, like our own.
    query: (text, values = []) => query({ ...namedStatement(text), values }),
    prepare (text) {
      flight.check()
      return statementOver(text, query)
    },
    ask: (text) => statementOver(text, (config) => readers.query(config).catch((error: unknown) => { throw problemOf(error) })),
    async begin (subjects) {
      await connect()
      isIn = true
      await plain(`BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; ${locksOf(subjects)}`)
    },
    changes: () => changes,
    savepoint: () => plain('SAVEPOINT one'),
    release: () => plain('RELEASE one'),
    undo: () => plain('ROLLBACK TO one; RELEASE one'),
    async commit () {
      const { command } = await plain('COMMIT')
      isIn = false
      // To a transaction that has failed it answers ROLLBACK.
      if (command !== 'COMMIT') throw new Error('The transaction ended early.')
    },
    async rollback () {
      isIn = false
      // Whatever it can not undo ends with its connection.
      await plain('ROLLBACK').catch(async () => {
        const lost = client
        client = null
        await lost?.end().catch(() => {})
      })
    },
    isInTransaction: () => isIn && client !== null,
    problemOf,
    isPassing: (error) => isCrossed(error) || isAway(error),
    async close () {
      await sql.destroy()
      await read.destroy()
      await readers.end()
      await client?.end()
    }
  }
}

/**
 * Reads on a connection of its own, for long walks.
 * @param snapshot everything as of this moment, whatever is written meanwhile
 */
export async function readPostgres<Result> (url: string, { snapshot }: { snapshot: boolean }, work: (sql: Kysely<Tables>) => Promise<Result>): Promise<Result> {
  const client = await connectTo(url, '-c default_transaction_read_only=on -c idle_in_transaction_session_timeout=0')
  try {
    if (snapshot) await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    return await work(kyselyOver(async () => ({ query: (text, values) => client.query(text, [...values]), release () {} })))
  } finally {
    await client.end().catch(() => {})
  }
}

type Connection = { query: (text: string, values: readonly unknown[]) => Promise<Answer>, release: () => void }

function kyselyOver (connect: () => Promise<Connection>): Kysely<Tables> {
  // The dialect asks for a pool of `pg` and uses no more of it than this; it streams nowhere.
  const pool = { connect, async end () {} } as unknown as Pool
  // `IN ()` is nothing to SQLite and an error here.
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }), plugins: [new HandleEmptyInListsPlugin({ strategy: replaceWithNoncontingentExpression })] })
}

function statementOver (text: string, query: (config: QueryConfig) => Promise<Answer>): Statement {
  const { name, text: numbered } = namedStatement(text)
  const ask = (values: Value[]): Promise<Answer> => query({ name, text: numbered, values })
  return {
    // Our columns hold texts and whole numbers only.
    get: async (...values) => (await ask(values)).rows[0] as Row | undefined,
    all: async (...values) => (await ask(values)).rows as Row[],
    run: async (...values) => ({ changes: (await ask(values)).rowCount ?? 0 })
  }
}

const statements = new Map<string, { name: string, text: string }>()

/** `?` as `$1`, `$2` …; the name under which a connection keeps the statement prepared. */
function namedStatement (text: string): { name: string, text: string } {
  const known = statements.get(text)
  if (known !== undefined) return known
  let count = 0
  const fresh = { name: `s${statements.size + 1}`, text: text.replaceAll('?', () => `$${++count}`) }
  statements.set(text, fresh)
  return fresh
}

/** Said before the answer is there: a write may end without it. */
function readsOnly (text: string): boolean {
  return /^\s*select\b/i.test(text)
}

/** The house itself; every write holds it, shared or alone. */
const HOUSE = keyOf('oncekey')

/** Locks of a group, as SQL: in one order, so that no two groups wait for each other crosswise. */
function locksOf (subjects: readonly string[] | null): string {
  if (subjects === null) return `SELECT pg_advisory_xact_lock(${HOUSE})`
  const keys = [...new Set(subjects.map((subject) => keyOf(`oncekey subject ${subject}`)))].sort((a, b) => a < b ? -1 : 1)
  return [`SELECT pg_advisory_xact_lock_shared(${HOUSE})`, ...keys.map((key) => `SELECT pg_advisory_xact_lock(${key})`)].join('; ')
}

function keyOf (name: string): bigint {
  return createHash('sha256').update(name).digest().readBigInt64BE()
}

