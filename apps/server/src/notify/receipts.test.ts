import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { GATEWAY_SECRET, TWILIO, twilioTook } from '../testing/gateway.ts'
import { openPhones, openTwilio, type Phones } from '../testing/phones.ts'
import { twilioVerifyChannel } from './channels/twilio-verify.ts'
import { giveFeedback } from './feedback.ts'
import { signedHeaders } from '../platform/standard-webhooks.ts'
import { twilioSignature } from './twilio-signature.ts'
import { wayOf } from './ways.ts'

const ana = '+4915123456789'

async function begin<V extends Phones> (t: TestContext, v: V, channels: string[] = ['sms', 'voice']): Promise<{ v: V, id: string, state: () => Promise<string>, events: () => Promise<string[]> }> {
  t.after(() => v.end())
  const { status, said, body } = await v.call('POST', 'verifications', { to: ana, channels })
  assert.equal(status, 201, said)
  await v.flush()
  return {
    v, id: body.id,
    state: async () => (await v.call('GET', `verifications/${body.id}`)).body.deliveries.map((one) => one.state).join(' '),
    events: async () => (await v.world.record()).map((row) => row.event).filter((event) => event.startsWith('verification.')).slice(1)
  }
}

test('Twilio: sent, then delivered; the same again, and earlier states that come late, change nothing', async (t) => {
  const { v, state, events } = await begin(t, await openTwilio())
  const [request] = v.twilio.requests
  assert.match(new URLSearchParams(request?.body).get('StatusCallback') ?? '', /^https:\/\/keys\.gym\.example\/api\/v1\/receipts\/twilio\?message=[\da-f-]{36}$/)
  for (const status of ['queued', 'sent', 'delivered', 'delivered', 'sent', 'queued', 'failed', 'undelivered']) assert.equal(await v.report(request, status), 204, status)
  assert.equal(await state(), 'delivered withheld')
  await v.pass(60_000)
  assert.deepEqual(await events(), ['verification.sent', 'verification.delivered'])
  assert.equal(v.messages('voice').length, 0)
})

test('Twilio: undelivered sends the next channel at once, once, with Twilio\'s number in the record', async (t) => {
  const { v, state, events } = await begin(t, await openTwilio())
  for (let i = 0; i < 5; i++) assert.equal(await v.report(v.twilio.requests[0], 'undelivered', { form: { ErrorCode: '30003' } }), 204)
  await v.flush()
  assert.equal(await state(), 'failed sent')
  assert.deepEqual(await events(), ['verification.sent', 'verification.deliveryFailed', 'verification.fellBack', 'verification.sent'])
  assert.equal((await v.world.record('verification.deliveryFailed'))[0]?.details['fault'], 'UNDELIVERED 30003')
})

test('Twilio: a report without a signature, with a wrong one, or moved to another message is refused', async (t) => {
  const { v, state } = await begin(t, await openTwilio())
  const [request] = v.twilio.requests
  const url = new URLSearchParams(request?.body).get('StatusCallback') ?? ''
  const form = new URLSearchParams({ MessageSid: `SM${'1'.repeat(32)}`, MessageStatus: 'undelivered', AccountSid: TWILIO.account })
  const right = twilioSignature(TWILIO.token, url, form)
  for (const signature of ['', 'x', right.toLowerCase(), twilioSignature('another token', url, form), twilioSignature(TWILIO.token, 'http://inside.local:8080/api/v1/receipts/twilio', form), twilioSignature(TWILIO.token, url, new URLSearchParams({ MessageStatus: 'undelivered' }))]) {
    assert.equal(await v.report(request, 'undelivered', { signature }), 403, signature)
  }
  assert.equal(await v.report(request, 'undelivered', { signature: right, url: url.replace(/.{4}$/, '0000') }), 403)
  assert.equal(await v.report(request, 'undelivered', { signature: right, form: { ErrorCode: '1' } }), 403)
  assert.equal(await state(), 'sent withheld')
  assert.equal(await v.report(request, 'undelivered', { signature: right }), 204)
})

