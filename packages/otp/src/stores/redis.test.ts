import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { Redis as Valkey } from 'iovalkey'
import { sharedRedis, startRedis } from '../../../../scripts/redis.mjs'
import { storeContract } from './contract.ts'
import { redisSetUp, redisStore, type RedisDriver, type RedisStoreError } from './redis.ts'
import { connect, newPrefix, storeOn, type Connection } from './testing/redis.ts'
import { count, day, door, hour, minute, reasonOf, reasonsOf, web, world } from './testing/world.ts'

const server = sharedRedis()

storeContract({
  name: 'Redis',
  async open () {
    const { driver, close } = await connect((await server).socket)
    return { store: await storeOn(driver), close }
  }
})

storeContract({
  name: 'Redis that may lose the last seconds',
  async open () {
    const { driver, close } = await connect((await server).socket)
    return { store: await storeOn(driver, { afterRestart: 'void', remembered: 0 }), close }
  }
})

async function connection (t: TestContext): Promise<Connection> {
  const one = await connect((await server).socket)
  t.after(one.close)
  return one
}

/** A driver that counts what is sent. */
function counting (driver: RedisDriver): { driver: RedisDriver, sent: string[] } {
  const sent: string[] = []
  return { sent, driver: { send: (command, args, key) => { sent.push(command); return driver.send(command, args, key) } } }
}

/** @param below so that the port of a cluster's own talk, 10,000 above, is one, too */
async function freePort (below = 65_536): Promise<number> {
  for (;;) {
    const listener = createServer().listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const address = listener.address()
    listener.close()
    if (typeof address === 'object' && address !== null && address.port < below) return address.port
  }
}

const refusedAs = (reason: RedisStoreError['reason']) => (error: unknown): boolean => error instanceof Error && 'reason' in error && error.reason === reason

test('Redis: a challenge costs one round trip to issue and one to check; in another program a check costs two', async t => {
  const { driver, sent } = counting((await connection(t)).driver)
  const prefix = newPrefix()
  const store = await storeOn(driver, { prefix })
  const w = world(store)
  await w.code({ ...web, scope: 'so that the script is known' })
  sent.length = 0
  const { code } = await w.code(web)
  assert.equal(reasonOf(await w.type('0000', web)), 'wrong')
  assert.equal(reasonOf(await w.type(code, web)), 'granted')
  assert.deepEqual(sent, ['EVALSHA', 'EVALSHA', 'EVALSHA'])
  const other = w.engine({ store: redisStore(driver, { entropy: randomBytes, afterRestart: 'trust', prefix }) })
  assert.equal(reasonOf(await other.verify({ ...web, code })), 'alreadyUsed')
  assert.equal(sent.length, 5)
  // What the first program remembers is no longer so, and it is told.
  assert.equal(reasonOf(await w.type(code, web)), 'alreadyUsed')
  assert.equal(sent.length, 7)
  assert.equal((await w.otp.status(web)).failuresInWindow, 3)
})

test('Redis: of the scopes that a program remembers the oldest goes first', async t => {
  const { driver, sent } = counting((await connection(t)).driver)
  const w = world(await storeOn(driver, { remembered: 2 }))
  const codes = [await w.code({ ...web, scope: 'a' }), await w.code({ ...web, scope: 'b' }), await w.code({ ...web, scope: 'c' })]
  sent.length = 0
  const cost = async (i: number, scope: string): Promise<number> => {
    const before = sent.length
    assert.equal(reasonOf(await w.type(codes[i]!.code, { ...web, scope })), 'granted')
    return sent.length - before
  }
  assert.deepEqual([await cost(2, 'c'), await cost(1, 'b'), await cost(0, 'a')], [1, 1, 2])
})

test('Redis: iovalkey and ioredis fit by one line, too', async t => {
  const client = new Valkey((await server).socket)
  t.after(() => { client.disconnect() })
  const driver: RedisDriver = { send: (command, args) => client.call(command, ...args) }
  const w = world(await storeOn(driver))
  const { code } = await w.code()
  assert.deepEqual(reasonsOf([await w.type('0000'), await w.type(code), await w.type(code)]), ['wrong', 'granted', 'alreadyUsed'])
})

test('Redis: a script that the server has forgotten is sent once more', async t => {
  const { driver, command } = await connection(t)
  const counted = counting(driver)
  const w = world(await storeOn(counted.driver))
  await w.code()
  counted.sent.length = 0
  await command('SCRIPT', 'FLUSH')
  await w.guess(2)
  assert.deepEqual(counted.sent, ['EVALSHA', 'EVAL', 'EVALSHA'])
  assert.equal((await w.otp.status(door)).failuresInWindow, 2)
})

