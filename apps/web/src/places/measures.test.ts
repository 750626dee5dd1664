import assert from 'node:assert/strict'
import { test } from 'node:test'
import { heightOf, measuresOf } from './measures.ts'

test('a height is a whole number of millimetres, or nothing', () => {
  assert.deepEqual(['', ' ', '0', ' 1200 ', '5000'].map(heightOf), [undefined, undefined, 0, 1200, 5000])
  for (const wrong of ['5001', '-1', '1.5', '1,5', 'low', '1e3', '120 cm']) assert.equal(heightOf(wrong), null, wrong)
})

test('what stayed empty is not sent', () => {
  assert.deepEqual(measuresOf('', ''), {})
  assert.deepEqual(measuresOf(' M ', '0'), { size: 'M', heightMm: 0 })
  assert.equal(measuresOf('M', 'low'), null)
})
