import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assert as holds, double, oneof, property, record } from 'fast-check'
import { idleServo, lockAngle, MOVE_MS, PERIOD_US, pulseUs, rest, turnTo, unlockAngle } from './index.ts'

test('an angle is a pulse between 500 and 2400 us, fifty times a second', () => {
  assert.equal(PERIOD_US, 20_000)
  assert.deepEqual([unlockAngle, lockAngle].map((angle) => pulseUs(angle)), [500, 1450])
  assert.deepEqual([0, 45, 180].map((angle) => pulseUs(angle)), [500, 975, 2400])
})

test('nothing drives a servo into its stops', () => {
  assert.deepEqual([-10, 181, Infinity, -Infinity, NaN].map((angle) => pulseUs(angle)), [500, 2400, 2400, 500, 500])
  assert.deepEqual([0, 180].map((angle) => pulseUs(angle, { zeroUs: 100, straightUs: 9000 })), [500, 2400])
  assert.equal(pulseUs(90, { zeroUs: NaN, straightUs: 2000 }), 500)
})

test('a unit that was measured gets what it needs, also one that turns the other way', () => {
  assert.deepEqual([0, 90, 180].map((angle) => pulseUs(angle, { zeroUs: 544, straightUs: 2300 })), [544, 1422, 2300])
  assert.deepEqual([0, 180].map((angle) => pulseUs(angle, { zeroUs: 2300, straightUs: 600 })), [2300, 600])
})

test('pulses end 600 ms after a move began, and there are none before the first', () => {
  assert.equal(MOVE_MS, 600)
  assert.equal(rest(idleServo, 1000), idleServo)
  const moving = turnTo(lockAngle, 1000)
  assert.deepEqual(moving, { us: 1450, until: 1600 })
  assert.equal(rest(moving, 1599), moving)
  assert.equal(rest(moving, 1600), idleServo)
  assert.deepEqual(turnTo(0, 0, { zeroUs: 600, straightUs: 2000 }), { us: 600, until: 600 })
})

test('whatever is asked for, and however wrongly a unit was measured: 500 to 2400 us, whole, and over after 600 ms', () => {
  const any = oneof(double(), double({ min: -400, max: 4000, noNaN: true }))
  holds(property(any, record({ zeroUs: any, straightUs: any }), double({ min: 0, max: 1e12, noNaN: true }).map(Math.floor), (degrees, calibration, now) => {
    const moving = turnTo(degrees, now, calibration)
    assert.ok(Number.isInteger(moving.us) && moving.us >= 500 && moving.us <= 2400, String(moving.us))
    assert.equal(rest(moving, now + MOVE_MS).us, 0)
  }), { numRuns: 5000 })
})
