import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { openAccounts, PASSWORD, type Accounts } from '../testing/accounts.ts'
import { expireChallenges, forgetChallenges } from './end.ts'

const NEW = 'seven brown herons'
let a: Accounts

beforeEach(async () => { a = await openAccounts() })
afterEach(async () => { await a.world.close() })

async function change (who: 'maya' | 'otto', what: object): Promise<void> {
  const { world } = a
  assert.equal((await world.call(world.people.olga, 'PATCH', `people/${world.people[who].id}`, what)).status, 200)
}

async function openToAll (who: 'everybody' | 'nobody' = 'everybody'): Promise<void> {
  assert.equal((await a.world.call(a.world.people.olga, 'PATCH', 'registration-policy', { who, domains: [] })).status, 200)
}

const wrong = (digits: string, by: number): string => String((Number(digits) + by) % 1e6).padStart(6, '0')

test('a code that went to an address that is theirs no more is right for nobody, and none follow it there', async () => {
  const signIn = await a.start('sign-in-codes', { login: 'maya@gym.example' })
  const recover = await a.start('recoveries', { login: 'otto@gym.example' })
  const digits = [await a.digits(signIn.body.challenge), await a.digits(recover.body.challenge)]
  await change('maya', { email: 'maya2@gym.example' })
  await change('otto', { email: 'otto2@gym.example' })
  const answers = [
    await a.confirm('sessions/by-code', { challenge: signIn.body.challenge, code: digits[0] }),
    await a.confirm('recoveries/confirm', { challenge: recover.body.challenge, code: digits[1], password: NEW })
  ]
  // As for a wrong one: whoever asked does not learn that there is somebody.
  for (const { body } of answers) assert.deepEqual(body, { granted: false, triesLeft: 4 })
  a.world.house.wait(31_000)
  assert.equal((await a.start('challenges/resend', { challenge: signIn.body.challenge })).status, 202)
  assert.equal((await a.letters(signIn.body.challenge))[0]?.error, 'withheld')
})

test('the countdown begins at five minutes, however long the machine took between reading its clock and making the code', async (t) => {
  const { steps, wait } = a.world.house
  const issue = steps.issue.bind(steps)
  t.mock.method(steps, 'issue', (order: Parameters<typeof issue>[0]) => {
    wait(7)
    return issue(order)
  })
  const { body } = await a.start('sign-in-codes', { login: 'maya@gym.example' })
  assert.equal(body.expiresAt - body.sentAt, 300_000)
})

test('a code that somebody else asked for is worth nothing once the password was changed, or the person suspended', async () => {
  const first = await a.start('sign-in-codes', { login: 'maya@gym.example' })
  const digits = await a.digits(first.body.challenge)
  a.world.house.wait(31_000)
  const recovery = await a.start('recoveries', { login: 'maya@gym.example' })
  assert.equal((await a.confirm('recoveries/confirm', { challenge: recovery.body.challenge, code: await a.digits(recovery.body.challenge), password: NEW })).body.granted, true)
  assert.equal((await a.confirm('sessions/by-code', { challenge: first.body.challenge, code: digits })).body.granted, false)
  const second = await a.start('sign-in-codes', { login: 'otto@gym.example' })
  const theirs = await a.digits(second.body.challenge)
  await change('otto', { suspended: true })
  await change('otto', { suspended: false })
  assert.equal((await a.confirm('sessions/by-code', { challenge: second.body.challenge, code: theirs })).body.granted, false)
})

test('tries at another spelling of a name shut it neither for somebody nor for nobody', async () => {
  for (const login of ['adam@gym.example', 'abel@gym.example']) {
    for (let i = 0; i < 10; i++) await a.post('sessions', { login: login.replace('a', 'ａ'), password: 'wrong one' })
    assert.equal((await a.post('sessions', { login, password: 'wrong one' })).status, 401, login)
  }
})

test('tries at a registration tell nobody whether the address is somebody\'s', async () => {
  await openToAll()
  for (const email of ['adam@gym.example', 'abel@gym.example']) {
    for (let i = 0; i < 2; i++) {
      const { body } = await a.start('registrations', { username: `someone${i}`, email, password: NEW })
      const digits = await a.digits(body.challenge)
      for (let by = 1; by <= 5; by++) await a.confirm('registrations/confirm', { challenge: body.challenge, code: wrong(digits, by) })
      a.world.house.wait(31_000)
    }
    assert.equal((await a.start('sign-in-codes', { login: email })).status, 202, email)
  }
})

test('registrations that wait make no account once an administrator has closed the door', async () => {
  await openToAll()
  const { body } = await a.start('registrations', { username: 'late', email: 'late@else.example', password: NEW })
  await openToAll('nobody')
  const answer = await a.confirm('registrations/confirm', { challenge: body.challenge, code: await a.digits(body.challenge) })
  assert.deepEqual([answer.status, answer.code], [403, 'registrationClosed'])
})

test('what a stranger typed as a name is kept nowhere: people type passwords there', async () => {
  await a.start('sign-in-codes', { login: 'quiet river stones' })
  for (const table of ['challenges', 'outbox', 'audit']) assert.ok(!JSON.stringify(await a.world.house.rows(`SELECT * FROM ${table}`)).includes('quiet river stones'), table)
})

test('recoveries without a right code cost no hashing: others go on signing in', async () => {
  const flood = Array.from({ length: 150 }, () => a.post('recoveries/confirm', { challenge: 'A'.repeat(31), code: '123456', password: NEW }))
  assert.equal((await a.post('sessions', { login: 'maya@gym.example', password: PASSWORD })).status, 200)
  assert.ok((await Promise.all(flood)).every(({ status }) => status === 200))
})

test('strangers who fail at mailed codes for days shut recovery for nobody who signs in meanwhile', async () => {
  const login = 'maya@gym.example'
  for (let failed = 0, rounds = 0; failed < 120 && rounds < 100; rounds++) {
    const { status, body } = await a.start('sign-in-codes', { login })
    const digits = status === 202 ? await a.digits(body.challenge) : ''
    for (let by = 1; by <= 5 && status === 202; by++) {
      if ((await a.confirm('sessions/by-code', { challenge: body.challenge, code: wrong(digits, by) })).status === 200) failed++
    }
    a.world.house.wait(2 * 3_600_000)
    assert.equal((await a.post('sessions', { login, password: PASSWORD })).status, 200)
  }
  a.world.house.wait(25 * 3_600_000)
  assert.equal((await a.start('recoveries', { login })).status, 202)
})

test('challenges of made-up names and their letters are forgotten as fast as they come', async () => {
  const { house } = a.world
  for (let i = 0; i < 600; i++) await a.start('sign-in-codes', { login: `madeup${i}@else.example` })
  house.wait(2 * 86_400_000)
  await expireChallenges(house)
  await forgetChallenges(house)
  for (const table of ['challenges', 'outbox']) assert.equal((await house.rows(`SELECT count(*) AS n FROM ${table}`))[0]?.['n'], 0, table)
})