test('Redis: several programs evaluate exactly the budget, and of many right codes one is granted', async t => {
  const connections = await Promise.all(Array.from({ length: 4 }, () => connection(t)))
  const prefix = newPrefix()
  const stores = await Promise.all(connections.map(({ driver }) => storeOn(driver, { prefix })))
  const w = world(stores[0]!)
  const engines = stores.map(store => w.engine({ store }))
  for (const [where, budget] of [[door, 3], [web, 5]] as const) {
    const { code } = await w.code(where)
    const reasons = reasonsOf(await Promise.all(Array.from({ length: 400 }, (_, i) => engines[i % 4]!.verify({ ...where, code: '0000' }))))
    assert.deepEqual([count(reasons, 'wrong'), count(reasons, 'lockedOut')], [budget, 400 - budget])
    assert.equal(reasonOf(await w.type(code, where)), 'lockedOut')
    const right = await w.code({ ...where, scope: 'another' })
    const granted = reasonsOf(await Promise.all(Array.from({ length: 100 }, (_, i) => engines[i % 4]!.verify({ ...where, scope: 'another', code: right.code }))))
    assert.equal(count(granted, 'granted'), 1)
  }
})

test('Redis: of codes that are revoked and swept at once by several programs each is reported once', async t => {
  const connections = await Promise.all(Array.from({ length: 4 }, () => connection(t)))
  const prefix = newPrefix()
  const stores = await Promise.all(connections.map(({ driver }) => storeOn(driver, { prefix })))
  const w = world(stores[0]!)
  const engines = stores.map(store => w.engine({ store }))
  const issued = await Promise.all(Array.from({ length: 60 }, async (_, i) => engines[i % 4]!.issue({ ...door, scope: `r${i % 3}`, slot: `anna/${i % 2}`, digits: 8, ttlMs: 10 * minute })))
  assert.ok(issued.every(one => one.issued))
  w.wait(10 * minute)
  const [revoked, swept] = await Promise.all([
    Promise.all(engines.map(async engine => engine.revokeWhere({ slotPrefix: 'anna/' }))),
    Promise.all(engines.map(async engine => engine.sweep()))
  ])
  const ended = [...revoked.flat(), ...swept.flatMap(one => one.expired)].map(code => code.id)
  assert.deepEqual([ended.length, new Set(ended).size], [6, 6])
  w.wait(2 * day)
  const last = await Promise.all(engines.map(async engine => engine.sweep()))
  assert.deepEqual([last.reduce((sum, one) => sum + one.forgotten, 0), last.reduce((sum, one) => sum + one.scopes, 0)], [60, 3])
})

test('Redis: an answer that is lost on the way leaves a guess that was counted once, even if the call is sent again', async t => {
  const { driver } = await connection(t)
  let isLost = false
  const w = world(await storeOn({
    async send (command, args, key) {
      const answer = await driver.send(command, args, key)
      if (!isLost || args.length < 5) return answer
      isLost = false
      // As a client does it that sends again whatever was not answered.
      return driver.send(command, args, key)
    }
  }))
  const { code } = await w.code(web)
  isLost = true
  assert.deepEqual([reasonOf(await w.type('0000', web)), isLost], ['wrong', false])
  assert.equal((await w.otp.status(web)).failuresInWindow, 1)
  isLost = true
  assert.deepEqual([reasonOf(await w.type(code, web)), isLost], ['granted', false])
})

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

test('Redis: what is no answer of the script is refused', async t => {
  const { driver } = await connection(t)
  const prefix = newPrefix()
  await storeOn(driver, { prefix })
  for (const odd of [null, 7, [], ['v'], 'v', ['v', '', '0', '', '0', '0', 'x', []]]) {
    const w = world(redisStore({ send: async () => odd }, { entropy: randomBytes, afterRestart: 'trust', prefix }))
    await assert.rejects(async () => typeof odd === 'string' ? w.otp.status(door) : w.type('123456'), refusedAs('unknown'))
  }
  // Not even an Error.
  // oxlint-disable-next-line prefer-promise-reject-errors
  const w = world(redisStore({ send: () => Promise.reject('gone') }, { entropy: randomBytes, afterRestart: 'trust', prefix }))
  await assert.rejects(async () => w.type('123456'), refusedAs('unknown'))
})

