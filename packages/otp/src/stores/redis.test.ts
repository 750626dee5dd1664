import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { Redis as Valkey } from 'iovalkey'
import { sharedRedis } from '../../../../scripts/redis.mjs'
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
