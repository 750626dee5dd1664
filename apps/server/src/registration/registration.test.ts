import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { openAccounts, PASSWORD, type Accounts } from '../testing/accounts.ts'
import { wrong } from '../testing/verifier.ts'
import { expireChallenges } from '../challenges/end.ts'

let a: Accounts
beforeEach(async () => {
  a = await openAccounts()
  assert.equal((await a.world.call(a.world.people.adam, 'PATCH', 'registration-policy', { who: 'everybody', domains: [] })).status, 200)
})
afterEach(async () => { await a.world.close() })

const MINUTE = 60_000
const form = { username: 'nia', name: 'Nia Novak', email: 'nia@example.org', password: 'seven green lamps' }
const person = async (email: string) => (await a.world.house.rows('SELECT * FROM people WHERE email = ? AND removed_at IS NULL', email))[0]

test('form, code, account: signed in as a member who may open nothing yet; by user name afterwards', async () => {
  const now = a.world.house.clock()
  const { status, body } = await a.start('registrations', form)
  assert.deepEqual([status, body], [202, { challenge: body.challenge, digits: 6, sentAt: now, expiresAt: now + 5 * MINUTE, mayResendAt: now + 30_000 }])
  assert.equal(await person(form.email), undefined, 'no account before the code')
  const [letter] = await a.letters(body.challenge)
  assert.match(letter?.text ?? '', /confirms your address.*within 5 minutes/)
  assert.equal(letter?.text.split('\n').at(-1), `@oncekey.test #${letter?.digits}`)
  assert.doesNotMatch(letter?.subject ?? '', /\d/)

  const answer = await a.confirm('registrations/confirm', { challenge: body.challenge, code: ` ${letter?.digits.slice(0, 3)} ${letter?.digits.slice(3)}` })
  assert.equal(answer.status, 200)
  assert.ok(answer.body.granted && answer.body.signIn.state === 'signedIn' && answer.body.signIn.me.role === 'member' && answer.body.signIn.me.name === 'Nia Novak')
  assert.match(answer.cookie ?? '', /^0[a-z0-9]{6}[\w-]{43}$/)
  for (const login of ['NIA', 'Nia@Example.org']) assert.equal((await a.post('sessions', { login, password: form.password })).status, 200)
  assert.deepEqual((await a.world.record('person.added')).at(-1)?.actor?.name, 'Nia Novak', 'who did it: they themselves')
  assert.equal((await a.confirm('registrations/confirm', { challenge: body.challenge, code: letter?.digits ?? '' })).text, '{"granted":false,"triesLeft":0}', 'once')
})

test('wrong, expired, used, superseded and unknown read the same; five are compared and then the right one is refused, too', async () => {
  const { body: { challenge } } = await a.start('registrations', form)
  const first = await a.digits(challenge)
  for (let left = 4; left >= 2; left--) assert.equal((await a.confirm('registrations/confirm', { challenge, code: wrong(first) })).text, `{"granted":false,"triesLeft":${left}}`)
  a.world.house.wait(30_000)
  const { body: again } = await a.start('challenges/resend', { challenge })
  assert.equal(again.challenge, challenge)
  assert.equal((await a.confirm('registrations/confirm', { challenge, code: first })).text, '{"granted":false,"triesLeft":1}', 'a resend gives no tries back')
  const second = await a.digits(challenge)
  assert.equal((await a.confirm('registrations/confirm', { challenge, code: wrong(second) })).text, '{"granted":false,"triesLeft":0}')
  for (const one of [challenge, 'A'.repeat(31)]) assert.equal((await a.confirm('registrations/confirm', { challenge: one, code: second })).text, '{"granted":false,"triesLeft":0}')
  assert.equal((await a.start('challenges/resend', { challenge })).code, 'verificationEnded')
  assert.equal(await person(form.email), undefined)
})

test('after five minutes it has to be started again, and nothing of the form is left', async () => {
  const { body: { challenge } } = await a.start('registrations', form)
  const code = await a.digits(challenge)
  const row = () => a.world.house.rows('SELECT form_sealed, code_hash, status FROM challenges WHERE id = ?', challenge)
  assert.notEqual((await row())[0]?.['form_sealed'], null)
  a.world.house.wait(5 * MINUTE)
  assert.equal((await a.confirm('registrations/confirm', { challenge, code })).text, '{"granted":false,"triesLeft":0}')
  await expireChallenges(a.world.house)
  assert.deepEqual({ ...(await row())[0] }, { form_sealed: null, code_hash: null, status: 'expired' })
  assert.deepEqual((await a.letters(challenge))[0]?.text, '')
})

