import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { changeGuard } from '../guard/settings.ts'
import { openPhones, PUBLIC_URL, type Phones } from '../testing/phones.ts'
import { openVerifier, wrong } from '../testing/verifier.ts'

let v: Phones
beforeEach(async () => { v = await openPhones() })
afterEach(async () => { await v.end() })

const ana = '+4915123456789'
const all = { channels: ['sms', 'whatsapp', 'voice'] }
const start = async (to: string, more: object = {}): Promise<string> => {
  const { status, said, body } = await v.call('POST', 'verifications', { to, ...more })
  assert.equal(status, 201, said)
  return body.id
}
const states = async (id: string): Promise<string> => (await v.call('GET', `verifications/${id}`)).body.deliveries.map(({ channel, state }) => `${channel} ${state}`).join(', ')
const record = async (id: string): Promise<string[]> => (await v.world.record()).filter((row) => row.details['verificationId'] === id).map((row) => `${row.event} ${String(row.details['channel'] ?? '')}`.trim())

test('two calls to a phone: one SMS within 160 characters, with the line that browsers read, and an approval of the number', async () => {
  const { body } = await v.call('POST', 'verifications', { to: '0151 23456789', country: 'DE', purpose: 'sign-in', language: 'de' })
  assert.deepEqual([body.to, body.channel, body.delivery, body.deliveries], [ana, 'sms', 'waiting', [{ channel: 'sms', state: 'waiting' }]])
  await v.flush()
  const [sms] = v.messages('sms')
  const code = sms?.code ?? ''
  assert.match(code, /^\d{6}$/)
  assert.deepEqual(sms?.text, `${code} ist Ihr Code für Gym. Er gilt 10 Minuten. Sagen Sie ihn niemandem.\n@keys.gym.example #${code}`)
  assert.equal(sms?.receipts, `${PUBLIC_URL}/api/v1/receipts/gateway`)
  assert.equal(await states(body.id), 'sms sent')
  assert.equal(await v.receipt(sms?.id ?? '', 'delivered'), 204)
  assert.equal(await states(body.id), 'sms delivered')
  assert.deepEqual((await v.check(body.id, code)).body, { status: 'approved', id: body.id, to: ana, channel: 'sms', purpose: 'sign-in' })
  assert.deepEqual(await record(body.id), ['verification.started sms', 'verification.sent sms', 'verification.delivered sms', 'verification.approved'])
  const [started] = await v.world.record('verification.started')
  assert.equal(started?.subject?.name, '•••89')
  const traces = v.world.house.logged.join() + JSON.stringify(await v.world.record())
  assert.ok(!traces.includes(code) && !traces.includes('15123456789'))
})

test('one phone has one budget, however it is written and by whichever channel', async () => {
  await start(ana)
  for (const [to, more] of [['0151/234 567 89', { country: 'DE' }], ['+49 (0)151 23456789', {}], ['\u202a+49 151 23456789\u202c', { channel: 'voice' }], ['0049 151 23456789', { country: 'de', channel: 'whatsapp' }]] as const) {
    assert.equal((await v.call('POST', 'verifications', { to, ...more })).refusal, 'coolingDown', to)
  }
  v.world.house.wait(31_000)
  let compared = 0
  for (let round = 0; round < 4; round++) {
    const channel = round % 2 === 0 ? 'voice' : 'sms'
    const id = await start(round % 2 === 0 ? ana : '+49 151 234 567 89', { channel })
    await v.flush()
    const digits = v.messages(channel).at(-1)?.code ?? ''
    for (let i = 1; i <= 5; i++) if ((await v.check(id, wrong(digits, i))).body.status === 'refused') compared++
    v.world.house.wait(180_000)
  }
  assert.equal(compared, 20)
  assert.equal((await v.call('POST', 'verifications', { to: ana, channel: 'whatsapp' })).refusal, 'tooManyTries')
  assert.equal((await v.call('POST', 'verifications', { to: '+4915123456780' })).status, 201, 'its neighbour is somebody else')
})

