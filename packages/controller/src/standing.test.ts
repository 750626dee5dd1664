import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pinVerifier } from '@oncekey/otp/offline'
import { deriveKey, type Standing } from '@oncekey/protocol/messages'
import { benchIdentity, benchSettings, door, POWER_ON, type Door } from './testing/door.ts'
import { code, cutOff, ONCE, opens } from './testing/offline.ts'

const offline = { clock: 'trusted', revoked: [] }
const PIN = '40719328'
const front = { locks: [{ lock: 1, label: 'Front', kind: 'door' }] }

function under (d: Door, version: number, locks: { [Word in Standing]?: number[] }, more: object = {}): void {
  d.settings({ version, standing: Object.entries(locks).flatMap(([word, numbers]) => numbers.map((lock) => `${lock}.${word}`)), ...more })
}

test('a code that the server granted a moment before it heard of the lockdown moves nothing', () => {
  const d = door()
  d.type('123456#')
  under(d, 2, { lockedDown: [1] })
  d.answer(true)
  assert.equal(d.moves(), 0)
  assert.equal(d.lcd, 'Locked: A07')
  d.wait(5000)
  assert.equal(d.lcd, 'Bank A     14:03 / Keypad locked')
})

test('without a network a lockdown holds, over a boot too, and costs nobody a code or a guess', () => {
  const d = cutOff()
  under(d, 3, { lockedDown: [1] }, { offline })
  assert.equal(d.lcd, 'Bank A   offline / Keypad locked')
  assert.equal(opens(d, code(ONCE)), false)
  assert.equal(opens(d, '000000000'), false)
  assert.equal(d.controller.offline.misses, 0, 'nothing was compared')
  d.reboot()
  d.wait(60_000)
  assert.equal(d.moves(), 0)
  assert.equal(d.lcd, 'Bank A   offline / Keypad locked')
  d.online()
  d.wait(6000)
  d.disconnect()
  assert.equal(opens(d, code(ONCE)), false)
  under(d, 4, {}, { offline })
  assert.equal(opens(d, code(ONCE)), true, 'the code was not used up')
})

test('settings of before, or without the seal, end no hold', () => {
  const d = cutOff()
  under(d, 5, { held: [1] }, { offline })
  under(d, 4, {}, { offline })
  under(d, 5, {}, { offline })
  d.deliver({ ...d.sealed('settings', { ...benchSettings, version: 6 }), payload: 'AAAAAAAAAAAAAAAAAAAAAA.{}' })
  assert.equal(opens(d, code(ONCE)), false)
  assert.equal(d.lcd, 'Bank A   offline / Keypad locked')
})

test('a pin that was lent opens no held lock, and its neighbour as before', () => {
  const d = door({ locks: 2 })
  const key = deriveKey(benchIdentity.rootKey, 'offline', 1)
  const pins = [{ lock: 1, ends: 0, verifier: pinVerifier(key, PIN) }, { lock: 2, ends: 0, verifier: pinVerifier(key, '11112222') }]
  d.say('pins', { until: POWER_ON + 86_400_000, digits: 8, pins })
  under(d, 2, { held: [1] })
  d.disconnect()
  assert.equal(d.lcd, 'Bank A   offline / Enter code', 'one of two is held')
  d.type(PIN + '#')
  assert.deepEqual([d.moves(), d.lcd], [0, 'Locked: A07'])
  assert.equal(opens(d, '11112222'), true)
})

test('a hold refuses codes of every kind; a command of the server is its own decision', () => {
  const d = door()
  d.command('c1', 'unlock')
  d.wait(500)
  under(d, 2, { held: [1] })
  d.type('123456#')
  d.answer(true, { mode: 'lock' })
  d.wait(500)
  assert.equal(d.moves(), 1)
  d.command('c2', 'lock')
  d.wait(500)
  assert.equal(d.isLocked(), true)
})

test('an evacuation alone moves nothing; unlocked by its command, a door stays so until the order ends, and is locked then', () => {
  const d = door()
  under(d, 2, { evacuated: [1] }, front)
  d.wait(60_000)
  assert.equal(d.moves(), 0)
  assert.equal(d.lcd, 'Open: Bank A')
  d.command('c1', 'unlock')
  d.wait(3_600_000)
  assert.deepEqual([d.isLocked(), d.moves()], [false, 1])
  d.openDoor()
  d.wait(60_000)
  assert.match(d.lcd, /Open: Bank A/, 'nobody is asked to close it')
  d.closeDoor()
  d.reboot()
  d.wait(60_000)
  assert.deepEqual([d.isLocked(), d.moves()], [false, 1], 'nothing moves at boot')
  d.online()
  under(d, 3, {}, front)
  d.wait(500)
  assert.deepEqual([d.isLocked(), d.moves()], [true, 2])
})

test('the controller says which settings it goes by as soon as it does', () => {
  const d = door()
  assert.equal(d.reported()?.settings, 1)
  under(d, 7, { held: [1] })
  assert.equal(d.reported()?.settings, 7)
  under(d, 6, {})
  assert.equal(d.reported()?.settings, 7)
})
