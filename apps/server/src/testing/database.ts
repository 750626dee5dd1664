import { randomBytes } from 'node:crypto'
import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Client } from 'pg'
import type { Row, Value } from '../platform/db.ts'
import { configOf } from '../platform/postgres-session.ts'
import { openConnection } from '../platform/sqlite.ts'
import { dropDatabase, emptyDatabase, migratedDatabase, migratedFile } from './migrated.ts'

/** Which database the tests of this run are about: `ONCEKEY_TEST_DATABASE`, sqlite unless set. */
export const isPostgres: boolean = process.env['ONCEKEY_TEST_DATABASE'] === 'postgres'

export type TestDatabase = {
  /** Settings that lead the server to it. */
  env: Record<string, string>
  /** A query on a connection of its own, with `?` for values. */
  rows: (sql: string, ...values: Value[]) => Promise<Row[]>
  tables: () => Promise<string[]>
  /** Removes it, where it does not go with the folder. */
  drop: () => Promise<void>
}

/** A test about the files of SQLite; on PostgreSQL it is named and not run. */
export function testOfFiles (title: string, run: () => void | Promise<void>): void {
  if (isPostgres) process.stdout.write(`  of SQLite's files, so not on PostgreSQL: ${title}\n`)
  else test(title, run)
}

/** The database of a house in this folder: in the folder itself, or a new one on a PostgreSQL server. */
export async function testDatabase (folder: string): Promise<TestDatabase> {
  if (isPostgres) return postgresDatabase()
  const path = join(folder, 'oncekey.db')
  if (!existsSync(path)) copyFileSync(await migratedFile(), path)
  return inFile(path)
}

/** A place without any table, for whoever puts something there. */
export async function emptyPlace (folder: string): Promise<TestDatabase & { databaseUrl: string | null }> {
  if (!isPostgres) return { ...inFile(join(folder, 'oncekey.db')), databaseUrl: null }
  const name = `empty_${randomBytes(8).toString('hex')}`
  const url = await emptyDatabase(name)
  return { ...atUrl(url), databaseUrl: url, drop: () => dropDatabase(name) }
}

function inFile (path: string): TestDatabase {
  const rows: TestDatabase['rows'] = async (sql, ...values) => {
    const database = openConnection(path, { readOnly: true })
    try {
      // Our columns hold neither big integers nor bytes.
      return database.prepare(sql).all(...values) as Row[]
    } finally {
      database.close()
    }
  }
  return { env: {}, rows, tables: async () => (await rows("SELECT name FROM sqlite_master WHERE type = 'table'")).map((row) => String(row['name'])), async drop () {} }
}

let emptied: Promise<string> | undefined
const addresses = new Map<string, string>()

/** Databases that earlier tests of this process are done with, empty again. */
const free: string[] = []

async function postgresDatabase (): Promise<TestDatabase> {
  const name = free.pop() ?? `house_${randomBytes(8).toString('hex')}`
  const url = addresses.get(name) ?? await migratedDatabase(name)
  addresses.set(name, url)
  const empty = await emptying(url)
  return {
    ...atUrl(url),
    async drop () {
      try {
        await ask(url, empty)
        free.push(name)
      } catch {
        // A test has changed its tables.
        await dropDatabase(name)
      }
    }
  }
}

function atUrl (url: string): Omit<TestDatabase, 'drop'> {
  const rows: TestDatabase['rows'] = (sql, ...values) => ask(url, sql, values)
  return { env: { ONCEKEY_DATABASE_URL: url }, rows, tables: async () => (await rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).map((row) => String(row['tablename'])) }
}

/** SQL that empties every table of a new database but that of migrations. Much faster than another one: to drop it the server has to write down everything. */
async function emptying (url: string): Promise<string> {
  emptied ??= ask(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations'").then((tables) => [
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()', 'SET session_replication_role = replica',
    ...tables.map((row) => `DELETE FROM ${String(row['tablename'])}`)
  ].join('; '))
  return emptied
}

async function ask (url: string, sql: string, values: Value[] = []): Promise<Row[]> {
  const client = new Client(configOf(url))
  await client.connect()
  try {
    let count = 0
    const text = sql.replaceAll('?', () => `$${++count}`)
    // Without values several statements may come at once.
    return (await (values.length === 0 ? client.query(text) : client.query(text, values))).rows
  } finally {
    await client.end()
  }
}

/** Queries of this process that PostgreSQL has not answered yet. */
let pending = 0

if (isPostgres) {
  for (const name of ['query', 'connect'] as const) {
    const original = Reflect.get(Client.prototype, name) as (...words: unknown[]) => unknown
    Reflect.set(Client.prototype, name, function (this: Client, ...words: unknown[]): unknown {
      const last = words.at(-1)
      const done = (): void => { pending-- }
      pending++
      // The pool connects with a callback, everything else with promises.
      if (typeof last === 'function') return original.call(this, ...words.slice(0, -1), (...answer: unknown[]) => { done(); last(...answer) })
      const answer = original.call(this, ...words)
      if (answer instanceof Promise) answer.then(done, done)
      else done()
      return answer
    })
  }
}

/** Lets everything that was begun come to rest: writes, what follows their commit, and what that begins. */
export async function quiet (): Promise<void> {
  for (let i = 0; i < 40; i = pending > 0 ? 0 : i + 1) await new Promise((resolve) => { setImmediate(resolve) })
}

/** All bytes that a database keeps: SQLite's files, or every row of PostgreSQL's tables. */
export async function everything ({ config, tables, rows }: { config: { dataDir: string } } & Pick<TestDatabase, 'tables' | 'rows'>): Promise<string> {
  if (!isPostgres) return ['oncekey.db', 'oncekey.db-wal'].map((file) => readFileSync(join(config.dataDir, file), 'latin1')).join('')
  const texts: string[] = []
  for (const table of await tables()) texts.push(...(await rows(`SELECT * FROM ${table}`)).map((row) => Object.values(row).join('\n')))
  return texts.join('\n')
}
