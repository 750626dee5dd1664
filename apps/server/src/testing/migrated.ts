import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { sharedPostgres } from '../../../../scripts/postgres.mjs'
import { migrate, shipped } from '../platform/migrate.ts'
import { migratePostgres } from '../platform/migrate-postgres.ts'
import { configOf } from '../platform/postgres-session.ts'
import { openConnection } from '../platform/sqlite.ts'

// Databases that are made once, then copied: two dozen migrations for each test are as many waits for a disk.

let file: Promise<string> | undefined

/** The path of a file of SQLite's at this program's schema, as long as this process lives. */
export function migratedFile (): Promise<string> {
  file ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), 'oncekey-template-'))
    process.once('exit', () => { rmSync(folder, { recursive: true, force: true }) })
    const path = join(folder, 'oncekey.db')
    const database = openConnection(path)
    await migrate(database, path, 1)
    database.close()
    return path
  })()
  return file
}

/** By what is in it, so that all processes of a run share one. */
const TEMPLATE = `template_${createHash('sha256').update(JSON.stringify(shipped)).digest('hex').slice(0, 16)}`
let server: Promise<(name: string) => string> | undefined

/** Makes a database at this program's schema on the tests' PostgreSQL. @returns its address */
export async function migratedDatabase (name: string): Promise<string> {
  const at = await (server ??= withTemplate())
  await query(at('postgres'), async (client) => { await client.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`) })
  return at(name)
}

/** Makes an empty database on the tests' PostgreSQL, for a restore. @returns its address */
export async function emptyDatabase (name: string): Promise<string> {
  const at = await (server ??= withTemplate())
  await query(at('postgres'), async (client) => { await client.query(`CREATE DATABASE ${name} ENCODING 'UTF8' TEMPLATE template0`) })
  return at(name)
}

/** Drops it again, whoever is connected. */
export async function dropDatabase (name: string): Promise<void> {
  const at = await (server ??= withTemplate())
  await query(at('postgres'), async (client) => { await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) })
}

async function withTemplate (): Promise<(name: string) => string> {
  const { at, url } = await sharedPostgres()
  await query(at('postgres'), async (client) => {
    // Whoever comes second waits, and finds it.
    await client.query('SELECT pg_advisory_lock(1)')
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [TEMPLATE])
    if (rowCount !== 0) return
    const making = `making_${process.pid}_${randomBytes(4).toString('hex')}`
    await migratePostgres(await url(making), 1)
    await client.query(`ALTER DATABASE ${making} RENAME TO ${TEMPLATE}`)
  })
  return at
}

async function query (url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client(configOf(url))
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
