import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { Kysely, SqliteDialect, type SqliteDatabase } from 'kysely'
import type { Tables } from './tables.ts'

/** Versions below lose commits when the write-ahead log is reset (fixed in 3.51.3). */
const OLDEST_SQLITE = [3, 51, 3]

/** Opens one connection, durable: WAL, synchronous FULL, foreign keys, defensive. */
export function openConnection (path: string, options: { readOnly?: boolean } = {}): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: options.readOnly ?? false, defensive: true, timeout: 5000 })
  if (options.readOnly !== true) {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 8000')
  }
  database.exec('PRAGMA foreign_keys = ON; PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY')
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

/** Kysely over a `node:sqlite` connection, given by its `prepare`. Statements are prepared once for each text. */
export function kyselyOver (prepare: Prepare): Kysely<Tables> {
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

export type Prepare = (sql: string) => StatementSync

/** Prepares each text once; the least used go when there are too many. */
export function statementCache (database: DatabaseSync, most = 400): Prepare {
  const statements = new Map<string, StatementSync>()
  return (sql) => {
    const known = statements.get(sql)
    if (known !== undefined) {
      statements.delete(sql)
      statements.set(sql, known)
      return known
    }
    const statement = database.prepare(sql)
    statements.set(sql, statement)
    const [oldest] = statements.keys()
    if (statements.size > most && oldest !== undefined) statements.delete(oldest)
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
