import assert from 'node:assert/strict'
import { createServer, type Socket } from 'node:net'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { createClient } from '@redis/client'
import { healthOf } from '../platform/health.ts'
import { startTestRedis } from '../testing/redis.ts'
import { openWorld } from '../testing/world.ts'
import { lookAtRedis } from './redis.ts'
import { houseAsPatient } from './inside.ts'

async function seen (t: TestContext, redisUrl: string): Promise<string[]> {
  const world = await openWorld()
  t.after(() => world.close())
  const patient = houseAsPatient(world.house)
  return (await lookAtRedis({ ...patient, patienceMs: 2000, config: { ...patient.config, redisUrl } })).map(({ code, says }) => `${code} ${says}`)
}

test('a Redis that keeps what it is told', async (t) => {
  const redis = await startTestRedis({ appendonly: 'yes' })
  t.after(redis.stop)
  assert.match((await seen(t, redis.url)).join(), /^redis.ok Redis \d+\.\d+\.\d+ answers/)
})

test('one that evicts, has evicted, and keeps no log', async (t) => {
  const redis = await startTestRedis({ maxmemory: '3mb', 'maxmemory-policy': 'allkeys-lru' })
  t.after(redis.stop)
  const world = await openWorld({ env: { ONCEKEY_REDIS_URL: redis.url } })
  t.after(() => world.close())
  const { codeStore } = world.house
  assert.ok(codeStore)
  await codeStore.setUp()
  for (let i = 0; i < 500; i++) {
    const code = { id: '1', slot: 'code', hash: 'a'.repeat(64), generation: 1, validFrom: 0, expiresAt: world.house.clock() + 600_000, data: 'x'.repeat(4000) }
    // Where something was evicted it takes no more.
    await codeStore.store.change({ tenant: 'main', scope: String(i), now: world.house.clock() }, () => ({ changes: [{ do: 'addCode', code }], result: null })).catch(() => {})
  }
  assert.deepEqual((await seen(t, redis.url)).map((one) => one.split(' ')[0]), ['redis.evicts', 'redis.evicted', 'redis.forgets'])
})

test('away, hanging, with a wrong password, and none at all', async (t) => {
  const redis = await startTestRedis()
  t.after(redis.stop)
  const client = createClient({ url: redis.url })
  await client.connect()
  await client.configSet('requirepass', 'right')
  client.destroy()
  const sockets: Socket[] = []
  const mute = createServer((socket) => { sockets.push(socket) }).listen(0, '127.0.0.1')
  await once(mute, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    mute.close()
  })
  const address = mute.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  assert.match((await seen(t, redis.url.replace('//', '//:right@'))).join(), /^redis.forgets/)
  for (const url of ['redis://127.0.0.1:1', `redis://127.0.0.1:${port}`, redis.url.replace('//', '//:wrong@')]) {
    const said = (await seen(t, url)).join()
    assert.match(said, /^redis.away/)
    assert.doesNotMatch(said, /wrong/)
  }
  const world = await openWorld()
  t.after(() => world.close())
  assert.deepEqual(await lookAtRedis(houseAsPatient(world.house)), [])
})

test('/health is degraded while it is away, and the server runs on', async (t) => {
  const redis = await startTestRedis()
  await redis.stop()
  const world = await openWorld({ env: { ONCEKEY_REDIS_URL: redis.url } })
  t.after(() => world.close())
  const part = async () => (await healthOf(world.house)).checks.find(({ name }) => name === 'redis')
  const { status, says = '' } = await part() ?? {}
  assert.equal(status, 'degraded')
  assert.match(says, /ONCEKEY_REDIS_URL/)
})
