import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { readConfig } from '../config.ts'
import { openVerifier, wrong, type Verifier } from '../testing/verifier.ts'
import { checkCode } from '../verifications/check.ts'
import { startVerification } from '../verifications/start.ts'
import { addTestRecipient, forgetTestRecipients } from './recipients.ts'

let v: Verifier
beforeEach(async () => { v = await openVerifier() })
afterEach(async () => { await v.world.close() })

const DAY = 86_400_000
const CODE = '424242'
const add = (to = 'test@example.org', more: object = {}) => v.world.call(v.world.people.adam, 'POST', 'test-recipients', { to, code: CODE, expiresAt: v.world.house.clock() + DAY, ...more })
const begin = async (to = 'test@example.org') => (await v.call('POST', 'verifications', { to })).body

test('a test recipient is sent nothing and has the same code each time; answers and record say that it is a test', async () => {
  const { status, body } = await add()
  assert.deepEqual([status, body.isAllowed, body.recipients.map(({ to, madeBy }) => [to, madeBy])], [201, true, [['test@example.org', 'Adam']]])
  for (let i = 0; i < 2; i++) {
    const started = await begin()
    assert.deepEqual([started.isTest, started.delivery, started.attemptsLeft], [true, 'sent', 5])
    const { body: stands } = await v.call('GET', `verifications/${started.id}`)
    assert.deepEqual(stands, started)
    assert.equal((await v.check(started.id, wrong(CODE))).body.status, 'refused')
    assert.deepEqual((await v.check(started.id, CODE)).body, { status: 'approved', id: started.id, to: 'test@example.org', channel: 'email', purpose: 'verification', isTest: true })
    assert.equal((await v.check(started.id, CODE)).body.status, 'refused', 'once')
    v.world.house.wait(30_000)
  }
  assert.equal((await v.world.house.rows('SELECT id FROM outbox WHERE verification_id IS NOT NULL')).length, 0)
  for (const event of ['verification.started', 'verification.approved'] as const) assert.deepEqual((await v.world.record(event)).map(({ details }) => details['isTest']), [true, true])
  // Whoever is none is told of none.
  const { body: other } = await v.call('POST', 'verifications', { to: 'ana@example.org' })
  assert.ok(!('isTest' in other))
})

test('the fixed code is nowhere but sealed, and in no list', async () => {
  await add('test@example.org', { code: '970312' })
  const { id } = await begin()
  await v.check(id, '970312')
  const dump = JSON.stringify([await v.world.house.rows('SELECT * FROM test_recipients'), await v.world.house.rows('SELECT * FROM verifications'), await v.world.record(), v.world.house.logged, (await v.world.call(v.world.people.adam, 'GET', 'test-recipients')).body])
  assert.ok(!dump.includes('970312'))
})

test('it works for nobody else, under any spelling of the one it is for, and not for another verification\'s recipient', async () => {
  await add('Test@B\u00fccher.example')
  const mine = await begin('test@xn--bcher-kva.example')
  assert.equal(mine.isTest, true)
  for (const to of ['test@example.org', 'test2@b\u00fccher.example', 'test+1@b\u00fccher.example']) {
    const { id, digits } = await v.start(to)
    assert.equal((await v.check(id, digits === CODE ? wrong(CODE) : CODE)).body.status, 'refused', to)
  }
  assert.equal((await v.check(mine.id, CODE)).body.status, 'approved')
})

test('after its end, or once it is removed, it works no longer: not for new ones, and not for those that wait', async () => {
  const { body: { recipients } } = await add('a@example.org', { expiresAt: v.world.house.clock() + 60_000 })
  assert.equal(recipients.length, 1)
  const early = await begin('a@example.org')
  assert.equal(early.expiresAt, v.world.house.clock() + 60_000, 'no longer than the recipient is one')
  v.world.house.wait(60_000)
  assert.equal((await v.check(early.id, CODE)).body.status, 'refused')
  const { id, digits } = await v.start('a@example.org')
  assert.equal((await v.check(id, digits === CODE ? wrong(CODE) : CODE)).body.status, 'refused')
  assert.deepEqual((await v.world.call(v.world.people.adam, 'GET', 'test-recipients')).body.recipients, [])
  await forgetTestRecipients(v.world.house)
  assert.equal((await v.world.house.rows('SELECT id FROM test_recipients')).length, 0)

  const { body } = await add('b@example.org')
  const waiting = await begin('b@example.org')
  assert.equal((await v.world.call(v.world.people.adam, 'DELETE', `test-recipients/${body.recipients[0]?.id}`)).status, 204)
  assert.equal((await v.check(waiting.id, CODE)).body.status, 'refused')
  v.world.house.wait(30_000)
  assert.equal((await v.call('POST', `verifications/${waiting.id}/resend`)).refusal, 'verificationEnded')
  // Added again: what began under the one before stays ended.
  await add('b@example.org')
  assert.equal((await v.check(waiting.id, CODE)).body.status, 'refused')
  assert.deepEqual((await v.world.record()).filter(({ event }) => event.startsWith('testRecipient.')).map(({ event, subject }) => [event, subject?.name]),
    [['testRecipient.added', 'a•••@example.org'], ['testRecipient.added', 'b•••@example.org'], ['testRecipient.removed', 'b•••@example.org'], ['testRecipient.added', 'b•••@example.org']])
})

