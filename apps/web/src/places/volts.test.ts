import assert from 'node:assert/strict'
import { test } from 'node:test'
import { millivoltsOf, voltsOf } from './volts.ts'

test('volts are read as people write them', () => {
  assert.deepEqual(['3.5', '3,5', ' 12 ', '3.333', '0', '100'].map(millivoltsOf), [3500, 3500, 12_000, 3333, 0, 100_000])
  assert.deepEqual(['', 'x', '3.5V', '-1', '100.001', '1e3', '3.3333', '.5'].map(millivoltsOf), Array(8).fill(null))
  assert.equal(voltsOf(3500), '3.5')
})
