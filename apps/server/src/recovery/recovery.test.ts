import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { openAccounts, PASSWORD, type Accounts } from '../testing/accounts.ts'
import { wrong } from '../testing/verifier.ts'

let a: Accounts
beforeEach(async () => { a = await openAccounts() })
afterEach(async () => { await a.world.close() })

const fresh = 'a new long password'

test('a mailed code, a new password: signed in, every other session has ended, and the address is told', async () => {
  const { maya } = a.world.people
  const { body: { challenge } } = await a.start('recoveries', { login: 'maya@gym.example' })
  const code = await a.digits(challenge)
  assert.equal((await a.confirm('recoveries/confirm', { challenge, code: wrong(code), password: fresh })).text, '{"granted":false,"triesLeft":4}')
  const answer = await a.confirm('recoveries/confirm', { challenge, code, password: fresh })
  assert.ok(answer.body.granted && answer.cookie !== null)
  assert.equal((await a.world.call(maya, 'GET', 'me')).refusal, 'signInNeeded', 'the session of before')
  assert.equal((await a.post('sessions', { login: 'maya@gym.example', password: PASSWORD })).status, 401)
  assert.equal((await a.post('sessions', { login: 'maya@gym.example', password: fresh })).status, 200)
  await a.world.signIn(maya)
  const [message] = (await a.world.call(maya, 'GET', 'me/inbox')).body.messages
  assert.equal(message?.subject, 'Your password was changed')
  assert.equal((await a.world.house.rows("SELECT id FROM outbox WHERE recipient = 'maya@gym.example' AND subject = 'Your password was changed'")).length, 1)
})

test('a password that is guessed first, or is the own name, costs neither the code nor a try', async () => {
  const { body: { challenge } } = await a.start('recoveries', { login: 'olga@gym.example' })
  const code = await a.digits(challenge)
  for (const password of ['password', 'olga@gym.example']) assert.match((await a.confirm('recoveries/confirm', { challenge, code, password })).text, /"field":"password"/)
  assert.equal((await a.confirm('recoveries/confirm', { challenge, code, password: fresh })).body.granted, true)
})

test('known, unknown, suspended and invited are answered the same; mail goes to those who have an account', async () => {
  await a.world.house.db.write(async (trx) => {
    await trx.sql.updateTable('people').set({ suspended_at: 1 }).where('name', '=', 'Adam').execute()
    await trx.sql.updateTable('people').set({ password_hash: null }).where('name', '=', 'Otto').execute()
  })
  const states: string[] = []
  const texts = new Set<string>()
  for (const login of ['maya@gym.example', 'nobody@gym.example', 'adam@gym.example', 'otto@gym.example', 'nobody']) {
    const { status, body, text } = await a.start('recoveries', { login })
    assert.equal(status, 202)
    texts.add(text.replace(/"challenge":"[\w-]{31}"/, ''))
    states.push((await a.letters(body.challenge))[0]?.state ?? '')
    const code = await a.digits(body.challenge)
    if (states.at(-1) === 'failed') assert.equal((await a.confirm('recoveries/confirm', { challenge: body.challenge, code, password: fresh })).body.granted, false, `${login}: a code that nobody was sent`)
  }
  assert.equal(texts.size, 1)
  assert.deepEqual(states, ['waiting', 'failed', 'failed', 'waiting', 'failed'])
})

test('a code for signing in recovers nothing, and the other way round', async () => {
  const { body: one } = await a.start('sign-in-codes', { login: 'maya@gym.example' })
  assert.equal((await a.confirm('recoveries/confirm', { challenge: one.challenge, code: await a.digits(one.challenge), password: fresh })).body.granted, false)
  const { body: two } = await a.start('recoveries', { login: 'olga@gym.example' })
  assert.equal((await a.confirm('sessions/by-code', { challenge: two.challenge, code: await a.digits(two.challenge) })).body.granted, false)
})

test('guesses at the password shut nobody out of recovery, and are forgotten by it', async () => {
  for (let i = 0; i < 10; i++) await a.post('sessions', { login: 'maya@gym.example', password: 'wrong' })
  assert.equal((await a.post('sessions', { login: 'maya@gym.example', password: PASSWORD })).status, 429)
  const { body: { challenge } } = await a.start('recoveries', { login: 'maya@gym.example' })
  const answer = await a.confirm('recoveries/confirm', { challenge, code: await a.digits(challenge), password: fresh })
  assert.equal(answer.body.granted, true)
  const again = (cookies = {}): Promise<{ status: number }> => a.post('sessions', { login: 'maya@gym.example', password: fresh }, { cookies })
  assert.equal((await again({ 'oncekey-browser': answer.device ?? '' })).status, 200, 'in this browser')
  // A wait that ended at her other name in the same moment would tell whose it is.
  assert.equal((await again()).status, 429, 'elsewhere the name waits as it did')
  a.world.house.wait(600_000)
  assert.equal((await again()).status, 200)
})

test('who was suspended while the mail was on its way stays out', async () => {
  const { body: { challenge } } = await a.start('recoveries', { login: 'maya@gym.example' })
  const code = await a.digits(challenge)
  await a.world.call(a.world.people.adam, 'PATCH', `people/${a.world.people.maya.id}`, { suspended: true })
  const answer = await a.confirm('recoveries/confirm', { challenge, code, password: fresh })
  assert.deepEqual([answer.body, answer.cookie], [{ granted: false, triesLeft: 4 }, null])
})

test('a code that went to an address that was taken away is worth nothing, for recovery and for signing in', async () => {
  const { adam, maya } = a.world.people
  const recovery = await a.start('recoveries', { login: 'maya@gym.example' })
  const signIn = await a.start('sign-in-codes', { login: 'MAYA@gym.example' })
  assert.equal(signIn.code, 'coolingDown')
  a.world.house.wait(30_000)
  const other = await a.start('sign-in-codes', { login: 'maya@gym.example' })
  const [one, two] = [await a.digits(recovery.body.challenge), await a.digits(other.body.challenge)]
  await a.world.call(adam, 'PATCH', `people/${maya.id}`, { email: 'maya@other.example' })
  assert.equal((await a.confirm('recoveries/confirm', { challenge: recovery.body.challenge, code: one, password: fresh })).body.granted, false)
  assert.equal((await a.confirm('sessions/by-code', { challenge: other.body.challenge, code: two })).body.granted, false)
  assert.equal((await a.letters(other.body.challenge))[0]?.text, '', 'its mail is wiped')
})
