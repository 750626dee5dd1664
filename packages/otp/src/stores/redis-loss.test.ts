/** What holds when Redis is away, restarts, loses data, evicts, is full, fails over or is one of a cluster. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { freePort } from '../../../../scripts/free-port.mjs'
import { startRedis } from '../../../../scripts/redis.mjs'
import { redisSetUp, redisStore, type RedisStoreError } from './redis.ts'
import { connect, newPrefix, storeOn } from './testing/redis.ts'
import { door, hour, minute, reasonOf, reasonsOf, web, world } from './testing/world.ts'

const refusedAs = (reason: RedisStoreError['reason']) => (error: unknown): boolean => error instanceof Error && 'reason' in error && error.reason === reason

test('Redis: when it is away, each call is refused with a sentence, and none is made later', async t => {
  const own = await startRedis()
  const { driver, close } = await connect(own.socket)
  t.after(close)
  const w = world(await storeOn(driver))
  const { code } = await w.code()
  await own.stop()
  for (const call of [() => w.type(code), () => w.code(), async () => w.otp.status(door), async () => w.otp.sweep(), async () => w.otp.kept(['a'])]) {
    await assert.rejects(call, { name: 'RedisStoreError', reason: 'unknown', message: /whether the change was made is not known/ })
  }
})

test('Redis: a tenant that was never set up, or whose data is gone, has no fresh budgets', async t => {
  const own = await startRedis()
  const { driver, command, close } = await connect(own.socket)
  t.after(async () => { close(); await own.stop() })
  const prefix = newPrefix()
  const w = world(await storeOn(driver, { prefix }))
  const stranger = w.engine({ tenant: 'nobody' })
  await assert.rejects(async () => stranger.verify({ ...door, code: '123456' }), refusedAs('lost'))
  await redisSetUp({ driver, prefix, tenant: 'nobody' })
  assert.equal(reasonOf(await stranger.verify({ ...door, code: '123456' })), 'wrong')
  await w.guess(3)
  await command('DEL', `${prefix}:{default}:here`, `${prefix}:{default}:scope:${door.scope}`)
  await assert.rejects(async () => w.guess(1), refusedAs('lost'))
  await assert.rejects(async () => w.otp.admission(door), refusedAs('lost'))
  await assert.rejects(async () => w.otp.kept([door.scope]), refusedAs('lost'))
})

test('Redis: where a key was ever evicted no scope begins with a fresh budget', async t => {
  const own = await startRedis({ settings: { maxmemory: '3mb', 'maxmemory-policy': 'volatile-ttl' } })
  const { driver, command, close } = await connect(own.socket)
  t.after(async () => { close(); await own.stop() })
  const w = world(await storeOn(driver))
  await w.guess(1)
  // They end sooner than what is ours, so they go first.
  for (let i = 0; i < 200; i++) await command('SET', `filling ${i}`, 'x'.repeat(20_000), 'EX', '1000')
  await assert.rejects(async () => w.guess(1, { scope: 'a new one' }), refusedAs('evicted'))
  assert.deepEqual(reasonsOf(await w.guess(1)), ['wrong'], 'what is there is not forgotten')
})

test('Redis: where memory is full and nothing is evicted, what needs room is refused and nothing is half done', async t => {
  const own = await startRedis()
  const { driver, command, close } = await connect(own.socket)
  t.after(async () => { close(); await own.stop() })
  const w = world(await storeOn(driver))
  const { code } = await w.code()
  await command('CONFIG', 'SET', 'maxmemory', '1')
  await assert.rejects(async () => w.guess(1), refusedAs('unknown'))
  await assert.rejects(async () => w.code({ slot: 'b' }), refusedAs('unknown'))
  const { live, failuresInWindow, generation } = await w.otp.status(door)
  assert.deepEqual([live, failuresInWindow, generation], [1, 0, 1])
  // This one makes room.
  assert.deepEqual(reasonsOf([await w.type(code)]), ['granted'])
  await command('CONFIG', 'SET', 'maxmemory', '0')
  assert.equal(reasonOf(await w.type(code)), 'alreadyUsed')
})

test('Redis that may lose the last seconds: a replica that takes over starts from what it has, and takes no code of before', async t => {
  const port = await freePort()
  const primary = await startRedis({ settings: { port: String(port), bind: '127.0.0.1', 'repl-diskless-sync-delay': '0' } })
  const replica = await startRedis({ settings: { replicaof: `127.0.0.1 ${port}` } })
  t.after(async () => { await replica.stop(); await primary.stop() })
  const first = await connect(primary.socket)
  const second = await connect(replica.socket)
  t.after(() => { first.close(); second.close() })
  const prefix = newPrefix()
  const before = world(await storeOn(first.driver, { prefix, afterRestart: 'void' }))
  const asked = await before.code(web)
  await before.type('0000', web)
  for (let tries = 0; await second.command('EXISTS', `${prefix}:{default}:scope:${web.scope}`) !== 1; tries++) {
    assert.ok(tries < 500, 'the replica follows')
    await wait(20)
  }
  // Before it takes over it can refuse, and nothing else.
  const early = before.engine({ store: redisStore(second.driver, { prefix, afterRestart: 'void', entropy: randomBytes }) })
  assert.equal(reasonOf(await early.verify({ ...web, code: asked.code })), 'lockedOut')
  await assert.rejects(async () => early.issue({ ...web, scope: 'challenge-2', slot: 'anna', digits: 6, ttlMs: minute }), refusedAs('unknown'))
  await primary.kill()
  await second.command('REPLICAOF', 'NO', 'ONE')
  const after = before.engine({ store: redisStore(second.driver, { prefix, afterRestart: 'void', entropy: randomBytes }) })
  assert.equal(reasonOf(await after.verify({ ...web, code: asked.code })), 'lockedOut')
  const anew = await after.issue({ ...web, scope: 'challenge-2', slot: 'anna', digits: 6, ttlMs: minute })
  assert.ok(anew.issued)
  assert.equal(reasonOf(await after.verify({ ...web, scope: 'challenge-2', code: anew.code })), 'granted')
})

test('Redis: a node of a cluster takes every call', async t => {
  const own = await startRedis({ settings: { port: String(await freePort(40_000)), bind: '127.0.0.1', 'cluster-enabled': 'yes' } })
  const { driver, command, close } = await connect(own.socket)
  t.after(async () => { close(); await own.stop() })
  await command('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
  for (let tries = 0; !String(await command('CLUSTER', 'INFO')).includes('cluster_state:ok'); tries++) {
    assert.ok(tries < 500, 'the cluster begins')
    await wait(20)
  }
  const w = world(await storeOn(driver, { restMs: minute }))
  const { code } = await w.code({ ttlMs: minute })
  await w.code({ slot: 'ben', scope: 'reader-2', ttlMs: minute })
  assert.deepEqual(reasonsOf([await w.type('0000'), await w.type(code)]), ['wrong', 'granted'])
  // Now what is found by name is touched, too.
  w.wait(hour)
  await w.code()
  assert.equal((await w.otp.revokeWhere({ slotPrefix: 'an' })).length, 1)
  await w.otp.sweep()
  assert.deepEqual(await w.otp.kept([door.scope, 'nowhere']), [door.scope])
})

/** A life before and after a power cut, at a server with these settings. */
async function throughPowerCut (t: TestContext, settings: Record<string, string>, afterRestart: 'trust' | 'void'): Promise<{ before: ReturnType<typeof world>, restart: () => Promise<ReturnType<typeof world>> }> {
  const own = await startRedis({ settings })
  const first = await connect(own.socket)
  const prefix = newPrefix()
  const before = world(await storeOn(first.driver, { prefix, afterRestart }))
  return {
    before,
    async restart () {
      await own.kill()
      first.close()
      const again = await startRedis({ settings, folder: own.folder })
      const second = await connect(again.socket)
      t.after(async () => { second.close(); await again.stop() })
      return world(redisStore(second.driver, { prefix, afterRestart, entropy: randomBytes }))
    }
  }
}

