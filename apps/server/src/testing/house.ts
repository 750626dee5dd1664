import { randomBytes, randomUUIDv7 } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FeedEvent } from '@oncekey/protocol/schemas'
import { watchForAlarms } from '../alarms/note.ts'
import { createApp } from '../app.ts'
import { beginGeneration } from '../backup/generation.ts'
import { readConfig } from '../config.ts'
import { hearControllers } from '../controllers/receive.ts'
import type { House } from '../house.ts'
import type { Row, Value } from '../platform/db.ts'
import { createFeed } from '../platform/feed.ts'
import type { App } from '../platform/http.ts'
import { createLog } from '../platform/log.ts'
import { memoryTransport, type MemoryTransport } from '../platform/transport/memory.ts'
import { openRecords } from '../records.ts'
import { testDatabase, type TestDatabase } from './database.ts'

export type TestHouse = House & {
  app: App
  transport: MemoryTransport
  /** Lines that were logged. */
  logged: string[]
  /** A query on a connection of its own: what was committed, and nothing else. */
  rows: (sql: string, ...values: Value[]) => Promise<Row[]>
  /** Names of all tables, the engine's among them. */
  tables: () => Promise<string[]>
  /** Moves the clock; nothing else moves it. */
  wait: (ms: number) => void
  /** The same folder after a restart of the server. */
  restart: () => Promise<TestHouse>
  /** Another server on the same database, at the same moment; close it before this one. */
  beside: () => Promise<TestHouse>
  close: () => Promise<void>
}

/** A whole server without ports: real database in a temporary folder, memory transport, a clock of its own. */
export async function testHouse (options: { folder?: string, database?: TestDatabase, now?: number, env?: Record<string, string>, keepsFolder?: boolean, putBack?: House['putBack'] } = {}): Promise<TestHouse> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'oncekey-'))
  const database = options.database ?? await testDatabase(folder)
  const config = readConfig({ ONCEKEY_DATA_DIR: folder, ...database.env, ...options.env })
  const logged: string[] = []
  let now = options.now ?? Date.UTC(2026, 0, 5, 9, 0, 0)
  const log = createLog((line) => { logged.push(line) }, () => now)
  const transport = memoryTransport()
  // As in main.ts only where it is wanted: it is a quarter of all that a test would load.
  const codeStore = config.redisUrl === null ? undefined : await (await import('../platform/redis.ts')).openCodeStore(config.redisUrl, { log, entropy: (count) => randomBytes(count) })
  const parts = await openRecords(config, { clock: () => now, entropy: (count) => randomBytes(count) })
  const house: House = {
    config, ...parts, ...codeStore && { codeStore }, transport, log, feed: createFeed<FeedEvent>((error) => { throw error }),
    tls: null, brokerAt: () => ({ mqttPort: config.mqttPort, mqttsPort: 0, ca: null }), secureUrl: () => null,
    link: (path) => (config.publicUrl ?? 'http://oncekey.test') + path,
    clock: () => now, newId: () => randomUUIDv7(), version: '0.0.0-test', startedAt: now,
    ...options.putBack && { putBack: options.putBack }
  }
  await beginGeneration(house)
  watchForAlarms(house)
  hearControllers(house)
  const app = await createApp(house)
  await app.ready()
  const shut = async (): Promise<void> => {
    await app.close()
    await codeStore?.close()
    await parts.db.close()
  }
  return Object.assign(house, {
    app, transport, logged, rows: database.rows, tables: () => database.tables(),
    wait (ms: number) { now += ms },
    async restart () {
      await shut()
      return testHouse({ ...options, folder, database, now })
    },
    beside: () => testHouse({ ...options, folder, database: { ...database, drop: async () => {} }, keepsFolder: true, now }),
    async close () {
      await shut()
      await database.drop()
      if (options.keepsFolder !== true) rmSync(folder, { recursive: true, force: true })
    }
  })
}
