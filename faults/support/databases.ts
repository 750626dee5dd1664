/** Every database that the server can rest on. Each fault is tried on all of them. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sharedPostgres } from '../../scripts/postgres.mjs'

/** A fresh, empty place for one server: its folder, and the settings that lead to its database. */
export type Place = { folder: string, env: Record<string, string>, remove: () => Promise<void> }
export type Database = { name: string, open: () => Promise<Place> }

export const sqlite: Database = {
  name: 'SQLite',
  open () {
    const folder = mkdtempSync(join(tmpdir(), 'oncekey-faults-'))
    return Promise.resolve({ folder, env: {}, remove () { rmSync(folder, { recursive: true, force: true }); return Promise.resolve() } })
  }
}

let server: ReturnType<typeof sharedPostgres> | undefined

export const postgres: Database = {
  name: 'PostgreSQL',
  async open () {
    const folder = mkdtempSync(join(tmpdir(), 'oncekey-faults-'))
    const { url } = await (server ??= sharedPostgres())
    return {
      folder, env: { ONCEKEY_DATABASE_URL: await url(`faults_${process.pid}_${randomBytes(4).toString('hex')}`) },
      remove () { rmSync(folder, { recursive: true, force: true }); return Promise.resolve() }
    }
  }
}

export const databases: readonly Database[] = [sqlite, postgres]
