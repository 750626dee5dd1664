import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isTwilios, twilioSignature } from './twilio-signature.ts'

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
