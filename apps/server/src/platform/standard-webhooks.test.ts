import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { isSigned, newWebhookSecret, signedHeaders } from './standard-webhooks.ts'

const body = '{"type":"verification.verified","timestamp":"2026-01-05T09:00:00.000Z","data":{"to":"m•••@example.org"}}'
const takes = (secret: string, headers: Record<string, string>, text = body): boolean => {
  try {
    new Webhook(secret).verify(text, headers)
    return true
  } catch {
    return false
  }
}

test('the standard\'s own example', () => {
  // Of the specification and its libraries: secret, id, time and body give this signature.
  const headers = signedHeaders({ id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', at: 1_614_265_330_000, body: '{"test": 2432232314}' }, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])
  assert.equal(headers['webhook-signature'], 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
})

test('the library that receivers use takes what we sign, and nothing that was changed on the way', () => {
  const secret = newWebhookSecret()
  assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/)
  const message = { id: 'msg_1', at: Date.now(), body }
  const headers = signedHeaders(message, [secret])
  assert.ok(takes(secret, headers))
  assert.ok(!takes(secret, headers, body.replace('verified', 'expired')))
  assert.ok(!takes(secret, { ...headers, 'webhook-id': 'msg_2' }))
  assert.ok(!takes(secret, { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1) }))
  assert.ok(!takes(newWebhookSecret(), headers))
})

test('an old message is no longer taken, however well it is signed', () => {
  const secret = newWebhookSecret()
  for (const [apart, isTaken] of [[-290, true], [-310, false], [310, false]] as const) {
    assert.equal(takes(secret, signedHeaders({ id: 'msg_1', at: Date.now() + apart * 1000, body }, [secret])), isTaken, `${apart} s`)
  }
})

test('while a secret rotates a receiver with either takes the message', () => {
  const [fresh, before, other] = [newWebhookSecret(), newWebhookSecret(), newWebhookSecret()]
  const headers = signedHeaders({ id: 'msg_1', at: Date.now(), body }, [fresh, before])
  assert.equal(headers['webhook-signature'].split(' ').length, 2)
  assert.deepEqual([fresh, before, other].map((secret) => takes(secret, headers)), [true, true, false])
})

test('a signature is of this id, this time, this body, by this secret, within five minutes; one of several is enough', () => {
  const secret = Buffer.alloc(32, 9).toString('base64')
  const at = 1_614_265_330_000
  const headers = signedHeaders({ id: 'a', at, body }, [secret])
  const right = headers['webhook-signature']
  assert.ok(isSigned(secret, headers, body, at + 299_000) && isSigned(secret, headers, body, at - 299_000))
  assert.ok(!isSigned(secret, headers, body, at + 301_000) && !isSigned(secret, headers, body, at - 301_000))
  assert.ok(isSigned(secret, { ...headers, 'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')} ${right}` }, body, at))
  assert.ok(!isSigned(Buffer.alloc(32, 8).toString('base64'), headers, body, at))
  for (const changed of [{ 'webhook-id': 'b' }, { 'webhook-timestamp': '1614265331' }, { 'webhook-timestamp': '1614265330.0' }, { 'webhook-timestamp': '' }, { 'webhook-signature': '' }, { 'webhook-signature': right.slice(3) }, { 'webhook-signature': right.replace('v1', 'v1a') }, { 'webhook-signature': right.slice(0, -1) }, { 'webhook-signature': `${'v1,x '.repeat(8)}${right}` }]) {
    assert.ok(!isSigned(secret, { ...headers, ...changed }, body, at), JSON.stringify(changed))
  }
  for (const name of Object.keys(headers)) assert.ok(!isSigned(secret, { ...headers, [name]: undefined }, body, at), name)
  assert.ok(!isSigned(secret, headers, body + ' ', at))
})