test('Redis: with appendfsync always nothing is lost in a power cut', async t => {
  const { before, restart } = await throughPowerCut(t, { appendonly: 'yes', appendfsync: 'always' }, 'trust')
  const used = await before.code({ slot: 'a' })
  const live = await before.code({ slot: 'b' })
  await before.type(used.code)
  await before.guess(2, web)
  const asked = await before.code(web)
  await before.guess(5, web)
  const after = await restart()
  assert.equal(reasonOf(await after.type(asked.code, web)), 'lockedOut')
  assert.deepEqual(reasonsOf([await after.type(used.code), await after.type(live.code)]), ['alreadyUsed', 'granted'])
})

test('Redis: without persistence everything is gone after a restart, and it says so', async t => {
  const { before, restart } = await throughPowerCut(t, {}, 'void')
  const { code } = await before.code()
  const after = await restart()
  await assert.rejects(() => after.type(code), refusedAs('lost'))
})

test('Redis that may lose the last seconds: no code, no try and no resend of before a restart works after it', async t => {
  const { before, restart } = await throughPowerCut(t, { appendonly: 'yes', appendfsync: 'everysec' }, 'void')
  const used = await before.code({ slot: 'a' })
  const live = await before.code({ slot: 'b', data: 'mine' })
  const asked = await before.code(web)
  await before.type('0000', { ...web })
  await wait(1500)
  // These last ones may be lost; whether they are makes no difference.
  await before.type(used.code)
  await before.type(live.code, { permit: () => 'disabled' })

  const after = await restart()
  assert.deepEqual([reasonOf(await after.type(asked.code, web)), (await after.otp.status(web)).triesLeft], ['lockedOut', 0])
  assert.deepEqual(await after.otp.issue({ ...web, slot: 'anna', digits: 6, ttlMs: minute }), { issued: false, reason: 'lockedOut' })
  const status = await after.otp.status(door)
  assert.deepEqual([status.live, status.triesLeft], [0, 1])
  assert.deepEqual(await after.otp.revoke({ scope: door.scope }), [])
  const verdict = await after.type(live.code)
  assert.deepEqual([reasonOf(verdict), verdict.id, verdict.slot, verdict.triesLeft], ['revoked', live.id, null, 0])
  assert.ok(await after.lockedFor() > 0, 'one try, then the lockout')
  after.wait(2 * minute)
  assert.match(reasonOf(await after.type(used.code)), /^(revoked|alreadyUsed)$/)
  const next = await after.code({ slot: 'b' })
  assert.equal(reasonOf(await after.type(next.code)), 'granted')
  // The sweep of what was voided reports nothing as expired.
  after.wait(hour)
  assert.deepEqual((await after.otp.sweep()).expired, [])
})