test('Twilio: an unknown message, an unknown state and an id that is none change nothing, whoever signed them', async (t) => {
  const { v, state } = await begin(t, await openTwilio())
  const base = 'https://keys.gym.example/api/v1/receipts/twilio?message='
  assert.equal(await v.report(undefined, 'failed', { url: `${base}01890000-0000-7000-8000-000000000000` }), 204)
  assert.equal(await v.report(v.twilio.requests[0], 'pigeon'), 204)
  assert.equal(await v.report(undefined, 'failed', { url: `${base}x` }), 400)
  assert.equal(await v.receipt(new URL(new URLSearchParams(v.twilio.requests[0]?.body).get('StatusCallback') ?? '').searchParams.get('message') ?? '', 'failed'), 204, 'another gateway says nothing about Twilio\'s')
  assert.equal(await state(), 'sent withheld')
})

test('Twilio: a receipt that is quicker than the answer counts, and the answer does not undo it', async (t) => {
  const v = await openTwilio()
  t.after(() => v.end())
  let reported: Promise<number> = Promise.resolve(0)
  v.twilio.reply = (request) => {
    reported = v.report(request, 'failed', { form: { ErrorCode: '30006' } })
    return twilioTook()
  }
  const { body } = await v.call('POST', 'verifications', { to: ana, channels: ['sms', 'voice'] })
  await v.flush()
  assert.equal(await reported, 204)
  await v.flush()
  assert.deepEqual((await v.call('GET', `verifications/${body.id}`)).body.deliveries.map((one) => one.state), ['failed', 'sent'])
})

test('Twilio knows no key of ours: a message whose answer is lost goes at most twice, one that it refused for now as often as others', async (t) => {
  const v = await openTwilio()
  t.after(() => v.end())
  v.twilio.reply = () => 'breaksOff'
  const { body } = await v.call('POST', 'verifications', { to: ana })
  await v.flush()
  for (let i = 0; i < 6; i++) await v.pass(60_000)
  assert.equal(v.twilio.requests.length, 2)
  assert.equal((await v.call('GET', `verifications/${body.id}`)).body.delivery, 'failed')
  assert.equal((await v.world.record('verification.deliveryFailed'))[0]?.details['fault'], 'UNSURE')
  v.twilio.reply = () => ({ status: 429, body: '{"code":20429}' })
  await v.call('POST', 'verifications', { to: '+4915123456780' })
  for (let i = 0; i < 4; i++) await v.pass(60_000)
  assert.equal(v.twilio.requests.length, 2 + 4)
})

test('Twilio took it and we were killed: the receipt tells, and it is not sent again', async (t) => {
  const { v, id } = await begin(t, await openTwilio())
  await v.world.house.db.write(async (trx) => { await trx.prepare("UPDATE outbox SET state = 'waiting', sealed = 'x', provider_id = NULL, ended_at = NULL, next_at = ? WHERE verification_id = ? AND channel = 'sms'").run(v.world.house.clock() + 30_000, id) })
  assert.equal(await v.report(v.twilio.requests[0], 'sent'), 204)
  await v.pass(31_000)
  assert.equal(v.twilio.requests.length, 1)
})

test('without a public address Twilio is given no callback: its yes is all there is, and the next channel goes only if it says no', async (t) => {
  const v = await openTwilio()
  t.after(() => v.end())
  const { config } = v.world.house
  assert.deepEqual([wayOf(config, 'sms'), wayOf({ ...config, publicUrl: null }, 'sms'), wayOf({ ...config, publicUrl: null }, 'voice'), wayOf(config, 'email')], [{ hasReceipts: true }, { hasReceipts: false }, { hasReceipts: true }, { hasReceipts: false }])
})

