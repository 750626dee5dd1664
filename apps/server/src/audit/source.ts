import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Kysely, Selectable } from 'kysely'
import { kyselyOn, openConnection } from '../platform/sqlite.ts'
import type { Tables } from '../platform/tables.ts'

export type StoredRow = Selectable<Tables['audit']>
/** As much of a row as the chain covers. */
export type StoredLink = Pick<StoredRow, 'seq' | 'time' | 'event' | 'payload_hash' | 'mac'>
export type StoredHead = Pick<Selectable<Tables['audit_head']>, 'seq' | 'mac' | 'head_mac'>
export type StoredCheckpoint = Selectable<Tables['audit_checkpoints']>

/** Rows that are read at once: bounds memory and, where reading blocks, how long. */
export const BATCH = 1_000

/** The record as it lies in a database, read from its first row to its last one in bounded memory. */
export type RecordSource = {
  /** The next rows in order of seq; `after` null begins with whatever is first. Empty at the end. */
  rows: (after: number | null) => Promise<StoredRow[]>
  /** The same rows without their payloads, a batch of them. */
  links: (after: number) => Promise<StoredLink[]>
  checkpoints: (after: number | null) => Promise<StoredCheckpoint[]>
  /** The newest checkpoint at or before a row. */
  checkpointBefore: (seq: number) => Promise<StoredCheckpoint | null>
  head: () => Promise<StoredHead | null>
  hasSite: () => Promise<boolean>
  setting: (key: string) => Promise<string | null>
}

export function recordSource (sql: Kysely<Tables>): RecordSource {
  return {
    rows (after) {
      const walk = sql.selectFrom('audit').selectAll().orderBy('seq').limit(BATCH)
      return (after === null ? walk : walk.where('seq', '>', after)).execute()
    },
    links: (after) => sql.selectFrom('audit').select(['seq', 'time', 'event', 'payload_hash', 'mac']).where('seq', '>', after).orderBy('seq').limit(BATCH).execute(),
    checkpoints (after) {
      const walk = sql.selectFrom('audit_checkpoints').selectAll().orderBy('seq').limit(BATCH)
      return (after === null ? walk : walk.where('seq', '>', after)).execute()
    },
    checkpointBefore: async (seq) => await sql.selectFrom('audit_checkpoints').selectAll().where('seq', '<=', seq).orderBy('seq', 'desc').limit(1).executeTakeFirst() ?? null,
    head: async () => await sql.selectFrom('audit_head').select(['seq', 'mac', 'head_mac']).where('id', '=', 1).executeTakeFirst() ?? null,
    hasSite: async () => await sql.selectFrom('sites').select('id').limit(1).executeTakeFirst() !== undefined,
    setting: async (key) => (await sql.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirst())?.value ?? null
  }
}

/** Everything of a table, a batch at a time. */
export async function * each<Row extends { seq: number }> (next: (after: number | null) => Promise<Row[]>, after: number | null = null): AsyncGenerator<Row> {
  for (let from = after; ;) {
    const rows = await next(from)
    yield * rows
    const last = rows.at(-1)
    if (last === undefined || rows.length < BATCH) return
    from = last.seq
  }
}

/** The next one; null when there is none. */
export async function nextOf<One> (all: AsyncGenerator<One>): Promise<One | null> {
  const { value, done } = await all.next()
  return done === true ? null : value
}

/** A data folder with its database in it, or with the database elsewhere: then the folder has the keys only. */
export type RecordPlace = string | { dataDir: string, databaseUrl: string | null }

export function folderOf (place: RecordPlace): string {
  return typeof place === 'string' ? place : place.dataDir
}

/**
 * Reads the record of a data folder, whether its server runs or not, and changes nothing there.
 * @param snapshot everything as of this moment, whatever is written meanwhile; not for a slow reader: it holds up the tidying of the write-ahead log
 * @throws Error with the cure when there is no record, or none that can be read
 */
export async function readFolder<Result> (place: RecordPlace, { snapshot }: { snapshot: boolean }, work: (source: RecordSource, sql: Kysely<Tables>) => Promise<Result>): Promise<Result> {
  const url = typeof place === 'string' ? null : place.databaseUrl
  const path = join(folderOf(place), 'oncekey.db')
  for (const file of [...url === null ? [path] : [], join(folderOf(place), 'secrets.json')]) {
    if (!existsSync(file)) throw new Error(`${file} does not exist. Name the data folder with --data-dir.`)
  }
  if (url !== null) {
    const [{ readPostgres }, { placeOf }] = await Promise.all([import('../platform/postgres.ts'), import('../platform/postgres-session.ts')])
    return readPostgres(url, { snapshot }, (sql) => work(recordSource(sql), sql)).catch((cause: unknown) => { throw unreadableAt(placeOf(url), cause) })
  }
  try {
    const database = openConnection(path, { readOnly: true })
    try {
      if (snapshot) database.exec('BEGIN')
      const sql = kyselyOn(database)
      return await work(recordSource(sql), sql)
    } finally {
      database.close()
    }
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

function unreadableAt (place: string, cause: unknown): unknown {
  if (!(cause instanceof Error && 'code' in cause && (cause.code === '42P01' || cause.code === '42703'))) return cause
  return new Error(`The record in ${place} can not be checked (${cause.message}). Somebody removed it, or this is not a database of Oncekey, or one from before an upgrade: then start the server once.`, { cause })
}

/** SQLite's own words say what it met; ours say what that means here. */
function unreadable (path: string, cause: unknown): unknown {
  if (!(cause instanceof Error && 'code' in cause && cause.code === 'ERR_SQLITE_ERROR')) return cause
  const table = /no such (?:table|column): (\S+)/.exec(cause.message)?.[1]
  const cure = 'Restore the data folder from a backup, and verify that with a checkpoint that was kept elsewhere (--checkpoint).'
  if (table === 'audit_checkpoints') return new Error(`${path} is from before there were checkpoints, or they were removed. Start the server once to bring it up to date, then verify again.`, { cause })
  if (table !== undefined) return new Error(`The record in ${path} can not be checked: "${table}" is missing from the database. Somebody removed it, or this is not a database of Oncekey. ${cure}`, { cause })
  return new Error(`The database ${path} can not be read (${cause.message}): it is damaged, or not a database of Oncekey. ${cure}`, { cause })
}
