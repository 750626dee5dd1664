import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseHealth, resetReasons } from '@oncekey/protocol/messages'
import { door, type Door } from './testing/door.ts'

const battery = { lowMillivolts: 3500, criticalMillivolts: 3300 }
const locks = [{ lock: 1, label: 'A07', kind: 'compartment' }, { lock: 2, label: 'Door', kind: 'door', failSafe: true }]

function powered (): Door {
  const d = door({ locks: 2 })
  d.settings({ version: 2, battery, locks })
  return d
}

/** Measured as often as it takes to count. */
function measure (d: Door, ...values: number[]): void {
  for (const millivolts of values) {
    d.health({ millivolts })
    d.health({ millivolts })
  }
}

function levels (d: Door): string[] {
  return d.log().filter((line) => line.startsWith('battery'))
}

test('a battery is told of when its level changes, once, and has to get better by more than it wavers', () => {
  const d = powered()
  measure(d, 3900, 3499, 3450, 3510, 3499, 3599, 3600, 3900, 3499)
  assert.deepEqual(levels(d), ['battery.changed low 3499', 'battery.changed ok 3600', 'battery.changed low 3499'])
  d.reboot()
  measure(d, 3499)
  assert.equal(levels(d).length, 3)
  assert.equal(d.moves(), 0)
})

test('a moment in which a motor starts is no level', () => {
  const d = powered()
  for (const millivolts of [3900, 3200, 3900, 3200, 3900, 3400, 3200, 3400, 3900, 0, 3200, 0]) d.health({ millivolts })
  assert.deepEqual(levels(d), [])
})

test('without settings for it, or without a battery, nothing is low', () => {
  const d = door()
  measure(d, 100)
  const mains = powered()
  measure(mains, 0)
  assert.deepEqual([...levels(d), ...levels(mains)], [])
})

test('what was measured is reported, but not every millivolt', () => {
  const d = powered()
  d.health({ millivolts: 3712, rssi: -61, celsius: 31, freeBytes: 5 })
  d.wait(60_000)
  assert.equal(d.reported()?.millivolts, 3700)
  assert.deepEqual(d.heardLast('health', parseHealth), { ...d.heardLast('health', parseHealth), freeBytes: 5, rssi: -61, celsius: 31 })
  const states = d.heard('state', (body) => body).length
  d.health({ millivolts: 3724 })
  d.wait(60_000)
  assert.equal(d.heard('state', (body) => body).length, states)
})

test('a critical battery unlocks what is to fail safe, once, and nothing locks it again by itself; compartments stay', () => {
  const d = powered()
  measure(d, 3200)
  d.wait(300)
  assert.deepEqual([d.isLocked(1), d.isLocked(2)], [true, false])
  measure(d, 3100, 3000)
  d.wait(3_600_000)
  assert.equal(d.moves(), 1)
  assert.equal(d.controller.locks[1]?.duty, false)
  assert.deepEqual(d.log().slice(1), ['battery.changed critical 3200', 'lock.actuated 2 unlock auto unlocked'])
  d.command('c1', 'lock', { lock: 2 })
  d.wait(300)
  assert.equal(d.isLocked(2), true)
})

test('it fails secure without a setting, and also while a relock is owed', () => {
  const d = door()
  d.settings({ version: 2, battery })
  d.command('c1', 'unlock')
  d.wait(1000)
  measure(d, 3200)
  d.wait(20_000)
  assert.equal(d.isLocked(), true)
})

test('whatever the reason of a reset, a critical battery moves nothing at boot or after it', () => {
  for (const reset of resetReasons) {
    const d = powered()
    measure(d, 3200)
    d.wait(300)
    d.command('c1', 'lock', { lock: 2 })
    d.wait(300)
    const moves = d.moves()
    d.reboot(reset)
    measure(d, 3200)
    d.wait(3_600_000)
    assert.equal(d.moves(), moves, reset)
    assert.equal(d.isLocked(2), true)
  }
})
