import { randomBytes } from 'node:crypto'
import { sharedPostgres } from '../../scripts/postgres.mjs'

/** A kind of database that the suites run on. */
export type Database = {
  name: 'sqlite' | 'postgres'
  /** The settings of a server on a fresh one. */
  settings: () => Promise<Record<string, string>>
}

const sqlite: Database = { name: 'sqlite', settings: async () => ({}) }
const postgres: Database = {
  name: 'postgres',
  async settings () {
    const { url } = await sharedPostgres()
    return { ONCEKEY_DATABASE_URL: await url(`attack_${randomBytes(6).toString('hex')}`) }
  }
}

/** Every database that Oncekey runs on. */
export const databases: readonly Database[] = [sqlite, postgres]
