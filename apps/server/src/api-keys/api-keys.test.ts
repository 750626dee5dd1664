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

test('only administrators and owners see, make and revoke keys', async () => {
  const { olga, adam, otto, maya } = v.world.people
  for (const [who, isAllowed] of [[olga, true], [adam, true], [otto, false], [maya, false], [null, false]] as const) {
    for (const [method, url, body] of [['GET', 'api-keys', undefined], ['POST', 'api-keys', { name: 'x' }], ['DELETE', `api-keys/${v.world.house.newId()}`, undefined]] as const) {
      const answer = await v.world.call(who, method, url, body)
      assert.equal(answer.status === 401 || answer.status === 403, !isAllowed, `${who?.name ?? 'nobody'} ${method} ${url}: ${answer.status}`)
    }
  }
})

test('a key opens verifications and nothing else; a session opens everything else and no verifications', async () => {
  await v.call('GET', noVerification)
  const { paths } = (await v.world.house.app.inject('/api/openapi.json')).json()
  let keyRoutes = 0
  let others = 0
  for (const [path, item] of Object.entries<Record<string, { security?: object[] }>>(paths)) {
    for (const [method, { security = [] }] of Object.entries(item)) {
      const ask = (headers: Record<string, string>) => v.world.house.app.inject({ method: method === 'get' ? 'GET' : method === 'post' ? 'POST' : method === 'patch' ? 'PATCH' : 'DELETE', url: path.replace('{id}', path.includes('verifications') ? 'A'.repeat(22) : v.world.house.newId()), headers })
      const isForKeys = security.some((one) => 'apiKey' in one)
      const isForPeople = security.some((one) => 'session' in one)
      const what = `${method} ${path}`
      if (isForKeys) {
        keyRoutes++
        assert.ok(path.startsWith('/api/v1/verifications'), what)
        assert.equal((await ask({ cookie: `oncekey=${v.world.people.olga.cookie}` })).json().code, 'apiKeyNeeded', what)
        assert.notEqual((await ask({ authorization: `Bearer ${v.secret}` })).statusCode, 401, what)
      } else if (isForPeople) {
        others++
        assert.equal((await ask({ authorization: `Bearer ${v.secret}` })).json().code, 'signInNeeded', what)
        assert.equal((await ask({ cookie: `oncekey=${v.secret}` })).json().code, 'signInNeeded', what)
      }
    }
  }
  assert.ok(keyRoutes === 5 && others > 25, `${keyRoutes} and ${others} routes`)
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
