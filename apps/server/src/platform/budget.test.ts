import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tokenBuckets } from './budget.ts'

test('so many at once, then so many a second, each key for itself', () => {
  let now = 1000
  const buckets = tokenBuckets({ burst: 3, perSecond: 2, clock: () => now })
  assert.deepEqual([1, 2, 3, 4].map(() => buckets.take('a')), [true, true, true, false])
  assert.equal(buckets.take('b'), true)
  now += 499
  assert.equal(buckets.take('a'), false)
  now += 1
  assert.deepEqual([buckets.take('a'), buckets.take('a')], [true, false])
  now += 3_600_000
  assert.deepEqual([1, 2, 3, 4].map(() => buckets.take('a')), [true, true, true, false])
})

test('a clock that goes back gives nothing and takes nothing', () => {
  let now = 10_000
  const buckets = tokenBuckets({ burst: 1, perSecond: 1, clock: () => now })
  assert.equal(buckets.take('a'), true)
  now = 0
  assert.equal(buckets.take('a'), false)
  now = 1000
  assert.equal(buckets.take('a'), true)
})

test('the keys that were used longest ago are forgotten', () => {
  const buckets = tokenBuckets({ burst: 1, perSecond: 0, clock: () => 0, mostKeys: 2 })
  assert.deepEqual(['a', 'b', 'a', 'c', 'a', 'b'].map((key) => buckets.take(key)), [true, true, false, true, false, true])
})