test('budgets count: five tries, twenty failures a day, sends apart; a resend is the same code again', async () => {
  await add()
  const one = await begin()
  assert.equal((await v.call('POST', 'verifications', { to: 'test@example.org' })).refusal, 'coolingDown')
  for (let i = 1; i <= 5; i++) await v.check(one.id, wrong(CODE, i))
  assert.equal((await v.check(one.id, CODE)).body.status, 'refused')
  assert.equal((await v.call('GET', `verifications/${one.id}`)).body.status, 'blocked')
  v.world.house.wait(30_000)
  const two = await begin()
  v.world.house.wait(30_000)
  const again = await v.call('POST', `verifications/${two.id}/resend`)
  assert.deepEqual([again.status, again.body.isTest], [200, true])
  assert.equal((await v.check(two.id, CODE)).body.status, 'approved')
  v.world.house.wait(600_000)
  for (let round = 0; round < 3; round++) {
    const { id } = await begin()
    for (let i = 1; i <= 5; i++) await v.check(id, wrong(CODE, i))
    v.world.house.wait(60_000)
  }
  assert.equal((await v.call('POST', 'verifications', { to: 'test@example.org' })).refusal, 'tooManyTries')
})

test('odd forms are refused, and the same recipient twice', async () => {
  const now = v.world.house.clock()
  for (const odd of [{ expiresAt: now }, { expiresAt: now + 30 * DAY + 1 }, { expiresAt: 0 }, { code: '12345' }, { code: '1234567' }, { code: 'abcdef' }, { code: 123456 }, { expiresAt: undefined }, { to: 'nobody' }]) assert.equal((await add('x@example.org', odd)).refusal, 'badRequest', JSON.stringify(odd))
  assert.equal((await add('x@example.org', { expiresAt: now + 30 * DAY })).status, 201)
  assert.equal((await add('X@example.org')).refusal, 'alreadyExists')
})

test('without a mail server tests work all the same', async () => {
  const bare = await openVerifier({ env: { ONCEKEY_SMTP_URL: '' } })
  try {
    await bare.world.call(bare.world.people.adam, 'POST', 'test-recipients', { to: 'test@example.org', code: CODE, expiresAt: bare.world.house.clock() + DAY })
    const { body } = await bare.call('POST', 'verifications', { to: 'test@example.org' })
    assert.equal((await bare.check(body.id, CODE)).body.status, 'approved')
    assert.equal((await bare.call('POST', 'verifications', { to: 'ana@example.org' })).refusal, 'channelNotSetUp')
  } finally {
    await bare.world.close()
  }
})

test('a server that others reach has none unless it is told so; those of before count no longer there', async () => {
  const isOn = (env: Record<string, string>): boolean => readConfig({ ONCEKEY_DATA_DIR: v.world.house.config.dataDir, ...env }).testRecipients
  assert.deepEqual([
    isOn({}), isOn({ ONCEKEY_PUBLIC_URL: 'http://localhost:8080' }), isOn({ ONCEKEY_PUBLIC_URL: 'http://[::1]:8080' }), isOn({ ONCEKEY_HOST: '0.0.0.0' }),
    isOn({ ONCEKEY_PUBLIC_URL: 'https://keys.example.org' }), isOn({ ONCEKEY_PUBLIC_URL: 'https://keys.example.org', ONCEKEY_TEST_RECIPIENTS: 'on' }), isOn({ ONCEKEY_TEST_RECIPIENTS: 'off' })
  ], [true, true, true, false, false, true, false])
  await add()
  const { id } = await begin()
  const production = Object.assign(Object.create(v.world.house) as typeof v.world.house, { config: { ...v.world.house.config, testRecipients: false } })
  const asker = { id: String((await v.world.house.rows('SELECT id FROM api_keys'))[0]?.['id']), name: 'Shop', siteId: v.world.siteId }
  assert.deepEqual(await production.db.write((trx) => checkCode(trx, production, id, CODE, asker)), { status: 'refused' })
  v.world.house.wait(30_000)
  const real = await production.db.write((trx) => startVerification(trx, production, { to: { kind: 'email', address: 'test@example.org', country: null, type: null }, channels: ['email'], purpose: 'x', language: null }, asker))
  assert.deepEqual([real.isTest, real.delivery, (await v.world.house.rows('SELECT id FROM outbox WHERE verification_id = ?', real.id)).length], [undefined, 'waiting', 1])
  await assert.rejects(production.db.write((trx) => addTestRecipient(trx, production, { to: 'y@example.org', code: CODE, expiresAt: production.clock() + DAY }, { siteId: v.world.siteId, actor: v.world.people.adam })), { code: 'testModeOff' })
})

test('a phone number may have one, too, however it is written', async () => {
  const { adam } = v.world.people
  assert.equal((await v.world.call(adam, 'POST', 'test-recipients', { to: '+49 1522 3433333', code: CODE, expiresAt: v.world.house.clock() + DAY })).status, 201)
  const { body } = await v.call('POST', 'verifications', { to: '0049 (0)1522-3433333', country: 'DE', channels: ['sms', 'voice'] })
  assert.deepEqual([body.to, body.isTest, body.delivery, body.deliveries], ['+4915223433333', true, 'sent', [{ channel: 'sms', state: 'sent' }, { channel: 'voice', state: 'withheld' }]])
  assert.deepEqual((await v.check(body.id, CODE)).body, { status: 'approved', id: body.id, to: '+4915223433333', channel: 'sms', purpose: 'verification', isTest: true })
})
