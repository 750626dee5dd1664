/** What holds when the Redis that has the codes is killed, emptied, stopped, another one, or no longer wanted. */
import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, test } from 'node:test'
import { createClient } from '@redis/client'
import { openVerifier, wrong, type Verifier } from '../testing/verifier.ts'
import { startTestRedis, type TestRedis } from '../testing/redis.ts'
import { expireVerifications } from './end.ts'

let redis: TestRedis
let v: Verifier
beforeEach(async () => {
  redis = await startTestRedis({ appendonly: 'yes', appendfsync: 'always' })
  v = await openVerifier({ env: { ONCEKEY_REDIS_URL: redis.url } })
})
afterEach(async () => {
  await v.world.close()
  await redis.stop()
})

const MINUTE = 60_000
const row = async (id: string) => (await v.world.house.rows('SELECT code_hash, status, failures, generation FROM verifications WHERE id = ?', id)).map((one) => ({ ...one }))[0]
const state = async (id: string): Promise<string> => (await v.call('GET', `verifications/${id}`)).body.status
const events = async (id: string): Promise<string[]> => (await v.world.record()).filter((one) => one.details['verificationId'] === id).map((one) => one.event + (one.reason === null || one.reason === undefined ? '' : ` ${one.reason}`))

async function command (...words: string[]): Promise<unknown> {
  const client = createClient({ url: redis.url, RESP: 2 })
  client.on('error', () => {})
  await client.connect()
  try {
    return await client.sendCommand(words)
  } finally {
    client.destroy()
  }
}

/** Redis comes back, and the server finds it. */
async function back (isThere = true): Promise<void> {
  for (let tries = 0; v.world.house.codeStore?.isThere() !== isThere; tries++) {
    assert.ok(tries < 500, 'the server notices')
    await wait(20)
  }
}

test('a code is in Redis while it may be typed, as a keyed hash, and ends there by itself', async () => {
  const { id, digits } = await v.start()
  assert.equal((await row(id))?.['code_hash'], null)
  const keys = await command('KEYS', '*')
  assert.ok(Array.isArray(keys) && keys.includes(`oncekey:{main}:scope:verification/${id}`), String(keys))
  const kept = JSON.stringify(await command('HGETALL', `oncekey:{main}:scope:verification/${id}`))
  assert.match(kept, /c[0-9a-f]{64}/)
  assert.ok(!kept.includes(digits))
  const ttl = Number(await command('PTTL', `oncekey:{main}:scope:verification/${id}`))
  assert.ok(ttl > 10 * MINUTE && ttl <= 11 * MINUTE, String(ttl))
})

test('away: nothing is compared and no try spent, the answer says so; new verifications work; then it goes on', async () => {
  const { id, digits } = await v.start()
  await redis.kill()
  for (const code of [digits, wrong(digits), digits, wrong(digits), wrong(digits), wrong(digits), wrong(digits)]) {
    const { status, refusal, headers, problem } = await v.check(id, code)
    assert.deepEqual([status, refusal, headers['retry-after']], [503, 'busy', '2'])
    assert.match(String(problem.detail), /ONCEKEY_REDIS_URL/)
  }
  const other = await v.start()
  assert.notEqual((await row(other.id))?.['code_hash'], null, 'its row has the code')
  assert.equal((await v.check(other.id, wrong(other.digits))).body.status, 'refused')
  assert.equal((await v.check(other.id, other.digits)).body.status, 'approved')
  redis = await redis.again()
  await back()
  assert.deepEqual([(await row(id))?.['failures'], await state(id)], [0, 'pending'])
  assert.equal((await v.check(id, digits)).body.status, 'approved')
})

test('a request with an Idempotency-Key that found Redis away is made when it comes again', async () => {
  const { id, digits } = await v.start()
  await redis.kill()
  assert.equal((await v.check(id, digits, { 'idempotency-key': 'k' })).status, 503)
  redis = await redis.again()
  await back()
  for (let i = 0; i < 3; i++) assert.equal((await v.check(id, digits, { 'idempotency-key': 'k' })).body.status, 'approved')
})

test('hanging: a check is answered within its patience, the next one at once', async () => {
  const { id, digits } = await v.start()
  const server = Number(/process_id:(\d+)/.exec(String(await command('INFO', 'server')))?.[1])
  process.kill(server, 'SIGSTOP')
  try {
    const from = performance.now()
    assert.equal((await v.check(id, digits)).status, 503)
    assert.ok(performance.now() - from < 4000)
    const again = performance.now()
    assert.equal((await v.check(id, digits)).status, 503)
    assert.ok(performance.now() - again < 1000)
    const other = await v.start()
    assert.equal((await v.check(other.id, other.digits)).body.status, 'approved')
  } finally {
    process.kill(server, 'SIGCONT')
  }
  await back()
  assert.equal((await v.check(id, digits)).body.status, 'approved')
})

