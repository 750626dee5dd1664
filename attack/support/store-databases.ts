/** The engine's stores, each on a fresh database that several processes share. */
import { createClient } from '@redis/client'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Store } from '@oncekey/otp'
import { postgresSchema, postgresStore } from '@oncekey/otp/postgres'
import { redisSetUp, redisStore, type RedisDriver } from '@oncekey/otp/redis'
import { sqliteSchema, sqliteStore } from '@oncekey/otp/sqlite'
import { Client } from 'pg'
import { sharedPostgres } from '../../scripts/postgres.mjs'
import { startRedis } from '../../scripts/redis.mjs'

/** `at`: where the database is, to be told to other processes. */
export type StoreDatabase = { readonly name: StoreName, readonly begin: () => Promise<{ at: string, end: () => Promise<void> }> }
export type StoreName = 'SQLite' | 'PostgreSQL' | 'Redis'
export type AnyStore = Store<'sync'> | Store<'async'>

/** One connection is one transaction at a time: a process that would race itself has several. */
const CONNECTIONS = 4

export const storeDatabases: readonly StoreDatabase[] = [
  {
    name: 'SQLite',
    async begin () {
      const folder = mkdtempSync(join(tmpdir(), 'oncekey-stores-'))
      return { at: join(folder, 'codes.db'), end: async () => { rmSync(folder, { recursive: true, force: true }) } }
    }
  },
  {
    name: 'PostgreSQL',
    async begin () {
      const { url } = await sharedPostgres()
      return { at: await url(`stores_${randomBytes(6).toString('hex')}`), end: async () => {} }
    }
  },
  {
    name: 'Redis',
    async begin () {
      const { socket, stop } = await startRedis({ settings: { appendonly: 'yes', appendfsync: 'always' } })
      const { driver, close } = await redisAt(socket)
      await redisSetUp({ driver })
      close()
      return { at: socket, end: stop }
    }
  }
]

/** Stores of one process on such a database, to be used in turns. */
export async function openStores (name: StoreName, at: string): Promise<AnyStore[]> {
  switch (name) {
    case 'SQLite': {
      const db = new DatabaseSync(at, { timeout: 60_000 })
      db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
      db.exec(sqliteSchema)
      return [sqliteStore(db, { transaction: 'own' })]
    }
    case 'PostgreSQL': return Promise.all(Array.from({ length: CONNECTIONS }, async () => {
      const client = new Client(at)
      await client.connect()
      // Processes that create the same table at once fail each other.
      await client.query('SELECT pg_advisory_lock(1)')
      await client.query(postgresSchema)
      await client.query('SELECT pg_advisory_unlock(1)')
      return postgresStore(client, { transaction: 'own' })
    }))
    case 'Redis': return [redisStore((await redisAt(at)).driver, { entropy: randomBytes, afterRestart: 'trust' })]
  }
}

async function redisAt (path: string): Promise<{ driver: RedisDriver, close: () => void }> {
  const client = createClient({ socket: { path, tls: false, reconnectStrategy: false }, disableOfflineQueue: true })
  client.on('error', () => {})
  await client.connect()
  return { driver: { send: (command, args) => client.sendCommand([command, ...args]) }, close: () => { client.destroy() } }
}
