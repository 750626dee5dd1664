import { closeSync, fsyncSync, openSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { applyMigration, shipped } from '../platform/migrate.ts'
import { makePrivate } from '../platform/sqlite.ts'
import { RESTORED } from './contents.ts'
import type { BackupHeader } from './format.ts'
import { hadBefore, notTaken, type Loader } from './load.ts'

/** A new file of SQLite's. It is nobody's before it is whole, so its pages need not wait for the disk one by one: they do so once, at the end. */
export function loadSqlite (path: string, header: BackupHeader, now: number): Loader {
  const before = hadBefore(shipped, header)
  makePrivate(path)
  const database = new DatabaseSync(path, { defensive: true })
  database.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON; PRAGMA cache_size = -32000; PRAGMA temp_store = MEMORY; CREATE TABLE migrations (name TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT')
  const inserts = new Map<string, StatementSync>()
  for (const migration of before) applyMigration(database, migration, now)
  return {
    async rows ({ name, columns }, rows) {
      try {
        const insert = inserts.get(name) ?? database.prepare(`INSERT INTO ${name} (${columns.map((one) => `"${one}"`).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`)
        inserts.set(name, insert)
        database.exec('BEGIN')
        for (const row of rows) insert.run(...row)
        database.exec('COMMIT')
      } catch (cause) {
        if (database.isTransaction) database.exec('ROLLBACK')
        throw notTaken(name, cause)
      }
    },
    async finish (note) {
      inserts.clear()
      for (const migration of shipped) if (!before.includes(migration)) applyMigration(database, migration, now)
      database.prepare('INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value').run(RESTORED, note)
      const check = database.prepare('PRAGMA quick_check(1)').get()
      if (check?.['quick_check'] !== 'ok') throw new Error(`The new database does not hold (${String(check?.['quick_check'])}): look at the disk. Nothing was replaced.`)
      database.close()
      const file = openSync(path, 'r+')
      fsyncSync(file)
      closeSync(file)
    },
    async abandon () {
      if (database.isOpen) database.close()
    }
  }
}