test('restarted with its data: codes go on, tries stay spent, what was used stays used', async () => {
  const live = await v.start()
  const used = await v.start()
  for (let i = 1; i <= 4; i++) await v.check(live.id, wrong(live.digits, i))
  await v.check(used.id, used.digits)
  await redis.kill()
  await back(false)
  redis = await redis.again()
  await back()
  assert.equal((await v.check(used.id, used.digits)).body.status, 'refused')
  assert.equal((await v.check(live.id, wrong(live.digits, 5))).body.status, 'refused')
  assert.equal(await state(live.id), 'blocked')
  assert.equal((await v.check(live.id, live.digits)).body.status, 'refused')
})

test('emptied: what was there has ended and says so, nothing is set back, and the next verification works', async () => {
  const { id, digits } = await v.start()
  await v.check(id, wrong(digits))
  await command('FLUSHALL')
  assert.deepEqual([(await v.check(id, digits)).body, await state(id)], [{ status: 'refused' }, 'expired'])
  assert.deepEqual(await events(id), ['verification.started', 'verification.refused wrong', 'verification.expired', 'verification.refused expired'])
  assert.equal((await v.call('POST', `verifications/${id}/resend`)).refusal, 'verificationEnded')
  assert.match(v.world.house.logged.join('\n'), /gone from Redis/)
  const next = await v.start()
  assert.equal((await row(next.id))?.['code_hash'], null, 'Redis takes codes again')
  assert.equal((await v.check(next.id, next.digits)).body.status, 'approved')
})

test('a resend after it was emptied: a new code, and the tries that were spent', async () => {
  const { id, digits } = await v.start()
  for (let i = 1; i <= 4; i++) await v.check(id, wrong(digits, i))
  await command('FLUSHALL')
  v.world.house.wait(30_000)
  const { body } = await v.call('POST', `verifications/${id}/resend`)
  assert.equal(body.attemptsLeft, 1)
  const fresh = await v.digits(id)
  assert.equal((await v.check(id, wrong(fresh))).body.status, 'refused')
  assert.deepEqual([(await v.check(id, fresh)).body.status, await state(id)], ['refused', 'blocked'])
})

test('set back to an earlier state, as by a failover or a snapshot: used codes, superseded codes and spent tries stay so', async () => {
  const used = await v.start()
  const resent = await v.start()
  const tried = await v.start()
  const dumps = await Promise.all([used, resent, tried].map(async ({ id }) => {
    const key = `oncekey:{main}:scope:verification/${id}`
    const fields = await command('HGETALL', key)
    assert.ok(Array.isArray(fields))
    return [key, ...fields.map(String)]
  }))
  await v.check(used.id, used.digits)
  v.world.house.wait(30_000)
  await v.call('POST', `verifications/${resent.id}/resend`)
  const fresh = await v.digits(resent.id)
  for (let i = 1; i <= 4; i++) await v.check(tried.id, wrong(tried.digits, i))
  for (const [key = '', ...fields] of dumps) {
    await command('DEL', key)
    await command('HSET', key, ...fields)
  }
  assert.equal((await v.check(used.id, used.digits)).body.status, 'refused')
  assert.equal((await v.check(resent.id, resent.digits)).body.status, 'refused', 'the old code of a resend')
  assert.deepEqual([(await v.check(resent.id, fresh)).body.status, await state(resent.id)], ['refused', 'expired'])
  assert.equal((await v.check(tried.id, wrong(tried.digits, 5))).body.status, 'refused')
  assert.deepEqual([(await v.check(tried.id, tried.digits)).body.status, await state(tried.id)], ['refused', 'blocked'])
})

test('where keys were evicted a code that is missing has ended, and new codes stay in their rows', async () => {
  const { id, digits } = await v.start()
  await command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
  await command('CONFIG', 'SET', 'maxmemory', '1')
  await command('SET', 'x', 'y').catch(() => {})
  await command('CONFIG', 'SET', 'maxmemory', '0')
  assert.match(String(await command('INFO', 'stats')), /evicted_keys:[1-9]/)
  assert.deepEqual([(await v.check(id, digits)).body.status, await state(id)], ['refused', 'expired'])
  const next = await v.start()
  assert.notEqual((await row(next.id))?.['code_hash'], null)
  assert.equal((await v.check(next.id, next.digits)).body.status, 'approved')
})

test('full, and nothing is evicted: what is there goes on, new codes stay in their rows, and one line tells of it', async () => {
  const { id, digits } = await v.start()
  await command('CONFIG', 'SET', 'maxmemory', '1')
  for (let i = 0; i < 3; i++) {
    const next = await v.start()
    assert.notEqual((await row(next.id))?.['code_hash'], null)
  }
  assert.equal((await v.check(id, digits)).body.status, 'approved')
  assert.equal(v.world.house.logged.filter((line) => line.includes('stay in the database')).length, 1)
  // A connection that begins while it is full.
  await command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
  await back(false)
  await back()
})

