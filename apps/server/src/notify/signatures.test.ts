import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSigned, isTwilios, signed, twilioSignature } from './signatures.ts'

const secret = Buffer.alloc(32, 9).toString('base64')
const at = 1_614_265_330_000

test('Standard Webhooks: the vector of its specification', () => {
  // https://github.com/standard-webhooks/standard-webhooks, spec, "Signature scheme".
  const headers = signed('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', at, body: '{"test": 2432232314}' })
  assert.deepEqual(headers, { 'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek', 'webhook-timestamp': '1614265330', 'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=' })
})

test('a signature is of this id, this time, this body, by this secret, within five minutes; one of several is enough', () => {
  const body = '{"x":1}'
  const headers = signed(secret, { id: 'a', at, body })
  const right = headers['webhook-signature'] ?? ''
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

test('Twilio: the vector of its documentation, ports that it adds or leaves away, names in order', () => {
  // https://www.twilio.com/docs/usage/security, "Validating requests".
  const url = 'https://mycompany.com/myapp.php?foo=1&bar=2'
  const form = new URLSearchParams({ CallSid: 'CA1234567890ABCDE', Caller: '+14158675309', Digits: '1234', From: '+14158675309', To: '+18005551212' })
  assert.equal(twilioSignature('12345', url, form), 'RSOYDt4T1cUTdK1PDd93/VVr8B8=')
  for (const seen of [url, url.replace('.com/', '.com:443/'), url.replace('.com/', '.com:8443/')]) assert.ok(isTwilios('12345', seen, form, 'RSOYDt4T1cUTdK1PDd93/VVr8B8='), seen)
  for (const seen of [url.replace('https', 'http'), url.replace('mycompany', 'evil'), url + '0']) assert.ok(!isTwilios('12345', seen, form, 'RSOYDt4T1cUTdK1PDd93/VVr8B8='), seen)
  assert.ok(isTwilios('t', 'https://a.example/', new URLSearchParams('AB=a&A=z'), twilioSignature('t', 'https://a.example/', new URLSearchParams('A=z&AB=a'))))
  for (const wrong of [undefined, '', 'RSOYDt4T1cUTdK1PDd93/VVr8B8', ['RSOYDt4T1cUTdK1PDd93/VVr8B8=']]) assert.ok(!isTwilios('12345', url, form, wrong))
  assert.ok(!isTwilios('54321', url, form, 'RSOYDt4T1cUTdK1PDd93/VVr8B8='))
})
