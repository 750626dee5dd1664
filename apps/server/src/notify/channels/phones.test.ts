import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { GATEWAY_SECRET, provider, TWILIO, twilioTook, type Provider } from '../../testing/gateway.ts'
import { ChannelError, channelFault, type Channel, type Outgoing } from '../channel.ts'
import { readChannels, type ChannelSettings } from '../settings.ts'
import { isSigned } from '../../platform/standard-webhooks.ts'
import { gatewayChannel } from './gateway.ts'
import { twilioVerifyChannel } from './twilio-verify.ts'
import { twilioChannel } from './twilio.ts'

const now = Date.UTC(2026, 0, 5, 9)
const message: Outgoing = { id: '01890000-0000-7000-8000-000000000001', to: { name: '', address: '+4915123456789' }, subject: '', text: '123456 is your code.\n@keys.example.org #123456', code: { digits: '123456', expiresAt: now + 600_000, language: 'de' } }
const callback = (id: string): string => `https://keys.example.org/api/v1/receipts/twilio?message=${id}`

let there: Provider
const opened: Channel[] = []
beforeEach(async () => { there = await provider(() => twilioTook()) })
afterEach(async () => {
  for (const channel of opened.splice(0)) channel.close()
  await there.close()
})

function settings (text: string): ChannelSettings {
  const wrong: string[] = []
  const env: Record<string, string> = { ONCEKEY_SMS_URL: text.replace('{host}', `127.0.0.1:${there.port}`), ONCEKEY_GATEWAY_SECRET: `whsec_${GATEWAY_SECRET}` }
  const { sms } = readChannels({ value: (name) => env[name], needs: (name, cure) => { wrong.push(`${name}: ${cure}`) }, isLoopback: (host) => host === '127.0.0.1' })
  assert.deepEqual(wrong, [])
  assert.ok(sms !== null)
  return sms
}

function twilio (query: string, options: { callback?: typeof callback | null, longestMs?: number } = {}): Channel {
  const one = settings(`twilio+http://${TWILIO.account}:${TWILIO.token}@{host}?${query}`)
  assert.ok(one.is === 'twilio')
  const channel = twilioChannel(one, { clock: () => now, callback, ...options })
  opened.push(channel)
  return channel
}

function verify (name: 'sms' | 'voice' | 'whatsapp' = 'sms'): Channel {
  const one = settings(`twilio-verify+http://${TWILIO.key}:secret@{host}?service=${TWILIO.verify}`)
  assert.ok(one.is === 'twilioVerify')
  const channel = twilioVerifyChannel(one, name)
  opened.push(channel)
  return channel
}

function gateway (longestMs = 10_000): Channel {
  const one = settings('http://{host}/sms?tenant=7')
  assert.ok(one.is === 'gateway')
  const channel = gatewayChannel(one, 'voice', { clock: () => now, callback: () => 'https://keys.example.org/api/v1/receipts/gateway', longestMs })
  opened.push(channel)
  return channel
}

async function fault (sending: Promise<unknown>): Promise<{ fault: string, isFinal: boolean, isUntaken: boolean }> {
  const error = await sending.then(() => assert.fail('It was taken.'), (one: unknown) => one)
  assert.ok(error instanceof ChannelError)
  assert.doesNotMatch(`${error.message} ${String(error.stack)}`, /123456|15123456789/)
  return { fault: channelFault(error), isFinal: error.isFinal, isUntaken: error.isUntaken }
}