test('one that asks for a password that nobody gave counts as away', async () => {
  const { id, digits } = await v.start()
  await command('CONFIG', 'SET', 'requirepass', 'x')
  const client = createClient({ url: redis.url.replace('//', '//:x@') })
  await client.connect()
  await client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'])
  await back(false)
  await wait(700)
  assert.equal(v.world.house.codeStore?.isThere(), false)
  assert.equal((await v.check(id, digits)).status, 503)
  await client.configSet('requirepass', '')
  client.destroy()
  await back()
  assert.equal((await v.check(id, digits)).body.status, 'approved')
})

test('switched on: codes in their rows stay good; switched off: those in Redis have ended, with their tries', async () => {
  const inRedis = await v.start()
  await redis.kill()
  await back(false)
  const inRow = await v.start()
  redis = await redis.again()
  await back()
  assert.equal((await v.check(inRow.id, inRow.digits)).body.status, 'approved')
  // The same house without the setting.
  await v.world.house.codeStore?.close()
  delete v.world.house.codeStore
  assert.deepEqual([(await v.check(inRedis.id, inRedis.digits)).body.status, await state(inRedis.id)], ['refused', 'expired'])
  const next = await v.start()
  assert.equal((await v.check(next.id, next.digits)).body.status, 'approved')
})

test('a hand-over that a wrong guess overtakes leaves the code, and the try, in the row', async () => {
  const { house } = v.world
  const store = house.codeStore
  assert.ok(store)
  const { change } = store.store
  let overtaken = false
  const started = await v.start()
  store.store = { ...store.store, change: async (look, decide, question) => {
    const done = await change(look, decide, question)
    if (!overtaken) {
      overtaken = true
      await v.world.call(null, 'POST', `verifications/${look.scope.slice('verification/'.length)}/check`, { code: 'x' }, { authorization: `Bearer ${v.secret}` })
    }
    return done
  } }
  const { id, digits } = await v.start()
  assert.ok(started.id !== id && overtaken)
  const { code_hash: hash, failures } = await row(id) ?? {}
  assert.ok(hash !== null && failures === 1)
  for (let i = 2; i <= 5; i++) await v.check(id, wrong(digits, i))
  assert.deepEqual([(await v.check(id, digits)).body.status, await state(id)], ['refused', 'blocked'])
})

test('Redis is killed while 300 guesses are under way: never more than five compared, never two approvals', async () => {
  const guessed = await v.start()
  const right = await v.start()
  const kill = wait(30).then(() => redis.kill())
  const [guesses, rights] = await Promise.all([
    Promise.all(Array.from({ length: 300 }, (_, i) => v.check(guessed.id, wrong(guessed.digits, i + 1)))),
    Promise.all(Array.from({ length: 100 }, () => v.check(right.id, right.digits)))
  ])
  await kill
  redis = await redis.again()
  await back()
  for (const { status } of [...guesses, ...rights]) assert.ok(status === 200 || status === 503)
  for (let i = 0; i < 10; i++) await v.check(guessed.id, wrong(guessed.digits, 400 + i))
  rights.push(await v.check(right.id, right.digits))
  assert.equal((await events(guessed.id)).filter((one) => one === 'verification.refused wrong').length, 5)
  assert.equal(rights.filter((one) => one.status === 200 && one.body.status === 'approved').length, 1)
  assert.equal((await v.check(guessed.id, guessed.digits)).body.status, 'refused')
})

test('those that nobody asks about any more end by their time, wherever their code is', async () => {
  const { id } = await v.start()
  await redis.kill()
  v.world.house.wait(10 * MINUTE)
  await expireVerifications(v.world.house)
  assert.equal(await state(id), 'expired')
})

test('whoever may write in Redis sets a number ahead of ours, or a code under it: the new code is right all the same', async () => {
  const scopeOf = (id: string): string => `oncekey:{main}:scope:verification/${id}`
  for (const ahead of ['2', '99', '9007199254740991']) {
    const { id, digits: old } = await v.start()
    await command('HSET', scopeOf(id), 'g', ahead, `c${'0'.repeat(64)}`, [2, 2, 0, v.world.house.clock() + 10 * MINUTE, 'code', ''].join('\n'))
    v.world.house.wait(31_000)
    assert.equal((await v.call('POST', `verifications/${id}/resend`)).status, 200)
    const code = await v.digits(id)
    if (code !== old) assert.equal((await v.check(id, old)).body.status, 'refused', ahead)
    assert.equal((await v.check(id, code)).body.status, 'approved', ahead)
    assert.deepEqual(await events(id).then((all) => all.filter((one) => one.startsWith('verification.expired'))), [])
  }
})
