/** A server, and clients of it, for the tests of the Redis store. */
import { createClient } from '@redis/client'
import { randomBytes } from 'node:crypto'
import { redisSetUp, redisStore, type RedisDriver, type RedisOptions } from '../redis.ts'
import type { Store } from '../../store.ts'

export type Connection = { readonly driver: RedisDriver, readonly command: (...words: string[]) => Promise<unknown>, readonly close: () => void }

let prefixes = 0

/** Names that no other test on the same server has. */
export function newPrefix (): string {
  return `test-${process.pid}-${++prefixes}`
}

export async function connect (path: string): Promise<Connection> {
  const client = createClient({ socket: { path, tls: false, reconnectStrategy: false }, disableOfflineQueue: true })
  client.on('error', () => {})
  await client.connect()
  return {
    driver: { send: (command, args) => client.sendCommand([command, ...args]) },
    command: (...words) => client.sendCommand(words),
    close: () => { client.destroy() }
  }
}

export async function storeOn (driver: RedisDriver, options: Partial<RedisOptions> = {}): Promise<Store<'async'>> {
  const { prefix = newPrefix() } = options
  for (const tenant of ['default', 'other', 'another']) await redisSetUp({ driver, prefix, tenant })
  return redisStore(driver, { entropy: randomBytes, afterRestart: 'trust', ...options, prefix })
}
