import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, test } from 'node:test'
import { openSecret } from '../notify/sealed.ts'
import { openVerifier, wrong, type Verifier } from '../testing/verifier.ts'
import { forgetPhoneRecipients } from './phone.ts'

let v: Verifier
let base: string
let key: { id: string, secret: string }
beforeEach(async () => {
  v = await openVerifier()
  await v.world.house.app.listen({ host: '127.0.0.1', port: 0 })
  base = `http://127.0.0.1:${(v.world.house.app.server.address() as AddressInfo).port}`
  await v.world.call(v.world.people.adam, 'PATCH', 'compat', { on: true })
  const { apiKey, secret } = (await v.world.call(v.world.people.adam, 'POST', 'api-keys', { name: 'Old page', scopes: ['compat'] })).body
  key = { id: apiKey.id, secret }
})
afterEach(async () => { await v.world.close() })

type Said = { status: number, body: { success?: boolean, status?: string, message?: string, error?: string, code?: string }, retryAfter: string | null }

/** What the old page's script does. */
async function page (path: string, body: object | URLSearchParams, { secret = key.secret, headers = {} }: { secret?: string, headers?: Record<string, string> } = {}): Promise<Said> {
  const isForm = body instanceof URLSearchParams
  const answer = await fetch(`${base}/compat/${secret}/${path}`, { method: 'POST', headers: { ...isForm ? {} : { 'content-type': 'application/json' }, ...headers }, body: isForm ? body : JSON.stringify(body) })
  return { status: answer.status, body: await answer.json() as Said['body'], retryAfter: answer.headers.get('retry-after') }
}
const ask = (phone: string): Promise<Said> => page('generate-otp', { phone })
const type = (phone: string, otp: string): Promise<Said> => page('verify-otp', { phone, otp })

async function mailed (): Promise<string> {
  const row = (await v.world.house.rows('SELECT id, sealed FROM outbox WHERE sealed IS NOT NULL ORDER BY created_at DESC, id DESC LIMIT 1'))[0]
  return openSecret(v.world.house.seal, 'outbox', String(row?.['id']), String(row?.['sealed'])).digits ?? ''
}

test('the old page: a code is sent, typed, and works once; in JSON and as a form, by each name of the fields', async () => {
  const asked = await ask('ana@example.org')
  assert.deepEqual([asked.status, asked.body], [200, { success: true, status: 'success', message: 'OTP sent successfully' }])
  const digits = await mailed()
  const refused = await type('ana@example.org', wrong(digits))
  assert.deepEqual([refused.status, refused.body], [400, { success: false, status: 'error', message: 'Invalid or expired OTP', error: 'Invalid or expired OTP' }])
  const right = await type('Ana@EXAMPLE.org', ` ${digits} `)
  assert.deepEqual([right.status, right.body], [200, { success: true, status: 'success', message: 'OTP verified successfully' }])
  assert.deepEqual((await type('ana@example.org', digits)).body, refused.body)
  for (const [i, name] of ['phone', 'phone_number', 'phoneNumber', 'mobile', 'number', 'email', 'to'].entries()) {
    const to = `u${i}@example.org`
    assert.equal((await page('generate-otp', new URLSearchParams({ [name]: to }))).status, 200, name)
    assert.equal((await page('verify-otp', new URLSearchParams({ [name]: to, [i % 2 === 0 ? 'otp' : 'code']: await mailed() }))).status, 200, name)
  }
  const ofNumber = await ask('ben@example.org')
  assert.equal(ofNumber.status, 200)
  const sent = await mailed()
  // A page that sends a number loses what is before it; one that does so gets no code with a nought in front through.
  assert.equal((await page('verify-otp', { phone: 'ben@example.org', otp: Number(sent) })).status, sent.startsWith('0') ? 400 : 200)
  assert.ok(!JSON.stringify([await v.world.record(), v.world.house.logged]).includes(digits))
  assert.deepEqual((await v.world.record('verification.started')).map(({ details }) => [details['purpose'], details['assurance']])[0], ['compat', 'low'])
})

test('asked for again: 30 seconds apart, the one before ends, and no tries come back', async () => {
  await ask('ana@example.org')
  const first = await mailed()
  const early = await ask('ana@example.org')
  assert.deepEqual([early.status, early.body.error, early.retryAfter], [429, 'Too many requests', '30'])
  for (let i = 1; i <= 3; i++) await type('ana@example.org', wrong(first, i))
  v.world.house.wait(30_000)
  assert.equal((await ask('ana@example.org')).status, 200)
  const second = await mailed()
  if (first !== second) assert.equal((await type('ana@example.org', first)).status, 400)
  assert.equal((await type('ana@example.org', wrong(second))).status, 400)
  assert.equal((await type('ana@example.org', second)).status, 400, 'five were compared')
  v.world.house.wait(30_000)
  await ask('ana@example.org')
  assert.equal((await type('ana@example.org', await mailed())).status, 200)
})

test('100 right ones at once: one is let in; 100 wrong ones: five are compared', async () => {
  await ask('ana@example.org')
  const digits = await mailed()
  // Within what one key may ask at once.
  const answers = await Promise.all(Array.from({ length: 50 }, () => type('ana@example.org', digits)))
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  v.world.house.wait(60_000)
  await ask('ben@example.org')
  const other = await mailed()
  await Promise.all(Array.from({ length: 50 }, (_, i) => type('ben@example.org', wrong(other, i + 1))))
  assert.equal((await v.world.record('verification.refused')).filter(({ subject, reason }) => subject?.name.startsWith('b') === true && reason === 'wrong').length, 5)
})

