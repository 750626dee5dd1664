import { mkdtempSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Milliseconds of each of `count` durable commits of one row of `bytes` bytes (WAL, synchronous FULL), one after the other. */
export function commitMillis (count: number, bytes: number): number[] {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-bench-'))
  const db = new DatabaseSync(join(folder, 'commits.db'))
  try {
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT) STRICT')
    const add = db.prepare('INSERT INTO rows (text) VALUES (?)')
    const text = 'x'.repeat(bytes)
    return Array.from({ length: count }, () => {
      const begun = performance.now()
      db.exec('BEGIN IMMEDIATE')
      add.run(text)
      db.exec('COMMIT')
      return performance.now() - begun
    })
  } finally {
    db.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
