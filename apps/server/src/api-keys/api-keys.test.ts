import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { openVerifier, type Verifier } from '../testing/verifier.ts'
import { checkCode } from '../verifications/check.ts'

let v: Verifier
beforeEach(async () => { v = await openVerifier() })
afterEach(async () => { await v.world.close() })

const noVerification = `verifications/${'A'.repeat(22)}` as const

test('an administrator makes a key, sees its secret once, sees when it was used, and revokes it', async () => {
  const { adam } = v.world.people
  const made = await v.world.call(adam, 'POST', 'api-keys', { name: ' Web shop ' })
  assert.deepEqual([made.status, made.headers['cache-control'], made.body.apiKey.name, made.body.apiKey.scopes, made.body.apiKey.madeBy], [201, 'no-store', 'Web shop', ['verifications'], 'Adam'])
  assert.match(made.body.secret, /^ok_[\w-]{43}$/)
  const use = () => v.world.call(null, 'GET', noVerification, undefined, { authorization: `Bearer ${made.body.secret}` })
  assert.equal((await use()).refusal, 'notFound')
  const list = async () => (await v.world.call(adam, 'GET', 'api-keys')).body.apiKeys
  assert.deepEqual((await list()).map((one) => [one.name, one.lastUsedAt]), [['Web shop', v.world.house.clock()], ['Shop', null]])
  assert.ok(!JSON.stringify(await list()).includes(made.body.secret.slice(3, 20)))
  assert.equal(made.body.apiKey.prefix, made.body.secret.slice(0, 6))
  for (let i = 0; i < 2; i++) assert.equal((await v.world.call(adam, 'DELETE', `api-keys/${made.body.apiKey.id}`)).status, 204)
  const refused = await use()
  assert.deepEqual([refused.status, refused.refusal, refused.headers['www-authenticate']], [401, 'apiKeyNeeded', 'Bearer'])
  assert.equal((await v.world.call(adam, 'DELETE', `api-keys/${v.world.house.newId()}`)).status, 404)
  assert.deepEqual((await v.world.record()).filter((row) => row.event.startsWith('apiKey.')).map((row) => [row.event, row.details['name'], row.actor?.name]),
    [['apiKey.made', 'Shop', 'Adam'], ['apiKey.made', 'Web shop', 'Adam'], ['apiKey.revoked', 'Web shop', 'Adam']])
})

test('the secret is nowhere in the database, the record or the log', async () => {
  const dump = JSON.stringify([await v.world.house.rows('SELECT * FROM api_keys'), await v.world.record(), v.world.house.logged])
  for (const form of [v.secret.slice(3), Buffer.from(v.secret).toString('hex'), Buffer.from(v.secret).toString('base64')]) assert.ok(!dump.includes(form))
})

test('what is no key, half a key, another scheme or a key without the scope', async () => {
  const ask = async (authorization: string) => (await v.world.call(null, 'GET', noVerification, undefined, { authorization })).refusal
  for (const odd of ['', 'Bearer', 'Bearer ', v.secret, `Basic ${v.secret}`, `Bearer ${v.secret}x`, `Bearer ${v.secret.slice(0, -1)}`, `Bearer ok_${'A'.repeat(43)}`, `Bearer ${v.secret}, Bearer ${v.secret}`]) assert.equal(await ask(odd), 'apiKeyNeeded', odd)
  assert.equal(await ask(`bearer ${v.secret}`), 'notFound')
  v.world.house.wait(1_000)
  await v.world.house.db.write(async (trx) => { await trx.prepare("UPDATE api_keys SET scopes = 'other'").run() })
  assert.equal(await ask(`Bearer ${v.secret}`), 'notAllowed')
})

test('a key that another process revoked checks nothing from then on, and is unknown a second later', async () => {
  const { id, digits } = await v.start()
  await v.world.house.db.write(async (trx) => { await trx.prepare('UPDATE api_keys SET revoked_at = 1').run() })
  assert.equal((await v.check(id, digits)).refusal, 'apiKeyNeeded')
  v.world.house.wait(1_000)
  assert.equal((await v.call('GET', `verifications/${id}`)).refusal, 'apiKeyNeeded')
})

test('the last use is noted once a minute', async () => {
  const noted = async () => (await v.world.house.rows("SELECT last_used_at FROM api_keys WHERE name = 'Shop'"))[0]?.['last_used_at']
  const seen: unknown[] = []
  for (const ms of [0, 59_000, 1_000]) {
    v.world.house.wait(ms)
    await v.call('GET', noVerification)
    seen.push(await noted())
  }
  const begun = v.world.house.clock() - 60_000
  assert.deepEqual(seen, [begun, begun, begun + 60_000])
})

const HOUR = 3_600_000
const opens = async (secret: string): Promise<string | null> => (await v.world.call(null, 'GET', noVerification, undefined, { authorization: `Bearer ${secret}` })).refusal
const make = async (more: object = {}) => (await v.world.call(v.world.people.adam, 'POST', 'api-keys', { name: 'Web shop', ...more })).body
const rotate = (id: string, graceHours: number) => v.world.call(v.world.people.adam, 'POST', `api-keys/${id}/rotate`, { graceHours })