test('channels that do not reach the address, or that nobody set up, are refused by name', async () => {
  const refusals: [object, string][] = [
    [{ to: ana, channel: 'email' }, 'channel'], [{ to: ana, channels: ['sms', 'email'] }, 'channels'], [{ to: 'ana@example.org', channel: 'sms' }, 'channel'], [{ to: 'ana@example.org', channels: ['email', 'voice'] }, 'channels'],
    [{ to: ana, channel: 'sms', channels: ['sms'] }, 'channels'], [{ to: ana, channels: [] }, 'channels'], [{ to: ana, channels: ['sms', 'sms'] }, 'channels'], [{ to: ana, channel: 'pigeon' }, 'channel'], [{ to: ana, channels: ['sms', 'fax'] }, 'channels.1'],
    [{ to: '0151 23456789' }, 'to'], [{ to: '0151 23456789', country: 'XX' }, 'country'], [{ to: '0151 23456789', country: 'Germany' }, 'country'], [{ to: '+49 151' }, 'to'], [{ to: `+49${'1'.repeat(200)}` }, 'to'], [{ to: 'somebody' }, 'to'], [{ to: ana, language: 'xx' }, 'language'], [{ to: ana, language: 'EN' }, 'language']
  ]
  for (const [form, field] of refusals) {
    const { refusal, problem } = await v.call('POST', 'verifications', form)
    assert.deepEqual([refusal, problem.errors?.[0]?.field], ['badRequest', field], JSON.stringify(form))
  }
  assert.equal((await v.world.house.rows('SELECT * FROM outbox')).length, 0)
  const bare = await openVerifier()
  const { refusal, problem } = await bare.call('POST', 'verifications', { to: ana, channels: ['sms', 'voice'] })
  assert.deepEqual([refusal, problem.detail], ['channelNotSetUp', 'Nothing is set up to send by sms.'])
  await bare.world.close()
})

test('a gateway that takes a message and never delivers it: after 12 s the next channel has the same code, after 24 s the third, and then it is over', async () => {
  const id = await start(ana, all)
  assert.equal(await states(id), 'sms waiting, whatsapp withheld, voice withheld')
  await v.flush()
  await v.pass(11_999)
  assert.equal(await states(id), 'sms sent, whatsapp withheld, voice withheld')
  await v.pass(1)
  assert.equal(await states(id), 'sms sent, whatsapp sent, voice withheld')
  assert.equal((await v.call('GET', `verifications/${id}`)).body.channel, 'whatsapp')
  await v.pass(12_000)
  assert.equal(await states(id), 'sms sent, whatsapp sent, voice sent')
  await v.pass(300_000)
  const [sms, whatsapp, voice] = [v.messages('sms'), v.messages('whatsapp'), v.messages('voice')]
  assert.deepEqual([sms.length, whatsapp.length, voice.length], [1, 1, 1])
  const code = sms[0]?.code ?? ''
  assert.deepEqual([whatsapp[0]?.code, voice[0]?.code], [code, code])
  assert.equal(whatsapp[0]?.text.includes('@'), false, 'the line for browsers is of SMS alone')
  assert.match(voice[0]?.text ?? '', new RegExp(`${code.split('').join(', ')}.*${code.split('').join(', ')}`))
  assert.deepEqual((await v.check(id, code)).body, { status: 'approved', id, to: ana, channel: 'voice', purpose: 'verification' })
  assert.deepEqual(await record(id), ['verification.started sms', 'verification.sent sms', 'verification.fellBack whatsapp', 'verification.sent whatsapp', 'verification.fellBack voice', 'verification.sent voice', 'verification.approved'])
  assert.deepEqual((await v.world.record('verification.fellBack')).map((row) => [row.details['from'], row.details['why']]), [['sms', 'late'], ['whatsapp', 'late']])
})

test('a fallback counts towards the cap of its channel; where that is reached, the channel after it has its turn', async () => {
  const caps = [{ channel: 'whatsapp' as const, messages: 1, micros: null }]
  await v.world.house.db.write((trx) => changeGuard(trx, v.world.house, { caps }, v.world.people.adam))
  const [one, two] = [await start(ana, all), await start('+4915123456780', all)]
  await v.flush()
  await v.pass(12_000)
  assert.deepEqual([await states(one), await states(two)], ['sms sent, whatsapp sent, voice withheld', 'sms sent, whatsapp withheld, voice sent'])
  assert.equal((await v.world.record('guard.capReached')).length, 1)
})

test('a receipt of delivery in time: nothing else is sent', async () => {
  const id = await start(ana, all)
  await v.flush()
  assert.equal(await v.receipt(v.messages('sms')[0]?.id ?? '', 'delivered'), 204)
  await v.pass(60_000)
  assert.equal(await states(id), 'sms delivered, whatsapp withheld, voice withheld')
  assert.equal(v.messages('whatsapp').length, 0)
})

test('a receipt of failure: the next channel at once; a receipt of delivery after that ends the row of channels', async () => {
  const id = await start(ana, all)
  await v.flush()
  const [sms] = v.messages('sms')
  assert.equal(await v.receipt(sms?.id ?? '', 'failed', { body: JSON.stringify({ type: 'receipt', id: sms?.id, state: 'failed', fault: 'unreachable' }), }), 204)
  await v.flush()
  assert.equal(await states(id), 'sms failed, whatsapp sent, voice withheld')
  assert.equal((await v.world.record('verification.deliveryFailed'))[0]?.details['fault'], 'UNDELIVERED unreachable')
  assert.equal(await v.receipt(sms?.id ?? '', 'delivered'), 204, 'it came after all')
  await v.pass(60_000)
  assert.equal(await states(id), 'sms delivered, whatsapp sent, voice withheld')
})

