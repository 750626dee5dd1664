import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { openAccounts, PASSWORD, type Accounts } from '../testing/accounts.ts'
import { newPerson } from '../testing/callers.ts'
import { openWorld } from '../testing/world.ts'

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
  assert.equal(invitation, null, 'whoever starts a reset does not get the link')
  const token = await a.invitation('maya@gym.example')
  assert.equal((await a.post('invitations/accept', { token, password: 'a new long password' })).status, 200)
  assert.equal((await a.post('sessions', { login: 'maya@gym.example', password: 'a new long password' })).status, 200)
  assert.deepEqual((await a.world.house.rows("SELECT recipient FROM outbox WHERE subject = 'Your password was set'")).map((row) => row['recipient']), ['maya@gym.example'], 'its owner is told, whoever used the link')
  assert.ok(!JSON.stringify(await a.world.record()).includes(String(token)))
})

test('the last owner can not be locked out so', async () => {
  const oona = await newPerson(a.world, 'Oona', 'owner')
  assert.equal((await a.world.call(oona, 'POST', `people/${a.world.people.olga.id}/reset-password`)).refusal, 'lastOwner')
  assert.equal((await a.post('sessions', { login: 'olga@gym.example', password: PASSWORD })).status, 200)
})

test('without mail the answer has the link: somebody has to pass it on', async () => {
  const world = await openWorld()
  try {
    const { invitation } = (await world.call(world.people.otto, 'POST', `people/${world.people.maya.id}/reset-password`)).body
    assert.match(invitation ?? '', /^\/invitation\/[\w-]{43}$/)
    assert.equal((await world.call(world.people.olga, 'PATCH', `people/${world.people.olga.id}`, { email: 'olga@other.example' })).status, 200, 'nor is there another way to mend one\'s own address')
  } finally {
    await world.close()
  }
})

test('nobody gets into the account of an equal: not by its address, a reset, its second factors, nor by lowering its role first', async () => {
  const call = a.world.call.bind(a.world)
  const { olga, adam, otto } = a.world.people
  const pairs = [[otto, await newPerson(a.world, 'Oskar', 'operator')], [adam, await newPerson(a.world, 'Ada', 'admin')]] as const
  for (const [who, equal] of pairs) {
    assert.equal((await call(who, 'PATCH', `people/${equal.id}`, { email: 'mine@gym.example' })).refusal, 'notAllowed')
    assert.equal((await call(who, 'POST', `people/${equal.id}/reset-password`)).refusal, 'notAllowed')
    assert.equal((await call(who, 'PATCH', `people/${equal.id}`, { role: 'member' })).refusal, 'notAllowed')
    assert.equal((await call(who, 'PATCH', `people/${equal.id}`, { name: 'Corrected' })).status, 200)
    assert.equal((await call(who, 'PATCH', `people/${equal.id}`, { suspended: true })).status, 200, 'shutting out is not getting in')
  }
  assert.equal((await call(adam, 'DELETE', `people/${pairs[1][1].id}/second-factors`)).refusal, 'notAllowed')
  const oona = await newPerson(a.world, 'Oona', 'owner')
  await a.world.house.db.write((trx) => trx.sql.updateTable('people').set({ password_hash: 'x' }).where('id', '=', oona.id).execute())
  assert.equal((await call(olga, 'PATCH', `people/${oona.id}`, { email: 'oona@other.example' })).status, 200, 'owners have nobody above them')
  assert.equal((await call(olga, 'DELETE', `people/${oona.id}/second-factors`)).status, 200)
  assert.equal((await call(olga, 'POST', `people/${oona.id}/reset-password`)).status, 200)
})

test('nobody does so to themselves, past their own proof; stepping down is theirs', async () => {
  const { olga, adam } = a.world.people
  for (const who of [olga, adam]) {
    assert.equal((await a.world.call(who, 'PATCH', `people/${who.id}`, { email: 'mine@gym.example' })).refusal, 'notAllowed')
    assert.equal((await a.world.call(who, 'POST', `people/${who.id}/reset-password`)).refusal, 'notAllowed')
    assert.equal((await a.world.call(who, 'DELETE', `people/${who.id}/second-factors`)).refusal, 'notAllowed')
  }
  assert.equal((await a.world.call(adam, 'PATCH', `people/${adam.id}`, { role: 'operator' })).status, 200)
})

test('whoever was invited and never came is helped by an equal, until they have come', async () => {
  const { otto } = a.world.people
  const { person: { id } } = (await a.world.call(otto, 'POST', 'people', { name: 'Nia', email: 'mia@gym.example', role: 'operator' })).body
  assert.equal((await a.world.call(otto, 'PATCH', `people/${id}`, { email: 'nia@gym.example' })).status, 200)
  assert.equal((await a.world.call(otto, 'POST', `people/${id}/reset-password`)).status, 200)
  assert.equal((await a.world.record('person.changed')).at(-1)?.details['password'], 'invited again', 'there was nothing to reset')
  assert.equal((await a.post('invitations/accept', { token: await a.invitation('nia@gym.example'), password: 'a new long password' })).status, 200)
  assert.equal((await a.world.call(otto, 'POST', `people/${id}/reset-password`)).refusal, 'notAllowed')
  await a.world.call(a.world.people.olga, 'POST', `people/${id}/reset-password`)
  assert.equal((await a.world.call(otto, 'PATCH', `people/${id}`, { email: 'mine@gym.example' })).refusal, 'notAllowed', 'invited anew, but somebody')
})
