import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError, readConfig } from '../config.ts'
import { GATEWAY_SECRET, TWILIO } from '../testing/gateway.ts'

const secret = `whsec_${GATEWAY_SECRET}`
const { account, token, key, messages, verify } = TWILIO

/** What is wrong with the settings: the name of each, and no value. */
function wrong (env: Record<string, string>): string[] {
  try {
    readConfig({ ONCEKEY_DATA_DIR: '/nowhere', ...env })
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    assert.doesNotMatch(error.message, /twilio-token|of-the-key|BwcHBwcH/, 'secrets are hidden')
    return error.wrong.map((one) => one.name)
  }
}

test('SMS, WhatsApp and calls leave by what is named for each', () => {
  const { channels, fallbackMs } = readConfig({
    ONCEKEY_DATA_DIR: '/nowhere', ONCEKEY_GATEWAY_SECRET: secret, ONCEKEY_SMS_URL: `twilio://${account}:${token}@api.twilio.com?service=${messages}`,
    ONCEKEY_WHATSAPP_URL: `twilio-verify://${key}:of-the-key@verify.twilio.com?service=${verify}`, ONCEKEY_VOICE_URL: 'https://calls.example.org/v1?tenant=7', ONCEKEY_FALLBACK_SECONDS: '8'
  })
  assert.deepEqual(channels, {
    sms: { is: 'twilio', base: 'https://api.twilio.com', account, user: account, password: token, token, from: null, service: messages },
    whatsapp: { is: 'twilioVerify', base: 'https://verify.twilio.com', user: key, password: 'of-the-key', service: verify },
    voice: { is: 'gateway', url: 'https://calls.example.org/v1?tenant=7', secret: GATEWAY_SECRET }
  })
  assert.equal(fallbackMs, 8000)
  assert.deepEqual(readConfig({ ONCEKEY_DATA_DIR: '/nowhere' }).channels, { sms: null, whatsapp: null, voice: null })
  assert.equal(readConfig({ ONCEKEY_DATA_DIR: '/nowhere' }).fallbackMs, 12_000)
})

test('what can not be used is named, and its secret is not', () => {
  const sms = (url: string, more: Record<string, string> = { ONCEKEY_GATEWAY_SECRET: secret }): string[] => wrong({ ONCEKEY_SMS_URL: url, ...more })
  assert.deepEqual(sms('http://127.0.0.1:9/sms'), [])
  assert.deepEqual(sms('https://gateway.example.org', {}), ['ONCEKEY_GATEWAY_SECRET'])
  for (const url of [
    'gateway.example.org', 'ftp://gateway.example.org', 'http://gateway.example.org/sms', 'https://user:pass@gateway.example.org', 'https://gateway.example.org/#x', '+4915123456789',
    `twilio://${account}:${token}@api.twilio.com`, `twilio://${account}:${token}@api.twilio.com?from=Oncekey&service=${messages}`, `twilio://${key}:${token}@api.twilio.com?from=Oncekey`, `twilio://${account}@api.twilio.com?from=Oncekey`,
    `twilio://${account}:${token}@api.twilio.com?from=a-name-that-is-too-long`, `twilio://${account}:${token}@api.twilio.com?service=MG1`, `twilio://${account}:${token}@api.twilio.com?from=Oncekey&key=${key}`, `twilio+http://${account}:${token}@api.twilio.com?from=Oncekey`,
    `twilio-verify://${account}:${token}@verify.twilio.com`, `twilio-verify://${account}:${token}@verify.twilio.com?service=${messages}`, `twilio-verify://x:${token}@verify.twilio.com?service=${verify}`
  ]) assert.deepEqual(sms(url), ['ONCEKEY_SMS_URL'], url)
  assert.deepEqual(wrong({ ONCEKEY_VOICE_URL: `twilio://${account}:${token}@api.twilio.com?from=Oncekey` }), ['ONCEKEY_VOICE_URL'])
  for (const odd of ['x', GATEWAY_SECRET, 'whsec_', 'whsec_AAAA', `whsec_${Buffer.alloc(65).toString('base64')}`]) assert.deepEqual(wrong({ ONCEKEY_GATEWAY_SECRET: odd }), ['ONCEKEY_GATEWAY_SECRET'], odd)
  for (const seconds of ['0', '4', '301', '12.5', 'x', '1e2', '']) assert.deepEqual(wrong({ ONCEKEY_FALLBACK_SECONDS: seconds }), seconds === '' ? [] : ['ONCEKEY_FALLBACK_SECONDS'], seconds)
})