test('Redis: a tenant that was never set up, or whose data is gone, has no fresh budgets', async t => {
  const { driver, command } = await connection(t)
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

test('Redis: whoever never sweeps leaves nothing that lives for ever', async t => {
  const { driver, command } = await connection(t)
  const prefix = newPrefix()
  const w = world(await storeOn(driver, { prefix, restMs: day }))
  const { code } = await w.code({ ttlMs: minute })
  await w.type(code)
  await w.code({ slot: 'b', ttlMs: hour })
  await w.guess(1, { scope: 'reader-2' })
  const ttl = async (name: string): Promise<number> => Number(await command('PTTL', `${prefix}:{default}:${name}`))
  const closeTo = (ms: number, expected: number): void => { assert.ok(Math.abs(ms - expected) < minute, `${ms}`) }
  // A reader's window of a day, and another day.
  closeTo(await ttl(`scope:${door.scope}`), 2 * day)
  closeTo(await ttl(`spent:${door.scope}`), 2 * day)
  for (const index of ['live', 'spent', 'idle']) closeTo(await ttl(index), 4 * day)
  assert.equal(await ttl('here'), -1)
})

test('Redis: what nobody sweeps makes room for what comes', async t => {
  const { driver, command } = await connection(t)
  const prefix = newPrefix()
  const w = world(await storeOn(driver, { prefix, restMs: day }))
  const size = async (): Promise<number[]> => Promise.all(['live', 'spent', 'idle'].map(async index => Number(await command('ZCARD', `${prefix}:{default}:${index}`))))
  for (let i = 0; i < 4; i++) {
    await w.code({ slot: `unused ${i}`, ttlMs: minute })
    await w.code({ slot: `elsewhere ${i}`, scope: 'reader-3', ttlMs: minute })
    await w.type((await w.code({ slot: 'used' })).code)
    await w.guess(1, { scope: `reader of ${i}` })
  }
  assert.deepEqual(await size(), [8, 4, 4])
  w.wait(4 * day)
  for (let i = 0; i < 8; i++) await w.code({ slot: 'anna', ttlMs: minute })
  assert.deepEqual(await size(), [1, 7, 0])
  assert.deepEqual([(await w.otp.status(door)).generation, (await w.otp.status({ ...door, scope: 'reader-3' })).generation], [16, 4])
  // What a program remembered of a scope that was tidied is not believed any more.
  assert.equal((await w.otp.revoke({ scope: 'reader-3' })).length, 0)
  assert.equal(reasonOf(await w.type((await w.code()).code)), 'granted')
})

test('Redis: entries of scopes that died by themselves are swept away without a word', async t => {
  const { driver, command } = await connection(t)
  const prefix = newPrefix()
  const w = world(await storeOn(driver, { prefix }))
  await w.code({ slot: 'a', ttlMs: minute })
  await w.type((await w.code({ slot: 'b' })).code)
  await w.guess(1, { scope: 'reader-2' })
  for (const name of [`scope:${door.scope}`, `spent:${door.scope}`, 'scope:reader-2']) await command('DEL', `${prefix}:{default}:${name}`)
  w.wait(2 * day)
  assert.deepEqual(await w.engine({ store: await storeOn(driver, { prefix }) }).sweep(), { expired: [], forgotten: 0, scopes: 0 })
  assert.equal(await command('EXISTS', `${prefix}:{default}:live`, `${prefix}:{default}:spent`, `${prefix}:{default}:idle`), 0)
})

test('Redis: a scope that is used while it is swept is not forgotten', async t => {
  const { driver } = await connection(t)
  const prefix = newPrefix()
  const w = world(await storeOn(driver, { prefix }))
  await w.guess(1)
  w.wait(day)
  const store = redisStore({
    async send (command, args, key) {
      const answer = await driver.send(command, args, key)
      if (command === 'ZRANGE' && key.endsWith(':idle')) await w.code()
      return answer
    }
  }, { prefix, afterRestart: 'trust', entropy: randomBytes })
  assert.equal((await w.engine({ store }).sweep()).scopes, 0)
  assert.equal((await w.otp.status(door)).live, 1)
})

test('Redis: all keys of a tenant lie in one hash slot, whatever it is called', async t => {
  const { driver, command } = await connection(t)
  const prefix = newPrefix()
  for (const tenant of ['a', '}', 'a}b', '{', '%7D']) {
    await redisSetUp({ driver, prefix, tenant })
    const w = world(await storeOn(driver, { prefix }))
    const { store } = w
    const engine = w.engine({ store, tenant })
    const issue = await engine.issue({ ...door, slot: 'a', digits: 6, ttlMs: minute, scope: '}{' })
    assert.ok(issue.issued)
    assert.equal(reasonOf(await engine.verify({ ...door, code: issue.code, scope: '}{' })), 'granted')
  }
  const keys = await command('KEYS', `${prefix}:*`)
  assert.ok(Array.isArray(keys))
  const tags = new Set(keys.map(key => /\{([^}]+)\}/.exec(String(key))?.[1]))
  // Five, and the three that the store's own tests set up.
  assert.deepEqual([...tags].sort(), ['%257D', '%7D', 'a', 'a%7Db', 'another', 'default', 'other', '{'])
})
