import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { openAccounts, type Accounts } from '../testing/accounts.ts'
import { countUnproven, forgetUnproven } from './unproven.ts'

let a: Accounts
beforeEach(async () => {
  a = await openAccounts()
  await a.world.call(a.world.people.adam, 'PATCH', 'registration-policy', { who: 'everybody', domains: [] })
})
afterEach(async () => { await a.world.close() })

const form = (i: number): object => ({ username: `someone${i}`, email: `someone${i}@else.example`, password: 'seven brown herons' })
const send = (count: number): Promise<void> => a.world.house.db.write(async (trx) => {
  for (let i = 0; i < count; i++) await countUnproven(trx, a.world.house)
})

test('a hundred codes an hour go to addresses that are nobody\'s yet; the last one is told once, and signing in goes on', async () => {
  await send(99)
  assert.equal((await a.world.record('registration.flooded')).length, 0)
  assert.equal((await a.start('registrations', form(1), a.solved())).status, 202, 'the hundredth')
  for (const email of ['someone2@else.example', 'maya@gym.example']) {
    const refused = await a.start('registrations', { ...form(2), email }, a.solved())
    assert.deepEqual([refused.status, refused.code, refused.retryAfter], [503, 'busy', '3600'], 'whoever has the address')
  }
  assert.equal((await a.start('sign-in-codes', { login: 'maya@gym.example' })).status, 202)
  assert.equal((await a.start('recoveries', { login: 'olga@gym.example' })).status, 202)
  assert.deepEqual((await a.world.record('registration.flooded')).map(({ details }) => details), [{ sent: 100, proven: 0 }])
  a.world.house.wait(3_600_000)
  await send(100)
  await a.world.signIn(a.world.people.olga)
  const told = (await a.world.call(a.world.people.olga, 'GET', 'me/inbox')).body.messages.filter(({ subject }) => subject === 'Very many registrations')
  assert.equal(told.length, 1)
})

test('where people really register there is room for more', async () => {
  const { body } = await a.start('registrations', form(1))
  assert.equal((await a.confirm('registrations/confirm', { challenge: body.challenge, code: await a.digits(body.challenge) })).body.granted, true)
  await send(100)
  assert.equal((await a.start('registrations', form(2), a.solved())).status, 202)
  assert.equal((await a.start('registrations', form(3), a.solved())).code, 'busy')
})

test('a code that is sent again counts, and hours that are over are forgotten', async () => {
  const { body } = await a.start('registrations', form(1))
  a.world.house.wait(31_000)
  await a.start('challenges/resend', { challenge: body.challenge })
  assert.deepEqual((await a.world.house.rows('SELECT sent, proven FROM unproven_sends')).map((row) => ({ ...row })), [{ sent: 2, proven: 0 }])
  a.world.house.wait(24 * 3_600_000)
  await forgetUnproven(a.world.house)
  assert.equal((await a.world.house.rows('SELECT hour FROM unproven_sends')).length, 0)
})
