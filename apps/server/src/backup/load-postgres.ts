import { shipped } from '../platform/migrate.ts'
import { applyPostgresMigration, lockMigrations } from '../platform/migrate-postgres.ts'
import { connectTo, placeOf } from '../platform/postgres-session.ts'
import { RESTORED } from './contents.ts'
import type { BackupHeader } from './format.ts'
import { hadBefore, notTaken, type Loader } from './load.ts'

/** What a server leaves in `application_name`: see `configOf`. */
const OURS = 'oncekey'

/**
 * A database of PostgreSQL's, in one transaction: it is all there or nothing changed. With `replace` the tables that are
 * there stay beside, in a schema of their own.
 * @throws Error with the cure when there are tables and `replace` is not said, or a server uses them
 */
export async function loadPostgres (url: string, header: BackupHeader, { now, replace, asideAs }: { now: number, replace: boolean, asideAs: string }): Promise<Loader> {
  const before = hadBefore(shipped, header)
  const client = await connectTo(url, '-c client_min_messages=warning -c statement_timeout=0 -c idle_in_transaction_session_timeout=0 -c default_transaction_read_only=off')
  try {
    await client.query('BEGIN')
    await lockMigrations(client)
    const { rows: tables } = await client.query<{ name: string }>('SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()')
    if (tables.length > 0 && !replace) throw new Error(`The database ${placeOf(url)} is not empty. Name an empty one in ONCEKEY_DATABASE_URL, or say --replace: its tables are then kept beside, in the schema ${asideAs}. Nothing was changed.`)
    if (tables.length > 0) {
      const { rows: [others] } = await client.query<{ count: string }>('SELECT count(*) AS count FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1 AND pid <> pg_backend_pid()', [OURS])
      if (Number(others?.count) > 0) throw new Error(`A server uses the database ${placeOf(url)}. Stop it first: what it wrote while the backup is put back would be lost. Nothing was changed.`)
      await client.query(`CREATE SCHEMA ${asideAs}`)
      for (const { name } of tables) await client.query(`ALTER TABLE "${name}" SET SCHEMA ${asideAs}`)
    }
    await client.query('CREATE TABLE migrations (name TEXT COLLATE "C" PRIMARY KEY, at BIGINT NOT NULL)')
    for (const migration of before) await applyPostgresMigration(client, migration, now)
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
  return {
    async rows ({ name, columns }, rows) {
      const list = columns.map((one) => `"${one}"`).join(', ')
      const objects = rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i] ?? null])))
      try {
        await client.query(`INSERT INTO ${name} (${list}) OVERRIDING SYSTEM VALUE SELECT ${list} FROM json_populate_recordset(NULL::${name}, $1)`, [JSON.stringify(objects)])
      } catch (cause) {
        throw notTaken(name, cause)
      }
    },
    async finish (note) {
      for (const migration of shipped) if (!before.includes(migration)) await applyPostgresMigration(client, migration, now)
      await client.query('INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value', [RESTORED, note])
      await client.query('COMMIT')
      await client.end()
    },
    async abandon () {
      // With its connection ends the transaction.
      await client.end().catch(() => {})
    }
  }
}

/** Whether the database was restored with this note: the commit came before whatever happened to us. */
export async function hasNote (url: string, note: string): Promise<boolean> {
  const client = await connectTo(url)
  try {
    const { rows } = await client.query('SELECT 1 FROM settings WHERE key = $1 AND value = $2', [RESTORED, note])
    return rows.length > 0
  } catch (error) {
    // No such table: nothing was ever put in.
    if (error instanceof Error && 'code' in error && error.code === '42P01') return false
    throw error
  } finally {
    await client.end().catch(() => {})
  }
}
