import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pinVerifier } from '@oncekey/otp/offline'
import { deriveKey } from '@oncekey/protocol/messages'
import { benchIdentity, door, POWER_ON, type Door, type DoorOptions } from './testing/door.ts'

const DAY = 86_400_000
const PIN = '40719328'
const key = deriveKey(benchIdentity.rootKey, 'offline', 1)

type Lent = { until?: number, digits?: number, pins?: { lock: number, ends: number, verifier: string }[] }

function pin (digits: string, { lock = 1, ends = 0 } = {}): { lock: number, ends: number, verifier: string } {
  return { lock, ends, verifier: pinVerifier(key, digits) }
}

function lend (d: Door, { until = POWER_ON + 7 * DAY, digits = 8, pins = [pin(PIN)] }: Lent = {}): void {
  d.say('pins', { until, digits, pins })
}

/** A door that was lent pins and has lost its network. */
function cutOff (lent: Lent = {}, options: DoorOptions = {}): Door {
  const d = door(options)
  lend(d, lent)
  d.disconnect()
  return d
}

function opens (d: Door, digits: string): boolean {
  d.closeDoor()
  d.wait(61_000)
  const before = d.moves()
  d.type(digits + '#')
  const moved = d.moves() > before
  d.wait(20_000)
  return moved
}

test('without a session a known pin opens its lock again and again, and the record has its name', () => {
  const d = cutOff({ pins: [pin(PIN, { lock: 2 }), pin('00000000')] }, { locks: 2 })
  d.type(PIN + '#')
  d.wait(1000)
  assert.deepEqual([d.isLocked(1), d.isLocked(2)], [true, false])
  assert.equal(opens(d, '00000000'), true)
  assert.equal(opens(d, PIN), true)
  d.online()
  const moves = d.arrived().flatMap((record) => record.type === 'lock.actuated' && record.mode === 'unlock' ? [[record.lock, record.source, record.ref, record.trust]] : [])
  assert.deepEqual(moves, [[2, 'offlineCode', `pin.${pinVerifier(key, PIN)}`, 'synced'], [1, 'offlineCode', `pin.${pinVerifier(key, '00000000')}`, 'synced'], [2, 'offlineCode', `pin.${pinVerifier(key, PIN)}`, 'synced']])
})

test('in a session the server is asked, as for every entry', () => {
  const d = door()
  lend(d)
  d.type(PIN + '#')
  assert.equal(d.question().digits, PIN)
  assert.equal(d.moves(), 0)
})

test('without pins, or with other digits, nothing is compared and nothing counts', () => {
  for (const d of [door(), cutOff({ pins: [] }), cutOff({ digits: 12 })]) {
    d.disconnect()
    for (let i = 0; i < 4; i++) d.type(PIN + '#')
    assert.equal(d.lcd, 'Bank A   offline / Try again later')
    assert.equal(d.moves() + d.controller.offline.misses, 0)
  }
  const d = cutOff()
  for (const short of ['4071932', '407193280']) assert.equal(opens(d, short), false)
  assert.equal(d.controller.offline.misses, 0)
})

test('the next list takes the place of the one before: what was revoked opens nothing from then on', () => {
  const d = cutOff()
  assert.equal(opens(d, PIN), true)
  d.online()
  lend(d, { pins: [] })
  d.disconnect()
  assert.equal(opens(d, PIN), false)
  d.reboot()
  assert.equal(d.saved['pins']?.includes('verifier'), false)
})

test('a list of an earlier session, or an old one of this, changes nothing', () => {
  const d = door()
  const old = d.message('pins', { until: POWER_ON + DAY, digits: 8, pins: [pin(PIN)] })
  lend(d, { pins: [] })
  d.deliver(old)
  assert.deepEqual(d.controller.pins?.pins, [])
  d.disconnect()
  d.online()
  d.deliver(old)
  d.say('pins', { until: -1, digits: 8, pins: [] })
  assert.deepEqual(d.controller.pins?.pins, [])
})

test('a pin ends when its time is over, and all of them when the lease is', () => {
  const d = cutOff({ until: POWER_ON + DAY, pins: [pin(PIN), pin('11111111', { ends: POWER_ON + DAY / 2 })] })
  assert.equal(opens(d, '11111111'), true)
  d.wait(DAY / 2)
  assert.equal(opens(d, '11111111'), false)
  assert.equal(d.controller.offline.misses, 1)
  assert.equal(opens(d, PIN), true)
  assert.match(d.lcd, /Enter code/)
  d.wait(DAY / 2)
  assert.match(d.lcd, /Try again later/)
  assert.equal(opens(d, PIN), false)
  assert.equal(d.controller.offline.misses, 1, 'nothing was compared')
})

test('a clock that nobody vouches for ends it; a battery\'s clock does not', () => {
  const d = cutOff()
  d.reboot()
  d.type(PIN + '#')
  assert.equal(d.lcd, 'Bank A   offline / Clock not set')
  assert.equal(d.moves() + d.controller.offline.misses, 0)
  const e = cutOff({}, { rtc: { time: POWER_ON + 5000, errorMs: 2000 } })
  e.reboot()
  assert.equal(opens(e, PIN), true)
  const f = door({ saved: e.saved, offline: true, rtc: { time: POWER_ON + DAY, errorMs: 3_600_000 } })
  f.type(PIN + '#')
  assert.equal(f.lcd, 'Bank A   offline / Clock not set')
})

test('wrong pins and wrong offline codes are one count: the third lets the keypad rest, and neither power nor network ends it', () => {
  const d = cutOff()
  d.online()
  d.settings({ version: 2, offline: { clock: 'trusted', revoked: [] } })
  d.wait(6000)
  d.disconnect()
  d.type('11111111#')
  assert.equal(d.lcd, 'Not accepted / 2 tries left')
  d.type('123456789#')
  d.type('22222222#')
  assert.match(d.lcd, /^Keypad locked/)
  d.type(PIN + '#')
  assert.equal(d.moves(), 0)
  d.online()
  assert.equal(d.controller.lockout, null, 'the server has the last word on line')
  d.disconnect()
  d.type(PIN + '#')
  assert.match(d.lcd, /^Keypad locked/)
  assert.equal(d.moves(), 0)
  d.wait(121_000)
  assert.equal(opens(d, PIN), true)
  assert.equal(d.controller.offline.misses, 3, 'a right one takes nothing back')
})

test('a pin of another controller, or of a lock that is not there, moves nothing', () => {
  const other = pinVerifier(deriveKey(new Uint8Array(32), 'offline', 1), PIN)
  const d = cutOff({ pins: [{ lock: 1, ends: 0, verifier: other }] })
  assert.equal(opens(d, PIN), false)
  const e = cutOff({ pins: [pin(PIN, { lock: 5 })] })
  assert.equal(opens(e, PIN), false)
})

test('a box that nobody owns compares nothing with what an earlier owner left', () => {
  const { saved } = cutOff()
  const d = door({ saved, identity: null, offline: true })
  d.type(PIN + '#')
  assert.equal(d.moves() + d.controller.offline.misses, 0)
})
