import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { openPhones, type Phones } from '../testing/phones.ts'

let v: Phones
beforeEach(async () => { v = await openPhones({ ONCEKEY_PUBLIC_URL: '' }) })
afterEach(async () => { await v.end() })

const mine = '+49 151 23456789'
const post = (body: object, who = v.world.people.adam) => v.world.call(who, 'POST', 'channel-tests', body)
const look = (id: string, who = v.world.people.adam) => v.world.call(who, 'GET', `channel-tests/${id}`)

test('an administrator tries the SMS: a real message to the number, what the gateway calls it, and its arrival, all in the record', async () => {
  const { status, said, body } = await post({ channel: 'sms', to: mine })
  assert.equal(status, 202, said)
  assert.deepEqual([body.channel, body.to, body.state, body.fault, body.isOver], ['sms', '•••89', 'waiting', null, false])
  await v.flush()
  const [sms] = v.messages('sms')
  assert.equal(sms?.to, '+4915123456789')
  const taken = (await look(body.id)).body
  assert.deepEqual([taken.state, taken.attempts, taken.isOver], ['sent', 1, false], 'a receipt is still to come')
  await v.receipt(sms?.id ?? '', 'delivered')
  const arrived = (await look(body.id)).body
  assert.deepEqual([arrived.state, arrived.isOver], ['delivered', true])
  const [row] = await v.world.record('channel.tested')
  assert.deepEqual([row?.actor?.name, row?.subject?.name, row?.details['channel'], row?.details['verificationId']], [v.world.people.adam.name, '•••89', 'sms', body.id])
  const traces = v.world.house.logged.join() + JSON.stringify(await v.world.record())
  assert.ok(!traces.includes(sms?.code ?? '') && !traces.includes('15123456789'))
})

test('what the gateway answers is said: a refusal ends it, and a server that is down is tried again', async () => {
  v.gateways.sms.reply = () => ({ status: 403 })
  const refused = (await post({ channel: 'sms', to: mine })).body
  await v.flush()
  const no = (await look(refused.id)).body
  assert.deepEqual([no.state, no.isOver], ['failed', true])
  assert.match(no.fault ?? '', /403/)
  v.gateways.voice.reply = () => ({ status: 503 })
  const { body } = await post({ channel: 'voice', to: '+49 1522 3433333' })
  await v.flush()
  const later = (await look(body.id)).body
  assert.deepEqual([later.state, later.attempts, later.isOver], ['waiting', 1, false])
  assert.match(later.fault ?? '', /503/)
})

test('mail goes to one\'s own address and to no other', async () => {
  assert.equal((await post({ channel: 'email', to: 'stranger@example.org' })).refusal, 'badRequest')
  const { status } = await post({ channel: 'email' })
  assert.equal(status, 202)
  const rows = await v.world.house.rows('SELECT o.recipient FROM outbox o JOIN verifications v ON v.id = o.verification_id')
  const people = await v.world.house.rows('SELECT email FROM people WHERE id = ?', v.world.people.adam.id)
  assert.deepEqual(rows.map((row) => row['recipient']), people.map((row) => row['email']))
})

test('nobody else sees it: no other administrator, no key; an approval of it proves nothing to a program', async () => {
  const { body: { id } } = await post({ channel: 'sms', to: mine })
  await v.flush()
  const code = v.messages('sms')[0]?.code ?? ''
  assert.equal((await look(id, v.world.people.olga)).refusal, 'notFound')
  assert.equal((await v.call('GET', `verifications/${id}`)).refusal, 'notFound')
  assert.equal((await v.check(id, code)).body.status, 'refused')
  assert.equal((await v.call('POST', `verifications/${id}/resend`)).refusal, 'notFound')
})

test('whoever presses on is stopped: thirty seconds for one number, five in ten minutes for one person, also all at once; the guard is asked', async () => {
  for (const to of [undefined, 'adam@example.org']) assert.equal((await post({ channel: 'sms', to })).refusal, 'badRequest', 'a number is needed')
  assert.equal((await post({ channel: 'sms', to: '+33 6 12 34 56 78' })).refusal, 'sendRefused')
  assert.equal((await post({ channel: 'sms', to: mine })).status, 202)
  assert.equal((await post({ channel: 'voice', to: mine })).refusal, 'coolingDown')
  const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => post({ channel: 'sms', to: `+49 151 2345600${i}` })))
  // Three had counted before: what the guard and the wait refuse is a try, too.
  assert.deepEqual([answers.filter((one) => one.status === 202).length, answers.filter((one) => one.refusal === 'tooManyTries').length], [2, 6])
  await v.flush()
  assert.equal(v.messages('sms').length, 3)
})

test('a way that is not set up is said to be so', async () => {
  const bare = await openPhones({ ONCEKEY_PUBLIC_URL: '', ONCEKEY_VOICE_URL: '' })
  try {
    assert.equal((await bare.world.call(bare.world.people.adam, 'POST', 'channel-tests', { channel: 'voice', to: mine })).refusal, 'channelNotSetUp')
  } finally {
    await bare.end()
  }
})