test('Twilio Messages: the request that its description asks for, and what it calls the message', async () => {
  assert.deepEqual(await twilio('from=%2B15005550006').send(message), { providerId: `SM${'0'.repeat(32)}` })
  const [request] = there.requests
  assert.deepEqual([request?.method, request?.url], ['POST', `/2010-04-01/Accounts/${TWILIO.account}/Messages.json`])
  assert.equal(request?.headers.authorization, `Basic ${Buffer.from(`${TWILIO.account}:${TWILIO.token}`).toString('base64')}`)
  assert.deepEqual(Object.fromEntries(new URLSearchParams(request?.body)), { To: '+4915123456789', Body: message.text, From: '+15005550006', StatusCallback: callback(message.id), ValidityPeriod: '600' })
  await twilio(`service=${TWILIO.messages}&key=${TWILIO.key}&secret=of-the-key`, { callback: null }).send(message)
  const [, other] = there.requests
  assert.deepEqual(Object.keys(Object.fromEntries(new URLSearchParams(other?.body))), ['To', 'Body', 'MessagingServiceSid', 'ValidityPeriod'])
  assert.equal(other?.headers.authorization, `Basic ${Buffer.from(`${TWILIO.key}:of-the-key`).toString('base64')}`)
})

test('Twilio Messages: a number that was typed with + in the setting is one, and so are names and short codes', () => {
  for (const [from, is] of [['+15005550006', '+15005550006'], ['%2B15005550006', '+15005550006'], ['15005550006', '+15005550006'], ['Oncekey', 'Oncekey'], ['12345', '12345']] as const) {
    const one = settings(`twilio://${TWILIO.account}:${TWILIO.token}@api.twilio.com?from=${from}`)
    assert.deepEqual(one.is === 'twilio' ? [one.from, one.base] : null, [is, 'https://api.twilio.com'])
  }
})

test('Twilio Messages: what it refuses is final under its own number; what it may take later is tried again', async () => {
  const channel = twilio('from=Oncekey')
  const refuse = (status: number, code?: number): void => { there.reply = () => ({ status, body: JSON.stringify({ code, message: `The number +4915123456789 got 123456`, status }) }) }
  refuse(400, 21211)
  assert.deepEqual(await fault(channel.send(message)), { fault: 'TWILIO_21211 400', isFinal: true, isUntaken: true })
  refuse(401, 20003)
  assert.deepEqual(await fault(channel.send(message)), { fault: 'TWILIO_20003 401', isFinal: true, isUntaken: true })
  refuse(429, 20429)
  assert.deepEqual(await fault(channel.send(message)), { fault: 'TWILIO_20429 429', isFinal: false, isUntaken: true })
  refuse(500)
  assert.deepEqual(await fault(channel.send(message)), { fault: 'TWILIO 500', isFinal: false, isUntaken: false })
  there.reply = () => ({ status: 201, body: JSON.stringify({ sid: `SM${'0'.repeat(32)}`, status: 'failed' }) })
  assert.deepEqual(await fault(channel.send(message)), { fault: 'TWILIO_FAILED 201', isFinal: true, isUntaken: true })
})

test('whatever is not Twilio: a portal\'s page, a redirect, an endless answer, one that breaks off, hangs or is not there', async () => {
  const channel = twilio('from=Oncekey', { longestMs: 400 })
  there.reply = () => ({ status: 200, body: '<html>Welcome to the hotel</html>' })
  assert.deepEqual(await fault(channel.send(message)), { fault: 'EANSWER 200', isFinal: false, isUntaken: false })
  there.reply = () => ({ status: 307, headers: { location: `${there.url}/elsewhere` } })
  assert.deepEqual(await fault(channel.send(message)), { fault: 'TWILIO 307', isFinal: false, isUntaken: true })
  assert.ok(there.requests.every(({ url }) => !url.includes('elsewhere')), 'a code goes to no other address')
  there.reply = () => ({ status: 201, body: 'x'.repeat(3_000_000) })
  assert.equal((await fault(channel.send(message))).fault, 'EANSWER 201')
  there.reply = () => 'breaksOff'
  assert.equal((await fault(channel.send(message))).isUntaken, false)
  there.reply = () => 'hangs'
  const begun = performance.now()
  assert.deepEqual(await fault(channel.send(message)), { fault: 'ETIMEDOUT', isFinal: false, isUntaken: false })
  assert.ok(performance.now() - begun < 3000)
  await there.close()
  assert.deepEqual(await fault(channel.send(message)), { fault: 'ECONNREFUSED', isFinal: false, isUntaken: true })
  there = await provider()
})

