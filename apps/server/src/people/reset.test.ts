import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { openAccounts, PASSWORD, type Accounts } from '../testing/accounts.ts'

let a: Accounts
beforeEach(async () => { a = await openAccounts() })
afterEach(async () => { await a.world.close() })

test('an operator signs somebody out everywhere', async () => {
  const { otto, maya } = a.world.people
  assert.deepEqual((await a.world.call(otto, 'POST', `people/${maya.id}/sign-out`)).body, { sessions: 1 })
  assert.equal((await a.world.call(maya, 'GET', 'me')).refusal, 'signInNeeded')
  const [row] = (await a.world.record('session.ended')).slice(-1)
  assert.deepEqual([row?.actor?.name, row?.subject?.name, row?.details['sessions']], ['Otto', 'Maya', 1])
})

test('an operator starts a reset and never sees a password: the old one is gone, the link goes to its owner', async () => {
  const { otto, maya } = a.world.people
  for (let i = 0; i < 10; i++) await a.post('sessions', { login: 'maya@gym.example', password: 'wrong' })
  const waiting = await a.start('sign-in-codes', { login: 'maya@gym.example' })
  const code = await a.digits(waiting.body.challenge)
  const { sessions, invitation } = (await a.world.call(otto, 'POST', `people/${maya.id}/reset-password`)).body
  assert.equal(sessions, 1)
  assert.equal((await a.confirm('sessions/by-code', { challenge: waiting.body.challenge, code })).body.granted, false)
  assert.deepEqual(await a.world.house.rows("SELECT scope FROM otp_budgets WHERE scope LIKE 'identity/person/%' AND locked_until > ?", a.world.house.clock()), [], 'guesses before shut nothing')
  // At the name as it was typed there is the wait that there was: nobody is to see the reset from outside.
  a.world.house.wait(600_000)
  assert.equal((await a.post('sessions', { login: 'maya@gym.example', password: PASSWORD })).status, 401)
  const token = invitation.split('/').at(-1)
  assert.equal((await a.post('invitations/accept', { token, password: 'a new long password' })).status, 200)
  assert.equal((await a.post('sessions', { login: 'maya@gym.example', password: 'a new long password' })).status, 200)
  assert.deepEqual((await a.world.house.rows("SELECT recipient FROM outbox WHERE subject = 'Your password was set'")).map((row) => row['recipient']), ['maya@gym.example'], 'its owner is told, whoever used the link')
  assert.ok(!JSON.stringify(await a.world.record()).includes(String(token)))
})

test('the last owner can not be locked out so', async () => {
  assert.equal((await a.world.call(a.world.people.olga, 'POST', `people/${a.world.people.olga.id}/reset-password`)).refusal, 'lastOwner')
  assert.equal((await a.post('sessions', { login: 'olga@gym.example', password: PASSWORD })).status, 200)
})
