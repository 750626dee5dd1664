import { Client } from 'pg'
import { postgresDdl } from './ddl.ts'
import { missingOf, shipped, type Migration } from './migrate.ts'
import { configOf, placeOf } from './postgres-session.ts'

/** Any number that nothing else in this database takes: of two processes that start at once the second one waits. */
const MIGRATING = 7_243_392_110_035

/**
 * The same for PostgreSQL. All that is missing happens in one transaction: it is all there or not begun. The
 * way back is a backup, see backup/before-upgrade.ts.
 */
export async function migratePostgres (url: string, now: number, migrations: readonly Migration[] = shipped): Promise<string[]> {
  const client = new Client({ ...configOf(url), options: '-c client_min_messages=warning -c default_transaction_read_only=off' })
  client.on('error', () => {})
  await client.connect()
  let name = ''
  try {
    await client.query('BEGIN')
    await lockMigrations(client)
    await client.query(`CREATE TABLE IF NOT EXISTS migrations (name TEXT COLLATE "C" PRIMARY KEY, at BIGINT NOT NULL)`)
    const { rows } = await client.query<{ name: string }>('SELECT name FROM migrations ORDER BY name')
    const missing = missingOf(migrations, rows.map((row) => row.name), placeOf(url), 'restore the backup that was made before the upgrade')
    for (const migration of missing) {
      name = migration.name
      await applyPostgresMigration(client, migration, now)
    }
    await client.query('COMMIT')
    return missing.map((one) => one.name)
  } catch (cause) {
    await client.query('ROLLBACK').catch(() => {})
    throw name === '' ? cause : new Error(`Migration ${name} failed; the database is as it was before.`, { cause })
  } finally {
    await client.end().catch(() => {})
  }
}

/** Whoever else would change the schema waits until the caller's transaction ends. */
export async function lockMigrations (client: Client): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATING])
}

/** One migration, in the caller's transaction. */
export async function applyPostgresMigration (client: Client, migration: Migration, now: number): Promise<void> {
  await client.query(migration.postgres ?? postgresDdl(migration.sqlite))
  await client.query('INSERT INTO migrations (name, at) VALUES ($1, $2)', [migration.name, now])
}