test('its budgets are its own: strangers who burn a recipient here burn nothing of the API, and the other way round', async () => {
  for (let round = 0; round < 4; round++) {
    assert.equal((await ask('ana@example.org')).status, 200)
    const digits = await mailed()
    for (let i = 1; i <= 5; i++) await type('ana@example.org', wrong(digits, i))
    v.world.house.wait(200_000)
  }
  const spent = await ask('ana@example.org')
  assert.deepEqual([spent.status, spent.body.error], [429, 'Too many requests'])
  const { id, digits } = await v.start('ana@example.org')
  assert.equal((await v.check(id, digits)).body.status, 'approved')
  // A code of the API is none here.
  const api = await v.start('ben@example.org')
  assert.equal((await type('ben@example.org', api.digits)).status, 400)
  assert.equal((await v.check(api.id, api.digits)).body.status, 'approved')
})

test('two pages with a key each: a code that one asked for is none for the other', async () => {
  const { secret } = (await v.world.call(v.world.people.adam, 'POST', 'api-keys', { name: 'Other page', scopes: ['compat'] })).body
  await ask('ana@example.org')
  assert.equal((await page('verify-otp', { phone: 'ana@example.org', otp: await mailed() }, { secret })).status, 400)
})

test('off, unknown, revoked, expired, for something else: the same answer', async () => {
  const { adam } = v.world.people
  const tried = [
    await page('generate-otp', { phone: 'a@example.org' }, { secret: `ok_${'A'.repeat(43)}` }), await page('generate-otp', { phone: 'a@example.org' }, { secret: v.secret })
  ]
  await v.world.call(adam, 'PATCH', 'compat', { on: false })
  tried.push(await ask('a@example.org'), await type('a@example.org', '123456'))
  await v.world.call(adam, 'PATCH', 'compat', { on: true })
  assert.equal((await ask('a@example.org')).status, 200)
  await v.world.call(adam, 'DELETE', `api-keys/${key.id}`)
  tried.push(await ask('a@example.org'), await type('a@example.org', '123456'))
  assert.deepEqual(tried.map(({ status, body }) => [status, body.code]), tried.map(() => [404, 'notFound']))
  // What stands in addresses opens nothing else.
  assert.equal((await v.world.call(null, 'POST', 'verifications', { to: 'a@example.org' }, { authorization: `Bearer ${key.secret}` })).refusal, 'apiKeyNeeded')
})

test('odd bodies, pages of other sites, floods', async () => {
  for (const body of [{}, { phone: '' }, { phone: ['a@example.org'] }, { phone: null }, { phone: { $gt: '' } }, { phone: 'a@b, c@d' }, { phone: 'a@b\r\nBcc: c@d' }, { phone: `${'a'.repeat(300)}@example.org` }, { otp: '123456' }]) {
    for (const path of ['generate-otp', 'verify-otp']) assert.equal((await page(path, { otp: '123456', ...body })).status, 400, JSON.stringify(body))
  }
  assert.equal((await page('generate-otp', { phone: 'a@example.org' }, { headers: { origin: 'https://evil.example' } })).body.code, 'originRefused')
  assert.equal((await v.world.house.rows('SELECT id FROM outbox')).length, 0)
  v.world.house.wait(60_000)
  const flood = await Promise.all(Array.from({ length: 100 }, (_, i) => type(`u${i}@example.org`, '123456')))
  assert.ok(flood.filter(({ status }) => status === 429).length >= 30)
})

test('phone numbers need a way to send to them; what was asked for is forgotten after a day', async () => {
  const asked = await ask('+351 912 345 678')
  assert.deepEqual([asked.status, asked.body.error], [503, 'Messages can not be sent this way'])
  await ask('ana@example.org')
  v.world.house.wait(86_400_000 - 1)
  await forgetPhoneRecipients(v.world.house)
  assert.equal((await v.world.house.rows('SELECT * FROM compat_recipients')).length, 1)
  v.world.house.wait(1)
  await forgetPhoneRecipients(v.world.house)
  assert.equal((await v.world.house.rows('SELECT * FROM compat_recipients')).length, 0)
})

test('a phone number: its code comes by SMS, and is its own however the page writes it', async () => {
  await v.world.close()
  v = await openVerifier({ env: { ONCEKEY_SMS_URL: 'https://sms.example.org/send', ONCEKEY_GATEWAY_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}` } })
  await v.world.house.app.listen({ host: '127.0.0.1', port: 0 })
  base = `http://127.0.0.1:${(v.world.house.app.server.address() as AddressInfo).port}`
  await v.world.call(v.world.people.adam, 'PATCH', 'compat', { on: true })
  const { secret } = (await v.world.call(v.world.people.adam, 'POST', 'api-keys', { name: 'Old page', scopes: ['compat'] })).body
  assert.equal((await page('generate-otp', { phone: '+49 1522 3433333' }, { secret })).status, 200)
  const [message] = await v.world.house.rows('SELECT id, sealed, recipient, channel FROM outbox')
  assert.deepEqual([message?.['recipient'], message?.['channel']], ['+4915223433333', 'sms'])
  const otp = openSecret(v.world.house.seal, 'outbox', String(message?.['id']), String(message?.['sealed'])).digits ?? ''
  assert.equal((await page('verify-otp', { phone: '+4915223433334', otp }, { secret })).status, 400)
  assert.equal((await page('verify-otp', { phone_number: '+49 (1522) 3433-333', otp }, { secret })).status, 200)
  assert.equal((await page('verify-otp', { phone: '+4915223433333', otp }, { secret })).status, 400)
  const abroad = await page('generate-otp', { phone: '+351 912 345 678' }, { secret })
  assert.deepEqual([abroad.status, abroad.body.error], [403, 'This number can not be used'])
})
