import assert from 'node:assert/strict'
import { test } from 'node:test'
import { claimAnswer, identityFrom, newClaimCode, newClaimForm, retryPauseMs, type Commissioned } from './index.ts'
import { newClaiming } from './claiming.ts'
import { virtualClock } from './testing/clock.ts'

const key = Buffer.alloc(32, 7).toString('base64url')
const claimed = { claimed: true, siteId: 's1', controllerId: 'c1', mqttPort: 1883, mqttsPort: 8883, ca: 'PEM' }

test('a claim code is ten characters that nobody takes for others', () => {
  assert.equal(newClaimCode((count) => Uint8Array.from({ length: count }, (_, i) => i * 25)), '2TLD6XQHA3')
  const form = newClaimForm((count) => new Uint8Array(count), { hardware: 'esp32', firmware: '1', locks: 2 })
  assert.deepEqual(form, { key: 'A'.repeat(43), claimCode: '2222222222', hardware: 'esp32', firmware: '1', locks: 2 })
})

test('an identity needs its 32 bytes', () => {
  assert.equal(identityFrom({ siteId: 's', controllerId: 'c', key })?.rootKey.length, 32)
  assert.equal(identityFrom({ siteId: 's', controllerId: 'c', key: 'AAAA' }), null)
  assert.equal(identityFrom({ siteId: 's', controllerId: 'c', key: '!' }), null)
})

test('an answer is waiting, an owner, or nothing', () => {
  assert.deepEqual(claimAnswer({ claimed: false, retryAfterMs: 5 }, key), { claimed: false, retryAfterMs: 5 })
  assert.deepEqual(claimAnswer(claimed, key), claimed)
  assert.deepEqual(claimAnswer({ claimed: true, siteId: 's1', controllerId: 'c1', mqttPort: 1 }, key), { ...claimed, mqttPort: 1, mqttsPort: 0, ca: null })
  for (const wrong of [null, 'x', { claimed: false }, { ...claimed, siteId: 1 }, { ...claimed, controllerId: 1 }, { ...claimed, mqttPort: '1' }, { ...claimed, mqttsPort: '1' }, { ...claimed, ca: 1 }]) assert.equal(claimAnswer(wrong, key), null)
  assert.equal(claimAnswer(claimed, 'short'), null)
})

test('pauses grow to half a minute, each a random part of its bound', () => {
  assert.deepEqual([0, 1, 2, 9].map((failures) => retryPauseMs(failures, 1)), [1000, 2000, 4000, 30_000])
  assert.deepEqual([retryPauseMs(3, 0.5), retryPauseMs(2, 1, 10, 25)], [4000, 25])
})

test('it asks until somebody has typed the code: with pauses while the server is away or busy, and at its word while it waits', () => {
  const clock = virtualClock()
  const answers: ({ status: number, body: string } | null)[] = [null, { status: 503, body: '' }, { status: 429, body: '' }, { status: 200, body: '{"claimed":false,"retryAfterMs":2500}' }, { status: 200, body: JSON.stringify(claimed) }]
  const at: number[] = []
  const owners: Commissioned[] = []
  const form = { key, claimCode: 'ABCDE23456', hardware: 'esp32', firmware: '1', locks: 1 }
  newClaiming({
    clock, chance: () => 1, form, refused: () => assert.fail(),
    post (json, done) {
      assert.deepEqual(JSON.parse(json), form)
      at.push(clock.now() - 1_000_000)
      done(answers.shift() ?? null)
    },
    claimed: (owner) => { owners.push(owner) }
  }).start()
  clock.pass(60_000)
  assert.deepEqual(at, [0, 3000, 8000, 17_000, 19_500])
  assert.deepEqual(owners, [{ siteId: 's1', controllerId: 'c1', key, locks: 1, mqttPort: 1883, mqttsPort: 8883, ca: 'PEM' }])
})

test('what the server refuses is not asked again, and what comes after stop is not heard', () => {
  const clock = virtualClock()
  const form = { key, claimCode: 'ABCDE23456', hardware: 'esp32', firmware: '1', locks: 1 }
  const refusals: number[] = []
  const waiting: ((answer: { status: number, body: string } | null) => void)[] = []
  const claiming = newClaiming({ clock, chance: () => 1, form, refused: (status) => { refusals.push(status) }, post: (_json, done) => { waiting.push(done) }, claimed: () => assert.fail() })
  claiming.start()
  waiting[0]!({ status: 409, body: '{}' })
  claiming.start()
  waiting[1]!({ status: 200, body: 'no json' })
  assert.deepEqual(refusals, [409, 200])
  claiming.start()
  claiming.stop()
  waiting[2]!({ status: 200, body: JSON.stringify(claimed) })
  claiming.start()
  waiting[3]!(null)
  claiming.stop()
  clock.pass(60_000)
  assert.equal(waiting.length, 4)
})