test('a gateway that answers 500 gets two tries before the next channel has it; one that refuses for good, none', async () => {
  v.gateways.sms.reply = () => ({ status: 500 })
  const id = await start(ana, all)
  await v.flush()
  await v.pass(5_000)
  assert.equal(v.messages('sms').length, 2)
  await v.pass(7_000)
  assert.equal(await states(id), 'sms failed, whatsapp sent, voice withheld')
  await v.pass(4_000)
  assert.equal(v.messages('sms').length, 2, 'what went another way is not tried again')
  assert.equal(new Set(v.gateways.sms.requests.map((one) => one.headers['idempotency-key'])).size, 1)
  v.gateways.sms.reply = () => ({ status: 422, body: '{}' })
  const other = await start('+4915123456780', all)
  await v.flush()
  assert.equal(await states(other), 'sms failed, whatsapp sent, voice withheld')
})

test('a gateway that hangs holds nothing up: the next channel has the code while it still hangs', async () => {
  v.gateways.sms.reply = () => 'hangs'
  const ids = await Promise.all(Array.from({ length: 6 }, (_, i) => start(`+49151234567${80 + i}`, all)))
  await v.gateways.sms.until(4)
  await v.pass(12_000)
  for (const id of ids) assert.match(await states(id), /whatsapp sent/)
})

test('after approval, cancelling, blocking or expiry no other channel gets a code', async () => {
  const [approved, cancelled, blocked, expired] = [await start(ana, all), await start('+4915123456780', all), await start('+4915123456781', all), await start('+4915123456782', all)]
  await v.flush()
  assert.equal((await v.check(approved, v.messages('sms').find((one) => one.to === ana)?.code ?? '')).body.status, 'approved')
  await v.call('POST', `verifications/${cancelled}/cancel`)
  const digits = v.messages('sms').find((one) => one.to.endsWith('81'))?.code ?? ''
  for (let i = 1; i <= 5; i++) await v.check(blocked, wrong(digits, i))
  // A clock that jumps, and the receipt of failure that comes at the end of the code.
  v.world.house.wait(600_000)
  assert.equal(await v.receipt(v.messages('sms').find((one) => one.to.endsWith('82'))?.id ?? '', 'failed'), 204)
  await v.pass(1)
  assert.equal(v.messages('whatsapp').length, 0)
  assert.equal(await states(approved), 'sms sent, whatsapp withheld, voice withheld')
  assert.match(await states(expired), /sms failed, whatsapp withheld/)
})

test('a resend begins anew with the first channel and another code; what stood by for the old one never goes', async () => {
  const id = await start(ana, all)
  await v.flush()
  await v.pass(12_000)
  const [first] = v.messages('sms')
  v.world.house.wait(20_000)
  assert.equal((await v.call('POST', `verifications/${id}/resend`)).body.channel, 'sms')
  await v.flush()
  assert.equal(await states(id), 'sms sent, whatsapp withheld, voice withheld')
  assert.equal(await v.receipt(first?.id ?? '', 'failed'), 204)
  await v.flush()
  assert.equal(v.messages('voice').length, 0, 'of the old code nothing goes on')
  assert.equal((await v.check(id, first?.code ?? '')).body.status, 'refused')
  await v.pass(12_000)
  assert.equal((await v.check(id, v.messages('whatsapp')[1]?.code ?? '')).body.status, 'approved')
})

test('the fallback survives a restart of the server, and is made once by two processes', async () => {
  const id = await start(ana, all)
  await v.flush()
  await v.world.restart()
  v.world.house.wait(12_000)
  const { fallBackLate } = await import('./fall-back.ts')
  await Promise.all([fallBackLate(v.world.house), fallBackLate(v.world.house), fallBackLate(v.world.house)])
  assert.equal((await v.world.record('verification.fellBack')).length, 1)
  assert.equal(await states(id), 'sms sent, whatsapp waiting, voice withheld')
})

test('one Idempotency-Key: a hundred starts at once to a phone are one SMS and a hundred equal answers', async () => {
  const key = { 'idempotency-key': 'k1' }
  const answers = await Promise.all(Array.from({ length: 100 }, () => v.call('POST', 'verifications', { to: '0151 23456789', country: 'DE', channels: ['sms', 'voice'] }, key)))
  assert.equal(new Set(answers.map(({ said }) => said)).size, 1)
  await v.flush()
  assert.equal(v.messages('sms').length, 1)
  assert.equal((await v.call('POST', 'verifications', { to: '0151 23456789', country: 'DE', channels: ['voice', 'sms'] }, key)).refusal, 'keyReused')
})
