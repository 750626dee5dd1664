import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { openAccounts, PASSWORD, type Accounts } from '../testing/accounts.ts'
import type { TestPerson } from '../testing/world.ts'

let a: Accounts
beforeEach(async () => { a = await openAccounts() })
afterEach(async () => { await a.world.close() })

const login = 'maya@gym.example'
const fresh = 'a new long password'

/** Maya at another browser. */
async function elsewhere (address: string): Promise<TestPerson> {
  const { cookie } = await a.post('sessions', { login, password: PASSWORD }, { address })
  return { ...a.world.people.maya, cookie: cookie ?? '' }
}
const sessionsOf = async (who: TestPerson) => (await a.world.call(who, 'GET', 'me/sessions')).body.sessions

test('where one is signed in, and one ended from another', async () => {
  const { maya } = a.world.people
  a.world.house.wait(60_000)
  const phone = await elsewhere('198.51.100.7')
  const [newest, older] = await sessionsOf(maya)
  assert.deepEqual([newest?.address, newest?.isCurrent, older?.isCurrent], ['198.51.100.7', false, true])
  assert.equal((await sessionsOf(maya)).length, 2)
  const kept = await a.world.house.rows('SELECT token_hash FROM sessions')
  assert.ok(!kept.some((row) => String(row['token_hash']).includes(newest?.id ?? '')), 'the name of a session is nothing that opens it')
  assert.equal((await a.world.call(maya, 'DELETE', `me/sessions/${newest?.id}`)).status, 204)
  assert.equal((await a.world.call(phone, 'GET', 'me')).refusal, 'signInNeeded')
  assert.equal((await a.world.call(maya, 'DELETE', `me/sessions/${newest?.id}`)).refusal, 'notFound', 'once')
  a.world.house.wait(3_600_000)
  await a.world.signIn(maya)
  assert.equal((await sessionsOf(maya)).length, 1, 'those that ended by themselves are not listed')
})

test('everywhere but here', async () => {
  const { maya } = a.world.people
  const others = [await elsewhere('198.51.100.7'), await elsewhere('198.51.100.8')]
  assert.deepEqual((await a.world.call(maya, 'DELETE', 'me/sessions')).body, { sessions: 2 })
  for (const one of others) assert.equal((await a.world.call(one, 'GET', 'me')).refusal, 'signInNeeded')
  assert.equal((await a.world.call(maya, 'GET', 'me')).status, 200)
  assert.equal((await a.world.record('session.ended')).at(-1)?.details['sessions'], 2)
})

test('another password by the one of now: the other sessions end, the address is told', async () => {
  const { maya } = a.world.people
  const phone = await elsewhere('198.51.100.7')
  const change = (current: string, password: string) => a.world.call(maya, 'POST', 'me/password', { current, password })
  assert.equal((await change('not it', fresh)).refusal, 'passwordWrong')
  assert.match((await change(PASSWORD, 'password')).said, /"field":"password"/)
  assert.deepEqual((await change(PASSWORD, fresh)).body, { sessions: 1 })
  assert.equal((await a.world.call(phone, 'GET', 'me')).refusal, 'signInNeeded')
  assert.equal((await a.world.call(maya, 'GET', 'me')).status, 200)
  assert.equal((await a.post('sessions', { login, password: PASSWORD })).status, 401)
  assert.equal((await a.post('sessions', { login, password: fresh })).status, 200)
  const [message] = (await a.world.call(maya, 'GET', 'me/inbox')).body.messages
  assert.equal(message?.subject, 'Your password was changed')
  assert.ok(!JSON.stringify(await a.world.record()).includes(fresh))
})

test('a session that was left open is no way to guess the password: the same ten and twenty', async () => {
  const { maya } = a.world.people
  const guess = () => a.world.call(maya, 'POST', 'me/password', { current: 'guess', password: fresh })
  const said = await Promise.all(Array.from({ length: 60 }, guess))
  assert.equal(said.filter((one) => one.refusal === 'passwordWrong').length, 10)
  assert.equal((await a.world.call(maya, 'POST', 'me/password', { current: PASSWORD, password: fresh })).refusal, 'tooManyTries')
})

test('two changes at the same moment: one holds', async () => {
  const said = await Promise.all([fresh, 'another new one'].map((password) => a.world.call(a.world.people.maya, 'POST', 'me/password', { current: PASSWORD, password })))
  assert.deepEqual(said.map((one) => one.status).sort(), [200, 403])
})
