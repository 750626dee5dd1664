import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { openPhones, type Phones } from '../testing/phones.ts'

let v: Phones
const ends: (() => Promise<void>)[] = []
beforeEach(async () => {
  v = await openPhones({ ONCEKEY_VOICE_URL: '', ONCEKEY_PUBLIC_URL: '', ONCEKEY_FALLBACK_SECONDS: '20', ONCEKEY_SMTP_URL: 'smtps://keys:top-secret-word@mail.gym.example:465?from=keys@gym.example' })
  ends.push(v.end)
})
afterEach(async () => { for (const end of ends.splice(0)) await end() })

test('an administrator sees which ways out there are, by whom, and what became of the messages of a day; never what signs in', async () => {
  const { adam, otto } = v.world.people
  const ask = async () => (await v.world.call(adam, 'GET', 'channels')).body
  assert.equal((await v.world.call(otto, 'GET', 'channels')).refusal, 'notAllowed')
  const none = { waiting: 0, sent: 0, delivered: 0, failed: 0 }
  const first = await ask()
  assert.equal(first.fallbackSeconds, 20)
  assert.deepEqual(first.channels.map(({ channel, by, host, hasReceipts, setting, recent }) => [channel, by, host, hasReceipts, setting, recent]), [
    ['email', 'smtp', 'mail.gym.example', false, 'ONCEKEY_SMTP_URL', none], ['sms', 'gateway', '127.0.0.1', true, 'ONCEKEY_SMS_URL', none],
    ['whatsapp', 'gateway', '127.0.0.1', true, 'ONCEKEY_WHATSAPP_URL', none], ['voice', null, null, false, 'ONCEKEY_VOICE_URL', none]
  ])
  assert.ok(!JSON.stringify(first).includes('top-secret-word'))

  // One arrives, one is taken, one is refused and goes to WhatsApp.
  const start = (to: string, channels = ['sms']) => v.call('POST', 'verifications', { to, channels })
  await start('+4915123456781')
  await v.flush()
  await v.receipt(v.messages('sms')[0]?.id ?? '', 'delivered')
  await start('+4915123456782')
  await v.flush()
  v.gateways.sms.reply = () => ({ status: 404 })
  await start('+4915123456783', ['sms', 'whatsapp'])
  await v.flush()
  await v.flush()
  const { channels: [, sms, whatsapp] } = await ask()
  assert.deepEqual([sms?.recent, whatsapp?.recent], [{ ...none, sent: 1, delivered: 1, failed: 1 }, { ...none, sent: 1 }])
  assert.deepEqual([sms?.fault, sms?.faultAt, whatsapp?.fault], ['GATEWAY 404', v.world.house.clock(), null])
  // One that a program ended between two tries is nobody's failure.
  v.gateways.whatsapp.reply = () => ({ status: 503 })
  const { body: { id } } = await v.call('POST', 'verifications', { to: '+4915123456784', channel: 'whatsapp' })
  await v.flush()
  await v.call('POST', `verifications/${id}/cancel`)
  const [, , afterwards] = (await ask()).channels
  assert.deepEqual([afterwards?.recent, afterwards?.fault], [{ ...none, sent: 1 }, null])
  v.world.house.wait(86_400_001)
  await v.world.signIn(adam)
  assert.deepEqual((await ask()).channels[1]?.recent, none)
})
