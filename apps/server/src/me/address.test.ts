import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { openAccounts, PASSWORD, type Accounts } from '../testing/accounts.ts'
import type { TestPerson } from '../testing/world.ts'

let a: Accounts
beforeEach(async () => { a = await openAccounts() })
afterEach(async () => { await a.world.close() })

const wanted = 'maya@new.example'
const ask = (who: TestPerson, email: string) => a.world.call(who, 'POST', 'me/email', { email })
const confirm = (who: TestPerson, challenge: string, code: string) => a.world.call(who, 'POST', 'me/email/confirm', { challenge, code })
const addressOf = async (who: TestPerson): Promise<string> => (await a.world.call(who, 'GET', 'me')).body.email
const mailsTo = async (recipient: string): Promise<string[]> => (await a.world.house.rows("SELECT subject FROM outbox WHERE recipient = ? AND state = 'waiting' ORDER BY created_at, id", recipient)).map((row) => String(row['subject']))

test('another address by the code that went there: the former one is told, and codes to it are right for nobody', async () => {
  const { maya } = a.world.people
  const elsewhere = (await a.start('sign-in-codes', { login: 'maya@gym.example' })).body
  const before = await a.digits(elsewhere.challenge)
  const { challenge, digits } = (await ask(maya, wanted)).body
  assert.equal(digits, 6)
  assert.match((await a.letters(challenge))[0]?.text ?? '', /It confirms your new address\./)
  assert.equal(await addressOf(maya), 'maya@gym.example')
  const wrong = (await confirm(maya, challenge, '000000')).body
  assert.deepEqual(wrong, { granted: false, triesLeft: 4 })
  const right = (await confirm(maya, challenge, await a.digits(challenge))).body
  assert.equal(right.granted && right.me.email, wanted)
  assert.equal(await addressOf(maya), wanted)
  assert.deepEqual(await mailsTo('maya@gym.example'), ['Your e-mail address was changed'])
  assert.equal((await a.confirm('sessions/by-code', { challenge: elsewhere.challenge, code: before })).body.granted, false)
  assert.equal((await a.post('sessions', { login: wanted, password: PASSWORD })).status, 200)
  assert.equal((await a.post('sessions', { login: 'maya@gym.example', password: PASSWORD })).status, 401)
  const [row] = await a.world.record('person.changed')
  assert.deepEqual([row?.actor?.id, row?.subject?.id, row?.details], [maya.id, maya.id, { emailBefore: 'maya@gym.example', email: wanted }])
  assert.deepEqual((await confirm(maya, challenge, '000000')).body, { granted: false, triesLeft: 0 }, 'once')
})

test('an address of somebody else\'s: the same answer, no code, and its owner is told', async () => {
  const { maya, otto } = a.world.people
  const free = (await ask(maya, wanted)).body
  const taken = (await ask(maya, 'OTTO@gym.example')).body
  assert.deepEqual(Object.keys(taken), Object.keys(free))
  assert.deepEqual([taken.digits, taken.expiresAt - taken.sentAt, taken.mayResendAt - taken.sentAt], [free.digits, free.expiresAt - free.sentAt, free.mayResendAt - free.sentAt])
  const [letter] = await a.letters(taken.challenge)
  assert.deepEqual([letter?.subject, letter?.state], ['Your address at Gym', 'waiting'])
  assert.ok(!letter?.text.includes(letter.digits), 'its code is nowhere to be read')
  assert.deepEqual((await confirm(maya, taken.challenge, letter?.digits ?? '')).body, { granted: false, triesLeft: 4 })
  assert.equal(await addressOf(otto), 'otto@gym.example')
  assert.equal((await ask(maya, 'maya@gym.example')).refusal, 'badRequest', 'one\'s own may be told')
})

test('a code belongs to whoever asked for it: to others it is unknown, and stays right for its owner', async () => {
  const { maya, otto } = a.world.people
  const { challenge } = (await ask(maya, wanted)).body
  const code = await a.digits(challenge)
  for (let i = 0; i < 7; i++) assert.deepEqual((await confirm(otto, challenge, code)).body, { granted: false, triesLeft: 0 })
  assert.equal((await a.confirm('sessions/by-code', { challenge, code })).body.granted, false, 'and for nothing else')
  assert.equal((await confirm(maya, challenge, code)).body.granted, true)
})

test('the address went to somebody else meanwhile: told, and nothing is changed', async () => {
  const { maya, otto, olga } = a.world.people
  const { challenge } = (await ask(maya, wanted)).body
  assert.equal((await a.world.call(olga, 'PATCH', `people/${otto.id}`, { email: wanted })).status, 200)
  assert.equal((await confirm(maya, challenge, await a.digits(challenge))).refusal, 'alreadyExists')
  assert.equal(await addressOf(maya), 'maya@gym.example')
})

test('guesses at it leave the mailed codes of the sign-in page alone; five addresses an hour', async () => {
  const { maya } = a.world.people
  for (let i = 0; i < 4; i++) {
    // After ten in a row there is a pause.
    a.world.house.wait(i === 2 ? 600_001 : 1)
    const { challenge } = (await ask(maya, `m${i}@new.example`)).body
    for (let guess = 0; guess < 5; guess++) assert.equal((await confirm(maya, challenge, '000000')).status, 200)
  }
  assert.equal((await ask(maya, 'm4@new.example')).refusal, 'tooManyTries', 'twenty wrong ones in a day')
  const { challenge } = (await a.start('sign-in-codes', { login: 'maya@gym.example' })).body
  assert.equal((await a.confirm('sessions/by-code', { challenge, code: await a.digits(challenge) })).body.granted, true)
  const { otto } = a.world.people
  const said: (string | null)[] = []
  for (let i = 0; i < 6; i++) said.push((await ask(otto, `o${i}@new.example`)).refusal)
  assert.deepEqual(said, [null, null, null, null, null, 'tooManyTries'])
})

test('a link to choose a password dies with the address it went to', async () => {
  const { olga, otto } = a.world.people
  await a.world.call(olga, 'POST', `people/${otto.id}/reset-password`)
  const token = await a.invitation('otto@gym.example')
  await a.world.signIn(otto)
  const { challenge } = (await ask(otto, 'otto@new.example')).body
  assert.equal((await confirm(otto, challenge, await a.digits(challenge))).body.granted, true)
  assert.equal((await a.post('invitations/accept', { token, password: PASSWORD })).status, 404)
})