test('a rotated key: both secrets work for the hours of grace, then the new one alone; never more than two', async () => {
  const { apiKey: { id }, secret: first } = await make()
  const { body: { secret: second, apiKey }, headers } = await rotate(id, 24)
  assert.equal(apiKey.prefix, second.slice(0, 6))
  assert.match(second, /^ok_[\w-]{43}$/)
  assert.deepEqual([second === first, apiKey.id, apiKey.previousUntil, headers['cache-control']], [false, id, v.world.house.clock() + 24 * HOUR, 'no-store'])
  const works = () => Promise.all([first, second].map(opens))
  assert.deepEqual(await works(), ['notFound', 'notFound'])
  v.world.house.wait(24 * HOUR - 1)
  assert.deepEqual(await works(), ['notFound', 'notFound'])
  // Looked up a moment ago, and no longer than its grace.
  v.world.house.wait(1)
  assert.deepEqual(await works(), ['apiKeyNeeded', 'notFound'])
  await v.world.signIn(v.world.people.adam)
  const { body: { secret: third } } = await rotate(id, 168)
  const { body: { secret: fourth } } = await rotate(id, 1)
  assert.deepEqual(await Promise.all([second, third, fourth].map(opens)), ['apiKeyNeeded', 'notFound', 'notFound'])
  assert.deepEqual((await v.world.record('apiKey.rotated')).map((row) => [row.actor?.name, row.details['name'], row.details['graceHours']]), [['Adam', 'Web shop', 24], ['Adam', 'Web shop', 168], ['Adam', 'Web shop', 1]])
  const dump = JSON.stringify([await v.world.house.rows('SELECT * FROM api_keys'), await v.world.record(), v.world.house.logged])
  for (const secret of [first, second, third, fourth]) assert.ok(!dump.includes(secret.slice(3)))
})

test('a secret that has leaked: without grace it ends at once, and revoking ends both', async () => {
  const { apiKey: { id }, secret: leaked } = await make()
  assert.equal(await opens(leaked), 'notFound')
  const { body: { secret, apiKey } } = await rotate(id, 0)
  assert.deepEqual([await opens(leaked), await opens(secret), apiKey.previousUntil], ['apiKeyNeeded', 'notFound', null])
  const { body: { secret: next } } = await rotate(id, 168)
  assert.deepEqual(await Promise.all([secret, next].map(opens)), ['notFound', 'notFound'])
  await v.world.call(v.world.people.adam, 'DELETE', `api-keys/${id}`)
  assert.deepEqual(await Promise.all([secret, next].map(opens)), ['apiKeyNeeded', 'apiKeyNeeded'])
  assert.deepEqual([(await rotate(id, 1)).refusal, (await rotate(v.world.house.newId(), 1)).refusal], ['notFound', 'notFound'])
  for (const odd of [-1, 169, 0.5, '1', null]) assert.equal((await v.world.call(v.world.people.adam, 'POST', `api-keys/${id}/rotate`, { graceHours: odd })).refusal, 'badRequest')
})

test('rotated without grace by another process: unknown here a second later', async () => {
  const { apiKey: { id }, secret } = await make()
  assert.equal(await opens(secret), 'notFound')
  await v.world.house.db.write(async (trx) => { await trx.prepare("UPDATE api_keys SET secret_hash = 'another' WHERE id = ?").run(id) })
  v.world.house.wait(1_000)
  assert.equal(await opens(secret), 'apiKeyNeeded')
})

test('a key that ends by itself', async () => {
  const now = v.world.house.clock()
  const { apiKey, secret } = await make({ expiresAt: now + HOUR })
  assert.equal(apiKey.expiresAt, now + HOUR)
  const { body: { id } } = await v.world.call(null, 'POST', 'verifications', { to: 'ana@example.org' }, { authorization: `Bearer ${secret}` })
  v.world.house.wait(HOUR - 1)
  assert.equal(await opens(secret), 'notFound')
  v.world.house.wait(1)
  assert.equal(await opens(secret), 'apiKeyNeeded')
  // Whatever checks a code looks again inside its own transaction.
  await assert.rejects(v.world.house.db.write((trx) => checkCode(trx, v.world.house, id, '123456', { id: apiKey.id, name: 'Web shop', siteId: v.world.siteId })), { code: 'apiKeyNeeded' })
  await v.world.signIn(v.world.people.adam)
  assert.equal((await rotate(apiKey.id, 1)).refusal, 'notFound')
  assert.equal((await v.world.call(v.world.people.adam, 'POST', 'api-keys', { name: 'Late', expiresAt: now })).refusal, 'badRequest')
})

test('a key that may only read sees how a verification stands and does nothing; one of an old program opens nothing here', async () => {
  const { id } = await v.start()
  const { secret: reader } = await make({ scopes: ['verifications:read'] })
  const { secret: old } = await make({ scopes: ['compat'] })
  const by = (secret: string) => ({ authorization: `Bearer ${secret}` })
  assert.equal((await v.world.call(null, 'GET', `verifications/${id}`, undefined, by(reader))).status, 200)
  for (const [path, body] of [['', { to: 'ana@example.org' }], [`/${id}/check`, { code: '123456' }], [`/${id}/resend`, undefined], [`/${id}/cancel`, undefined]] as const) {
    for (const secret of [reader, old]) assert.equal((await v.world.call(null, 'POST', `verifications${path}` as 'POST verifications', body, by(secret))).refusal, 'notAllowed', path)
  }
  assert.equal((await v.world.call(null, 'GET', `verifications/${id}`, undefined, by(old))).refusal, 'notAllowed')
  for (const scopes of [['compat', 'verifications'], [], ['everything'], ['verifications', 'verifications']]) assert.equal((await v.world.call(v.world.people.adam, 'POST', 'api-keys', { name: 'x', scopes })).refusal, 'badRequest', scopes.join(' '))
})
