import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { newWebhookSecret, signedHeaders } from './sign.ts'

const body = '{"type":"verification.verified","timestamp":"2026-01-05T09:00:00.000Z","data":{"to":"m•••@example.org"}}'
const now = (): number => Math.floor(Date.now() / 1000)
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
  const headers = signedHeaders({ id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1_614_265_330, body: '{"test": 2432232314}' }, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])
  assert.equal(headers['webhook-signature'], 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
})

test('the library that receivers use takes what we sign, and nothing that was changed on the way', () => {
  const secret = newWebhookSecret()
  assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/)
  const message = { id: 'msg_1', timestamp: now(), body }
  const headers = signedHeaders(message, [secret])
  assert.ok(takes(secret, headers))
  assert.ok(!takes(secret, headers, body.replace('verified', 'expired')))
  assert.ok(!takes(secret, { ...headers, 'webhook-id': 'msg_2' }))
  assert.ok(!takes(secret, { ...headers, 'webhook-timestamp': String(message.timestamp + 1) }))
  assert.ok(!takes(newWebhookSecret(), headers))
})

test('an old message is no longer taken, however well it is signed', () => {
  const secret = newWebhookSecret()
  for (const [apart, isTaken] of [[-290, true], [-310, false], [310, false]] as const) {
    assert.equal(takes(secret, signedHeaders({ id: 'msg_1', timestamp: now() + apart, body }, [secret])), isTaken, `${apart} s`)
  }
})

test('while a secret rotates a receiver with either takes the message', () => {
  const [fresh, before, other] = [newWebhookSecret(), newWebhookSecret(), newWebhookSecret()]
  const headers = signedHeaders({ id: 'msg_1', timestamp: now(), body }, [fresh, before])
  assert.equal(headers['webhook-signature'].split(' ').length, 2)
  assert.deepEqual([fresh, before, other].map((secret) => takes(secret, headers)), [true, true, false])
})