test('a gateway: receipts without a signature, stale, of another body or secret are refused; a message of ours sent back is none', async (t) => {
  const { v, state } = await begin(t, await openPhones())
  const [message] = v.messages('sms')
  const id = message?.id ?? ''
  const body = JSON.stringify({ type: 'receipt', id, state: 'failed' })
  const now = v.world.house.clock()
  const right = signedHeaders({ id: 'r', at: now, body }, [GATEWAY_SECRET])
  for (const headers of [{}, { ...right, 'webhook-signature': 'v1,x' }, { ...right, 'webhook-id': 'other' }, signedHeaders({ id: 'r', at: now - 301_000, body }, [GATEWAY_SECRET]), signedHeaders({ id: 'r', at: now, body }, [Buffer.alloc(32).toString('base64')]), signedHeaders({ id: 'r', at: now, body: `${body} ` }, [GATEWAY_SECRET])]) {
    assert.equal(await v.receipt(id, 'failed', { headers, body }), 403, JSON.stringify(headers))
  }
  const sent = v.gateways.sms.requests[0]
  const own = Object.fromEntries(['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, String(sent?.headers[name])]))
  assert.equal(await v.receipt(id, '', { headers: own, body: sent?.body ?? '' }), 400)
  for (const odd of ['', '[]', 'null', '{', '{"type":"receipt"}', JSON.stringify({ type: 'receipt', id, state: 'lost' }), JSON.stringify({ type: 'receipt', id: 7, state: 'sent' })]) assert.equal(await v.receipt(id, '', { body: odd }), 400, odd)
  assert.equal(await state(), 'sent withheld')
  assert.equal(await v.receipt(id, 'failed', { headers: right, body }), 204)
  assert.equal(await v.receipt(id, 'failed', { headers: right, body }), 204, 'the same once more')
  await v.flush()
  assert.equal(await state(), 'failed sent')
  assert.equal((await v.world.record('verification.fellBack')).length, 1)
})

test('a hundred receipts at once, in every order: one row of the record for each thing that happened', async (t) => {
  const { v, state, events } = await begin(t, await openPhones())
  const id = v.messages('sms')[0]?.id ?? ''
  const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => v.receipt(id, ['sent', 'failed', 'delivered'][i % 3] ?? '')))
  assert.deepEqual([...new Set(answers)], [204])
  await v.flush()
  assert.equal(await state(), 'delivered sent')
  assert.deepEqual(await events(), ['verification.sent', 'verification.deliveryFailed', 'verification.fellBack', 'verification.delivered', 'verification.sent'])
})

test('Twilio Verify hears what became of our codes, once each, also when it was away for a while', async (t) => {
  const twilio = `twilio-verify+http://${TWILIO.account}:${TWILIO.token}@127.0.0.1`
  const probe = await openPhones()
  t.after(() => probe.end())
  const { port } = probe.gateways.voice
  const v = await openPhones({ ONCEKEY_SMS_URL: `${twilio}:${port}?service=${TWILIO.verify}` })
  t.after(() => v.end())
  const there = probe.gateways.voice
  there.reply = () => ({ status: 201, body: JSON.stringify({ sid: `VE${String(there.requests.length).padStart(32, '0')}`, status: 'pending' }) })
  const ids: string[] = []
  for (const to of [ana, '+4915123456780', '+4915123456781']) ids.push((await v.call('POST', 'verifications', { to })).body.id)
  await v.flush()
  assert.equal(there.requests.length, 3)
  const code = new URLSearchParams(there.requests.find((one) => one.body.includes('89'))?.body).get('CustomCode') ?? ''
  assert.equal((await v.check(ids[0] ?? '', code)).body.status, 'approved')
  await v.call('POST', `verifications/${ids[1]}/cancel`)
  const settings = v.world.house.config.channels.sms
  assert.ok(settings?.is === 'twilioVerify')
  const { report } = twilioVerifyChannel(settings, 'sms')
  assert.ok(report !== undefined)
  there.reply = () => ({ status: 503 })
  await giveFeedback(v.world.house, 'sms', report)
  there.reply = () => ({ status: 200, body: '{}' })
  await giveFeedback(v.world.house, 'sms', report)
  await giveFeedback(v.world.house, 'sms', report)
  assert.deepEqual(there.requests.slice(4).map((one) => one.body).sort(), ['Status=approved', 'Status=canceled'])
})
