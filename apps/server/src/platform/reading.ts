import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import type { Config } from '../config.ts'
import { kyselyOn, openConnection } from './sqlite.ts'
import type { Tables } from './tables.ts'

/** There is no file of a database yet. */
export class NoDatabase extends Error {}

/**
 * Lends a connection that only reads the database of a folder, whether its server runs or not: it takes no lock that a
 * write would wait for, and changes nothing.
 * @throws NoDatabase, or what the database says
 */
export async function readDatabase<Result> (config: Pick<Config, 'dataDir' | 'databaseUrl'>, work: (sql: Kysely<Tables>) => Promise<Result>): Promise<Result> {
  if (config.databaseUrl !== null) {
    const { readPostgres } = await import('./postgres.ts')
    return readPostgres(config.databaseUrl, { snapshot: false }, work)
  }
  const path = join(config.dataDir, 'oncekey.db')
  if (!existsSync(path)) throw new NoDatabase('There is no database yet.')
  const database = openConnection(path, { readOnly: true })
  try {
    return await work(kyselyOn(database))
  } finally {
    database.close()
  }
}
