import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TWILIO } from '../testing/gateway.ts'
import { openWorld } from '../testing/world.ts'
import { examine } from './examine.ts'
import { houseAsPatient } from './inside.ts'

test('ways to phones: a gateway whose name nobody knows, and Twilio that can not report; both are told with the cure', async () => {
  const look = async (env: Record<string, string>): Promise<string[]> => {
    const world = await openWorld({ env: { ONCEKEY_MQTT_PORT: '0', ...env } })
    const { findings } = await examine({ ...houseAsPatient(world.house), installedAt: world.house.clock(), patienceMs: 4000 })
    await world.close()
    return findings.filter(({ code }) => code.startsWith('channel.') || code.startsWith('dns.')).map(({ code, cure }) => `${code} ${cure ?? ''}`)
  }
  const twilio = { ONCEKEY_SMS_URL: `twilio+http://${TWILIO.account}:${TWILIO.token}@127.0.0.1?from=Oncekey` }
  assert.deepEqual(await look(twilio), ['channel.noReceipts Set ONCEKEY_PUBLIC_URL; until then another channel follows only when Twilio refuses a message.'])
  assert.deepEqual(await look({ ...twilio, ONCEKEY_PUBLIC_URL: 'http://127.0.0.1:8080' }), [])
  assert.match((await look({ ONCEKEY_VOICE_URL: 'https://gateway.invalid/calls', ONCEKEY_GATEWAY_SECRET: `whsec_${Buffer.alloc(32).toString('base64')}` })).join(), /^dns\.unknown Check ONCEKEY_VOICE_URL/)
})
