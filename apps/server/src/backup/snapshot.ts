import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { readMark, MARK_KEYS } from '../audit/house-mark.ts'
import type { RecordPlace } from '../audit/source.ts'
import { parentsFirst } from '../platform/foreign-keys.ts'
import type { Row, Value } from '../platform/db.ts'
import { openConnection } from '../platform/sqlite.ts'
import { blank, leftOut, ownSettings } from './contents.ts'
import type { BackupHeader, TableHead } from './format.ts'

/** Rows that are asked for at once. */
const BATCH = 1_000

/** A database as it was at one moment, whatever is written meanwhile. */
type Reader = {
  kind: 'sqlite' | 'postgres'
  all: (sql: string) => Promise<Row[]>
  /** Which table refers to which. */
  references: () => Promise<{ table: string, to: string }[]>
  columns: () => Promise<{ table: string, name: string }[]>
  rows: (sql: string) => AsyncIterable<Value[]>
}

export type Snapshot = Pick<BackupHeader, 'database' | 'house' | 'generation' | 'record' | 'migrations' | 'tables'> & { rows: (table: TableHead) => AsyncIterable<Value[]> }

/**
 * Lends everything that a database holds, as of one moment. Nothing waits for it: SQLite keeps what is written meanwhile in its log, PostgreSQL
 * in its own way. Memory is bounded.
 * @throws Error with the cure when there is no database, or none of ours
 */
export async function withSnapshot<Result> (place: Exclude<RecordPlace, string>, work: (snapshot: Snapshot) => Promise<Result>): Promise<Result> {
  if (place.databaseUrl !== null) return inPostgres(place.databaseUrl, async (reader) => work(await describe(reader)))
  const path = join(place.dataDir, 'oncekey.db')
  if (!existsSync(path)) throw new Error(`${path} does not exist: there is nothing to back up. Name the data folder with ONCEKEY_DATA_DIR or --data-dir.`)
  const database = openConnection(path, { readOnly: true })
  try {
    database.exec('BEGIN')
    return await work(await describe(inSqlite(database)))
  } finally {
    database.close()
  }
}

async function describe (reader: Reader): Promise<Snapshot> {
  const migrations = (await reader.all('SELECT name FROM migrations ORDER BY name')).map((row) => String(row['name']))
  const settings = new Map((await reader.all(`SELECT key, value FROM settings WHERE key IN ('${MARK_KEYS.house}', '${MARK_KEYS.generation}')`)).map((row) => [row['key'], String(row['value'])]))
  const mark = readMark(settings.get(MARK_KEYS.house) ?? null, settings.get(MARK_KEYS.generation) ?? null)
  const [head] = await reader.all('SELECT seq, mac FROM audit_head WHERE id = 1')
  const columns = Map.groupBy(await reader.columns(), ({ table }) => table)
  const tables: TableHead[] = []
  for (const name of parentsFirst([...columns.keys()].toSorted(), await reader.references())) {
    if (leftOut.includes(name)) continue
    const [count] = await reader.all(`SELECT count(*) AS rows FROM ${name}${whereOf(name)}`)
    tables.push({ name, columns: (columns.get(name) ?? []).map((one) => one.name), rows: Number(count?.['rows'] ?? 0) })
  }
  return {
    database: reader.kind, house: mark?.house ?? null, generation: mark?.generation ?? 1,
    record: { seq: Number(head?.['seq'] ?? 0), mac: String(head?.['mac'] ?? '') }, migrations, tables,
    rows: ({ name, columns }) => reader.rows(`SELECT ${columns.map((column) => blank[name]?.includes(column) === true ? `NULL AS ${column}` : `"${column}"`).join(', ')} FROM ${name}${whereOf(name)}`)
  }
}

function whereOf (table: string): string {
  return table === 'settings' ? ` WHERE key NOT IN (${ownSettings.map((key) => `'${key}'`).join(', ')})` : ''
}

function inSqlite (database: DatabaseSync): Reader {
  // Our columns hold neither big integers nor bytes.
  const all = async (sql: string): Promise<Row[]> => database.prepare(sql).all() as Row[]
  return {
    kind: 'sqlite', all,
    columns: async () => (await all("SELECT m.name AS t, c.name AS c FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY m.name, c.cid"))
      .map((row) => ({ table: String(row['t']), name: String(row['c']) })),
    references: async () => (await all("SELECT m.name AS t, f.\"table\" AS r FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'"))
      .map((row) => ({ table: String(row['t']), to: String(row['r']) })),
    async * rows (sql) {
      const statement = database.prepare(sql)
      statement.setReturnArrays(true)
      for (const row of statement.iterate()) yield row as unknown as Value[]
    }
  }
}

async function inPostgres<Result> (url: string, work: (reader: Reader) => Promise<Result>): Promise<Result> {
  const { connectTo } = await import('../platform/postgres-session.ts')
  const client = await connectTo(url, '-c default_transaction_read_only=on -c idle_in_transaction_session_timeout=0 -c statement_timeout=0')
  const all = async (sql: string): Promise<Row[]> => (await client.query<Row>(sql)).rows
  let cursors = 0
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    return await work({
      kind: 'postgres', all,
      columns: async () => (await all('SELECT table_name AS t, column_name AS c FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position'))
        .map((row) => ({ table: String(row['t']), name: String(row['c']) })),
      references: async () => (await all("SELECT a.relname AS t, b.relname AS r FROM pg_constraint c JOIN pg_class a ON a.oid = c.conrelid JOIN pg_class b ON b.oid = c.confrelid WHERE c.contype = 'f' AND a.relnamespace = current_schema()::regnamespace"))
        .map((row) => ({ table: String(row['t']), to: String(row['r']) })),
      async * rows (sql) {
        const cursor = `backup_${++cursors}`
        await client.query(`DECLARE ${cursor} NO SCROLL CURSOR FOR ${sql}`)
        for (;;) {
          const { rows } = await client.query<Value[]>({ text: `FETCH ${BATCH} FROM ${cursor}`, rowMode: 'array' })
          yield * rows
          if (rows.length < BATCH) break
        }
        await client.query(`CLOSE ${cursor}`)
      }
    })
  } finally {
    await client.end().catch(() => {})
  }
}
