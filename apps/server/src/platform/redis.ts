import { createClient } from '@redis/client'
import { redisSetUp, redisStore, RedisStoreError, type RedisDriver } from '@oncekey/otp/redis'
import type { Entropy, Store } from '@oncekey/otp'
import type { Log } from './log.ts'
import { repeat } from './repeat.ts'

/** Codes that wait to be typed, in a Redis or Valkey beside the database. */
export type CodeStore = {
  /** Rejects at once while Redis is away, and within two seconds when it hangs. */
  store: Store<'async'>
  tenant: string
  /** Says that our data begins here: at first, and when Redis has lost everything. */
  setUp: () => Promise<void>
  /** What the store said of a call that failed. Anything else, a broken line above all, says nothing of what it has. */
  reasonOf: (error: unknown) => RedisStoreError['reason']
  isThere: () => boolean
  close: () => Promise<void>
}

/** A code's hash goes so long after the code itself. */
const REST_MS = 60_000
const PATIENCE_MS = 2_000
const STEPS = 20
const PREFIX = 'oncekey'
const TENANT = 'main'

/** Connects, now and whenever the connection is lost; resolves after the first attempt, whatever came of it. */
export async function openCodeStore (url: string, { log, entropy }: { log: Log, entropy: Entropy }): Promise<CodeStore> {
  let client: RedisConnection | null = null
  let isClosed = false

  function drop (one: RedisConnection, why: string): void {
    if (one.isOpen) one.destroy()
    if (client !== one) return
    client = null
    if (!isClosed) log.warn('Redis is away', { fault: why })
  }

  async function connect (): Promise<void> {
    if (client !== null || isClosed) return
    const fresh = connectionTo(url)
    fresh.on('error', (error: unknown) => { drop(fresh, faultOf(error)) })
    try {
      await within(PATIENCE_MS, fresh.connect())
      // Says whether it takes our password, and has its data again.
      await within(PATIENCE_MS, fresh.sendCommand(['PING']))
      client = fresh
    } catch {
      // It is tried again, and /health says so meanwhile.
      drop(fresh, 'no greeting')
    }
  }

  const driver: RedisDriver = {
    async send (command, args) {
      const one = client
      if (one === null) throw new Error('Redis is away.')
      try {
        return await within(PATIENCE_MS, one.sendCommand([command, ...args]))
      } catch (error) {
        // What hangs is not waited for a second time: the next call finds it away.
        if (error instanceof Late) drop(one, 'no answer')
        throw error
      }
    }
  }
  await connect()
  const loop = repeat(500, connect, log)
  return {
    // 'trust': the row of a verification knows which code is its newest, so what Redis has lost is missed there.
    store: redisStore(driver, { entropy, afterRestart: 'trust', prefix: PREFIX, restMs: REST_MS }), tenant: TENANT,
    setUp: () => redisSetUp({ driver, prefix: PREFIX, tenant: TENANT }),
    reasonOf: (error) => error instanceof RedisStoreError ? error.reason : 'unknown',
    isThere: () => client !== null,
    async close () {
      isClosed = true
      await loop.stop()
      if (client !== null) drop(client, 'closed')
    }
  }
}

/** What matters for codes. `policy`: what goes when its memory is full; `appendOnly`: whether it keeps a log on disk; `evicted`: keys since its start. */
type RedisState = { version: string, policy: string, appendOnly: boolean, evicted: number }

/** Asks a Redis by a connection of its own. @throws Error when it can not be reached, or refuses us */
export async function lookIntoRedis (url: string, ms: number): Promise<RedisState> {
  const one = connectionTo(url)
  one.on('error', () => {})
  try {
    return await within(ms, (async () => {
      await one.connect()
      // Not CONFIG: managed ones often refuse it.
      const said = await one.info()
      const value = (name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(said)?.[1] ?? ''
      return { version: value('redis_version'), policy: value('maxmemory_policy'), appendOnly: value('aof_enabled') === '1', evicted: Number(value('evicted_keys')) }
    })())
  } finally {
    if (one.isOpen) one.destroy()
  }
}

type RedisConnection = ReturnType<typeof connectionTo>

/** Commands are never kept for later, nor sent twice. Its own timeout is for commands that wait to be sent; here none does. */
function connectionTo (url: string) {
  return createClient({ url, RESP: 2, socket: { connectTimeout: PATIENCE_MS, reconnectStrategy: false }, disableOfflineQueue: true, commandOptions: { timeout: 0 } })
}

class Late extends Error {}

async function within<T> (ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    // In steps: while it is we who are busy, each of them is late, too, and answers that have long been here are read in between.
    const step = (left: number): void => {
      timer = setTimeout(() => {
        if (left > 1) step(left - 1)
        else reject(new Late('Redis gave no answer in time.'))
      }, ms / STEPS)
    }
    step(STEPS)
  })
  // Its rejection may come when nobody waits for it any more.
  work.catch(() => {})
  return Promise.race([work, late]).finally(() => { clearTimeout(timer) })
}

/** As a code: whole messages may hold addresses. */
function faultOf (error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : error instanceof Error ? error.name : 'unknown'
}
