import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openAccounts, type Accounts } from '../testing/accounts.ts'

async function gym (t: TestContext, env: Record<string, string> = {}): Promise<Accounts> {
  const a = await openAccounts(env)
  t.after(() => a.world.close())
  return a
}

/** Invites, invites anew at another address, resets, and imports, each by a request that names another host. */
async function askForLinks ({ world }: Accounts): Promise<(string | null)[]> {
  const { olga, maya } = world.people
  const headers = { host: 'evil.example' }
  const added = await world.call(olga, 'POST', 'people', { name: 'Nia', email: 'nia@gym.example', role: 'member' }, headers)
  const changed = added.refusal === null ? await world.call(olga, 'PATCH', `people/${added.body.person.id}`, { email: 'nia2@gym.example' }, headers) : added
  const reset = await world.call(olga, 'POST', `people/${maya.id}/reset-password`, undefined, headers)
  const imported = await world.house.app.inject({
    method: 'POST', url: '/api/v1/people/imports?invite=true', headers: { ...headers, 'content-type': 'text/csv' }, cookies: { oncekey: olga.cookie }, payload: 'name,email\nIda,ida@gym.example'
  })
  for (let tries = 0; tries < 100 && imported.statusCode === 202 && await left(world) > 0; tries++) await new Promise((resolve) => { setTimeout(resolve, 10) })
  return [added.refusal, changed.refusal, reset.refusal, imported.statusCode === 202 ? null : imported.json().code]
}

async function left (world: Accounts['world']): Promise<number> {
  return (await world.house.rows("SELECT id FROM people_imports WHERE state = 'running'")).length
}

const nobodyElse = ['nia@gym.example', 'nia2@gym.example', 'maya@gym.example', 'ida@gym.example']

for (const [where, env, base] of [
  ['at the public address', { ONCEKEY_PUBLIC_URL: 'http://keys.example.org' }, 'http://keys.example.org'],
  ['where the server listens', {}, 'http://oncekey.test']
] as const) {
  test(`links in mail are ${where}, whatever host a request names`, async (t) => {
    const a = await gym(t, env)
    assert.deepEqual(await askForLinks(a), [null, null, null, null])
    for (const address of nobodyElse) assert.match(await a.letter(address), new RegExp(`^${base}/invitation/[\\w-]{43}$`, 'm'), address)
  })
}

test('a server that listens everywhere and was not told its address mails no link; it says what to set, and nothing is changed', async (t) => {
  const a = await gym(t, { ONCEKEY_HOST: '0.0.0.0', ONCEKEY_TLS: 'off' })
  assert.deepEqual(await askForLinks(a), ['publicUrlNeeded', 'publicUrlNeeded', 'publicUrlNeeded', 'publicUrlNeeded'])
  assert.deepEqual(await a.world.house.rows("SELECT id FROM outbox WHERE dedupe_key LIKE 'invitation:%'"), [])
  assert.equal((await a.world.house.rows('SELECT 1 AS x FROM people WHERE password_hash IS NULL')).length, 0, 'the password stays')
  const told = await a.world.call(a.world.people.olga, 'POST', `people/${a.world.people.maya.id}/reset-password`)
  assert.match(told.problem.cure, /ONCEKEY_PUBLIC_URL/)
  const b = await gym(t, { ONCEKEY_HOST: '192.0.2.7', ONCEKEY_TLS: 'off' })
  assert.deepEqual(await askForLinks(b), [null, null, null, null], 'one address is no guess')
})
