import { chmodSync, closeSync, existsSync, openSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { Kysely, SqliteDialect, type SqliteDatabase } from 'kysely'
import type { Engine, Statement } from './db.ts'
import { Flight } from './flight.ts'
import { Problem } from './problems.ts'
import { LOG_PAGES } from './sqlite-log.ts'
import type { Tables } from './tables.ts'

/** Versions below lose commits when the write-ahead log is reset (fixed in 3.51.3). */
const OLDEST_SQLITE = [3, 51, 3]

/** The embedded database with its writing connection, for migrations and for the code engine. */
export type Sqlite = Engine & { writer: DatabaseSync }

/** Opens the embedded database: one connection that writes, one that reads. */
export function openSqlite (path: string): Sqlite {
  makePrivate(path)
  const writer = openConnection(path)
  const statements = statementCache(writer)
  const flight = new Flight()
  const reader = openConnection(path)
  reader.exec('PRAGMA query_only = ON')
  const questions = statementCache(reader)
  const read = kyselyOver(questions)
  /** A statement of the write that is under way. */
  const ofWrite = (text: string): StatementSync => {
    flight.check()
    return statements(text)
  }
  const sql = kyselyOver(ofWrite)
  const begin = statements('BEGIN IMMEDIATE')
  const commit = statements('COMMIT')
  const savepoint = statements('SAVEPOINT one')
  const release = statements('RELEASE one')
  const changes = statements('SELECT total_changes()')
  changes.setReturnArrays(true)
  return {
    kind: 'sqlite', writer, read, sql, flight,
    // Our columns hold neither big integers nor bytes, and no statement of ours asks for them.
    prepare: (text) => ofWrite(text) as unknown as Statement,
    ask: (text) => questions(text) as unknown as Statement,
    begin: () => { begin.run() },
    changes: () => Number((changes.get() as unknown as [number])[0]),
    savepoint: () => { savepoint.run() },
    release: () => { release.run() },
    undo: () => { writer.exec('ROLLBACK TO one; RELEASE one') },
    commit: () => { commit.run() },
    rollback: () => { writer.exec('ROLLBACK') },
    isInTransaction: () => writer.isTransaction,
    problemOf: storageProblem,
    isPassing: (error) => codeOf(error) === BUSY,
    async close () {
      await read.destroy()
      await sql.destroy()
      reader.close()
      writer.close()
    }
  }
}

/**
 * Takes the file from group and others; its other files (-wal, -shm) get its mode from SQLite. By name, and before any
 * connection: closing a descriptor of a database that is in use would end its locks.
 */
export function makePrivate (path: string): void {
  if (!existsSync(path)) return closeSync(openSync(path, 'a', 0o600))
  try {
    chmodSync(path, 0o600)
  } catch (error) {
    // Another user's file that this one may use: whoever shares it has to look after it.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) throw error
  }
}

function storageProblem (cause: unknown): unknown {
  const code = codeOf(cause)
  if (code === BUSY) return new Problem('busy', { cause, retryAfterSeconds: 1 })
  // SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL, SQLITE_CANTOPEN
  return [8, 10, 13, 14].includes(code) ? new Problem('storageFull', { cause, retryAfterSeconds: 30 }) : cause
}

/** Another process has held the file's lock for longer than we wait. */
const BUSY = 5

function codeOf (error: unknown): number {
  return typeof error === 'object' && error !== null && 'errcode' in error ? Number(error.errcode) & 0xff : 0
}

/** Opens one connection, durable: WAL, synchronous FULL, foreign keys, defensive. */
export function openConnection (path: string, options: { readOnly?: boolean } = {}): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: options.readOnly ?? false, defensive: true, timeout: 5000 })
  if (options.readOnly !== true) {
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${LOG_PAGES}`)
  }
  // What is erased is overwritten where its page is written anyway: FAST costs no further page.
  database.exec('PRAGMA secure_delete = FAST; PRAGMA foreign_keys = ON; PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY')
  return database
}

/** @throws Error when this Node carries an SQLite that is known to lose commits */
export function checkSqliteVersion (version: string = process.versions['sqlite'] ?? '0'): void {
  const have = version.split('.').map(Number)
  for (const [i, wanted] of OLDEST_SQLITE.entries()) {
    const part = have[i] ?? 0
    if (part > wanted) return
    if (part < wanted) throw new Error(`SQLite ${version} can lose commits; ${OLDEST_SQLITE.join('.')} or newer is needed. Use a newer Node.`)
  }
}

/** Kysely over a connection of one's own. */
export function kyselyOn (database: DatabaseSync): Kysely<Tables> {
  return kyselyOver(statementCache(database))
}

/** Kysely over a `node:sqlite` connection, given by its `prepare`. Statements are prepared once for each text. */
function kyselyOver (prepare: (sql: string) => StatementSync): Kysely<Tables> {
  const shim: SqliteDatabase = {
    close () {},
    prepare (sql) {
      const statement = prepare(sql)
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...bindable(parameters)),
        run: (parameters) => statement.run(...bindable(parameters)),
        iterate: (parameters) => statement.iterate(...bindable(parameters))
      }
    }
  }
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database: shim }) })
}

/**
 * Prepares each text once. Lists of many lengths make many texts, which shall not push the hot path out: when the young
 * ones are too many they become the old ones, and old ones that are not used until then are let go.
 * @param most of each
 */
function statementCache (database: DatabaseSync, most = 200): (sql: string) => StatementSync {
  let young = new Map<string, StatementSync>()
  let old = new Map<string, StatementSync>()
  return (sql) => {
    const known = young.get(sql)
    if (known !== undefined) return known
    const statement = old.get(sql) ?? database.prepare(sql)
    if (young.size >= most) {
      old = young
      young = new Map()
    }
    young.set(sql, statement)
    return statement
  }
}

function bindable (parameters: readonly unknown[]): SQLInputValue[] {
  return parameters.map((value) => {
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' || value instanceof Uint8Array) return value
    if (typeof value === 'boolean') return value ? 1 : 0
    throw new TypeError(`SQLite can not store a ${typeof value}.`)
  })
}
