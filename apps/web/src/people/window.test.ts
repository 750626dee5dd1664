import assert from 'node:assert/strict'
import { test } from 'node:test'
import { farthestMs, startOf } from './window.ts'

const now = 1_795_352_645_789
const minute = 60_000

test('a code that works without a network begins at once, in the half hour under way, or within 30 days', () => {
  assert.deepEqual(startOf(null, now), {})
  assert.deepEqual(startOf(now - 29 * minute, now), {})
  assert.deepEqual(startOf(now + minute, now), { validFrom: now + minute })
  assert.deepEqual(startOf(now + farthestMs, now), { validFrom: now + farthestMs })
})

test('a start that is over, or farther than the server lets a code begin, is told before it is sent', () => {
  assert.equal(startOf(now - 30 * minute, now), 'past')
  assert.equal(startOf(now + farthestMs + 1, now), 'tooFar')
})
