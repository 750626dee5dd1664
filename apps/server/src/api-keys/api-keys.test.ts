import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { openVerifier, type Verifier } from '../testing/verifier.ts'

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