test('an address that somebody has: the same answer, a letter to its owner, and a code that is right for nobody', async () => {
  const unknown = await a.start('registrations', form)
  const known = await a.start('registrations', { ...form, username: 'other', email: 'Maya@gym.example' })
  const shape = (text: string) => text.replace(/"challenge":"[\w-]+"/, '')
  assert.deepEqual([known.status, shape(known.text), known.text.length], [unknown.status, shape(unknown.text), unknown.text.length])
  const [letter] = await a.letters(known.body.challenge)
  assert.match(letter?.text ?? '', /You have an account there already/)
  assert.ok(!letter?.text.includes(letter.digits) && letter?.state === 'waiting')
  // Even who could read our memory would get nowhere with it.
  assert.equal((await a.confirm('registrations/confirm', { challenge: known.body.challenge, code: letter?.digits ?? '' })).body.granted, false)
  assert.equal((await a.post('sessions', { login: 'maya@gym.example', password: PASSWORD })).status, 200, 'nothing happened to the account')
})

test('a user name that is taken is told only to whoever has proven an address; the code then works with another one', async () => {
  const taken = await a.start('registrations', form)
  await a.confirm('registrations/confirm', { challenge: taken.body.challenge, code: await a.digits(taken.body.challenge) })
  const { status, body: { challenge } } = await a.start('registrations', { ...form, username: 'NIA', email: 'other@example.org' })
  assert.equal(status, 202)
  const code = await a.digits(challenge)
  assert.equal((await a.confirm('registrations/confirm', { challenge, code: wrong(code) })).text, '{"granted":false,"triesLeft":4}')
  const refused = await a.confirm('registrations/confirm', { challenge, code })
  assert.deepEqual([refused.status, refused.code], [409, 'alreadyExists'])
  assert.match(refused.text, /"field":"username"/)
  const answer = await a.confirm('registrations/confirm', { challenge, code, username: 'nia.2' })
  assert.equal(answer.body.granted, true)
})

test('who begins a registration for another person\'s address gets nothing when that person registers', async () => {
  const thief = await a.start('registrations', { ...form, username: 'thief', password: 'the thief knows this' })
  a.world.house.wait(30_000)
  const owner = await a.start('registrations', form)
  const code = await a.digits(owner.body.challenge)
  assert.equal((await a.confirm('registrations/confirm', { challenge: thief.body.challenge, code })).body.granted, false, "one challenge's code is no other's")
  assert.equal((await a.confirm('registrations/confirm', { challenge: owner.body.challenge, code })).body.granted, true)
  assert.equal((await a.post('sessions', { login: form.email, password: 'the thief knows this' })).status, 401)
  // Even with the mail that the thief's form had sent, e.g. forwarded by a trusting owner.
  const late = await a.confirm('registrations/confirm', { challenge: thief.body.challenge, code: await a.digits(thief.body.challenge) })
  assert.deepEqual([late.status, late.code], [409, 'alreadyExists'])
})

test('who may register: nobody unasked, unless an administrator says so', async () => {
  const policy = (who: string, domains: string[] = []) => a.world.call(a.world.people.adam, 'PATCH', 'registration-policy', { who, domains })
  for (const who of ['invited', 'nobody']) {
    await policy(who)
    assert.deepEqual((await a.start('registrations', form)).code, 'registrationClosed')
  }
  assert.equal((await policy('domains')).refusal, 'badRequest')
  await policy('domains', ['Example.ORG', 'example.org'])
  assert.deepEqual((await a.world.call(null, 'GET', 'registration-policy')).body, { who: 'domains', domains: ['example.org'] })
  for (const email of ['nia@gmail.example', 'nia@example.org.evil.example', 'nia@sub.example.org']) assert.match((await a.start('registrations', { ...form, email })).text, /@example\.org/)
  assert.equal((await a.start('registrations', { ...form, email: 'nia@EXAMPLE.org' })).status, 202)
  assert.equal((await a.world.record('site.changed')).at(-1)?.details['registration'], 'domains')
})

test('odd fields: refused by name, nothing is sent', async () => {
  for (const username of ['', 'ab', 'a b', 'nia@x', '.nia', 'nia.', 'ni..a', 'nіa', 'nia\u202e', "' OR 1=1 --", '<b>nia</b>', 'x'.repeat(33)]) {
    const { status, text } = await a.start('registrations', { ...form, username })
    assert.ok(status === 400 && text.includes('"username"'), `${username}: ${text}`)
  }
  for (const password of ['short', 'password', 'nia', form.email, '12345678', 'x'.repeat(129)]) assert.match((await a.start('registrations', { ...form, password })).text, /"field":"password"/, password)
  assert.equal((await a.world.house.rows('SELECT id FROM challenges')).length, 0)
})

test('mail that is not set up: told at once', async () => {
  await a.world.close()
  const { openWorld } = await import('../testing/world.ts')
  a = { ...a, world: await openWorld() }
  await a.world.call(a.world.people.adam, 'PATCH', 'registration-policy', { who: 'everybody', domains: [] })
  assert.equal((await a.world.call(null, 'POST', 'registrations', form)).refusal, 'channelNotSetUp')
})
