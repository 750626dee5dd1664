import type { Finding } from '@oncekey/protocol/schemas'
import { sql as raw, type Kysely } from 'kysely'
import { shipped } from '../platform/migrate.ts'
import { NoDatabase } from '../platform/reading.ts'
import type { Tables } from '../platform/tables.ts'
import { faultOf, find } from './finding.ts'
import type { Patient } from './patient.ts'

/** Whether it answers, is of this program's version, and keeps what it is told. Whether it takes writes is told by the running server. */
export async function lookAtDatabase ({ config, read }: Patient): Promise<Finding[]> {
  const kind = config.databaseUrl === null ? 'SQLite' : 'PostgreSQL'
  try {
    return await read(async (sql) => {
      const done = (await sql.selectFrom('migrations').select('name').execute()).map((row) => String(row.name))
      const missing = shipped.filter(({ name }) => !done.includes(name)).length
      const setting = kind === 'SQLite' ? await sqliteRisk(sql) : await postgresRisk(sql)
      const faults = [
        ...done.some((name) => !shipped.some((one) => one.name === name)) ? [find('database.ahead')] : [],
        ...missing > 0 ? [find('database.behind', { count: missing })] : [],
        ...setting === null ? [] : [find('database.notDurable', { setting })],
        ...await sql.selectFrom('sites').select('id').limit(1).executeTakeFirst() === undefined ? [find('database.empty')] : []
      ]
      return faults.length > 0 ? faults : [find('database.ok', { kind, version: await versionOf(sql, kind) })]
    })
  } catch (error) {
    return [error instanceof NoDatabase ? find('database.missing', { folder: config.dataDir }) : find('database.away', { fault: faultOf(error) })]
  }
}

async function sqliteRisk (sql: Kysely<Tables>): Promise<string | null> {
  // `synchronous` belongs to each connection; the one that writes sets it to FULL itself.
  const mode = (await raw<{ journal_mode: string }>`PRAGMA journal_mode`.execute(sql)).rows[0]?.journal_mode
  return mode === 'wal' ? null : `journal_mode=${mode ?? 'unknown'}`
}

async function postgresRisk (sql: Kysely<Tables>): Promise<string | null> {
  const { rows } = await raw<{ name: string }>`SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off' ORDER BY name`.execute(sql)
  return rows.length === 0 ? null : rows.map(({ name }) => `${name}=off`).join(', ')
}

async function versionOf (sql: Kysely<Tables>, kind: string): Promise<string> {
  const { rows } = kind === 'SQLite' ? await raw<{ version: string }>`SELECT sqlite_version() AS version`.execute(sql) : await raw<{ version: string }>`SELECT current_setting('server_version') AS version`.execute(sql)
  return (rows[0]?.version ?? '').split(' ')[0] ?? ''
}