test('closing ends what hangs', async () => {
  there.reply = () => 'hangs'
  const channel = twilio('from=Oncekey')
  const sending = fault(channel.send(message))
  await there.until(1)
  channel.close()
  assert.equal((await sending).fault, 'ECLOSED')
  assert.equal((await fault(channel.send(message))).isUntaken, true)
})

test('Twilio Verify: our code in its words, by its ways, and the outcome told', async () => {
  there.reply = () => ({ status: 201, body: JSON.stringify({ sid: `VE${'e'.repeat(32)}`, status: 'pending' }) })
  for (const [name, way] of [['sms', 'sms'], ['whatsapp', 'whatsapp'], ['voice', 'call']] as const) {
    assert.deepEqual(await verify(name).send(message), { providerId: `VE${'e'.repeat(32)}` })
    const request = there.requests.at(-1)
    assert.equal(request?.url, `/v2/Services/${TWILIO.verify}/Verifications`)
    assert.deepEqual(Object.fromEntries(new URLSearchParams(request?.body)), { To: '+4915123456789', Channel: way, CustomCode: '123456', Locale: 'de' })
  }
  const channel = verify()
  there.reply = () => ({ status: 200, body: '{}' })
  await channel.report?.(`VE${'e'.repeat(32)}`, 'approved')
  assert.deepEqual([there.requests.at(-1)?.url, there.requests.at(-1)?.body], [`/v2/Services/${TWILIO.verify}/Verifications/VE${'e'.repeat(32)}`, 'Status=approved'])
  there.reply = () => ({ status: 404, body: '{"code":20404}' })
  await channel.report?.(`VE${'e'.repeat(32)}`, 'canceled')
  there.reply = () => ({ status: 403, body: '{"code":60200,"message":"custom code not allowed"}' })
  assert.deepEqual(await fault(channel.send(message)), { fault: 'TWILIO_60200 403', isFinal: true, isUntaken: true })
  assert.deepEqual((await fault(channel.send({ ...message, code: undefined }))).fault, 'ENOCODE')
  assert.deepEqual((await fault(channel.send({ ...message, code: { digits: '1'.repeat(12), expiresAt: null, language: 'en' } }))).fault, 'ENOCODE', 'longer than it takes')
})

test('a gateway: a signed request under the message\'s id, the same at every try', async () => {
  there.reply = () => ({ status: 202, body: '{"id":"gw-17"}' })
  const channel = gateway()
  assert.deepEqual(await channel.send(message), { providerId: 'gw-17' })
  there.reply = () => ({ status: 204 })
  assert.deepEqual(await channel.send(message), { providerId: null })
  const [first, second] = there.requests
  assert.equal(first?.url, '/sms?tenant=7')
  assert.deepEqual(JSON.parse(first?.body ?? ''), { type: 'message', id: message.id, channel: 'voice', to: '+4915123456789', text: message.text, code: '123456', language: 'de', expiresAt: now + 600_000, receipts: 'https://keys.example.org/api/v1/receipts/gateway' })
  for (const one of [first, second]) {
    assert.deepEqual([one?.headers['idempotency-key'], one?.headers['webhook-id']], [message.id, message.id])
    assert.ok(one !== undefined && isSigned(GATEWAY_SECRET, one.headers, one.body, now))
    assert.ok(!isSigned(GATEWAY_SECRET, one.headers, one.body.replace('123456', '123457'), now))
  }
  there.reply = () => ({ status: 500 })
  assert.deepEqual(await fault(channel.send(message)), { fault: 'GATEWAY 500', isFinal: false, isUntaken: false })
  there.reply = () => ({ status: 422 })
  assert.deepEqual(await fault(channel.send(message)), { fault: 'GATEWAY 422', isFinal: true, isUntaken: true })
  there.reply = () => 'hangs'
  assert.equal((await fault(gateway(300).send(message))).fault, 'ETIMEDOUT')
})
