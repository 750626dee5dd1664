import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { connectTo, placeOf } from '../platform/postgres-session.ts'
import { missingOf, shipped } from '../platform/migrate.ts'
import { makeBackup } from './make.ts'

/**
 * Before PostgreSQL gets a newer schema: a backup of what is there, in the data folder. (SQLite's file is copied by `migrate`.) One
 * that is there already is of the same moment, from an upgrade that failed, and stays.
 * @returns its path; null when there is nothing to upgrade, or nothing to lose
 * @throws Error with the cure; then nothing was upgraded
 */
export async function backUpBeforeUpgrade ({ dataDir, databaseUrl }: { dataDir: string, databaseUrl: string }, { program, now }: { program: string, now: number }): Promise<string | null> {
  const done = await migrationsIn(databaseUrl)
  const last = missingOf(shipped, done, placeOf(databaseUrl), 'restore the backup that was made before the upgrade').at(-1)
  if (done.length === 0 || last === undefined) return null
  const path = join(dataDir, `before-${last.name}.backup`)
  if (!existsSync(path)) await makeBackup({ place: { dataDir, databaseUrl }, path, by: 'upgrade', program, passphrase: null, now })
  return path
}

async function migrationsIn (url: string): Promise<string[]> {
  const client = await connectTo(url)
  try {
    return (await client.query<{ name: string }>('SELECT name FROM migrations ORDER BY name')).rows.map(({ name }) => name)
  } catch (error) {
    // A new database has no such table.
    if (error instanceof Error && 'code' in error && error.code === '42P01') return []
    throw error
  } finally {
    await client.end().catch(() => {})
  }
}
