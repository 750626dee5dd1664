import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countTries, networkOf, type Tries } from './tries.ts'

function clock (): { now: number, read: () => number } {
  const one = { now: 1_000_000, read: () => one.now }
  return one
}

/** Seconds to wait, 0 when the try may be made. */
function wait (tries: Tries, key = 'maya'): number {
  try {
    tries.take(key)
    return 0
  } catch (error) {
    assert.ok(error instanceof Error && 'code' in error && error.code === 'tooManyTries')
    assert.ok('more' in error && typeof error.more === 'object' && error.more !== null && 'retryAfterSeconds' in error.more)
    return Number(error.more.retryAfterSeconds)
  }
}

test('so many tries within the window, then a wait, and the next wait is twice as long, up to the longest', () => {
  const time = clock()
  const tries = countTries({ most: 3, windowMs: 60_000, longestMs: 240_000, clock: time.read })
  for (const expected of [60, 120, 240, 240]) {
    for (let i = 0; i < 3; i++) assert.equal(wait(tries), 0)
    assert.equal(wait(tries), expected)
    assert.equal(wait(tries, 'otto'), 0, 'somebody else is not meant')
    time.now += expected * 1000 - 1
    assert.equal(wait(tries), 1)
    time.now += 1
  }
})

test('tries that lie far apart never add up, and a quiet time makes waits short again', () => {
  const time = clock()
  const tries = countTries({ most: 3, windowMs: 60_000, longestMs: 240_000, clock: time.read })
  for (let i = 0; i < 20; i++) {
    assert.equal(wait(tries), 0)
    time.now += 30_000
  }
  time.now += 60_000
  for (let i = 0; i < 3; i++) assert.equal(wait(tries), 0)
  assert.equal(wait(tries), 60)
  time.now += 60_000 + 480_000
  for (let i = 0; i < 3; i++) assert.equal(wait(tries), 0)
  assert.equal(wait(tries), 60)
})

test('a right try starts anew; a try that is given back does not count', () => {
  const tries = countTries({ most: 2, windowMs: 60_000, clock: clock().read })
  for (let i = 0; i < 10; i++) {
    assert.equal(wait(tries), 0)
    tries.giveBack('maya')
  }
  assert.equal(wait(tries), 0)
  assert.equal(wait(tries), 0)
  tries.forgive('maya')
  assert.equal(wait(tries), 0)
  tries.giveBack('nobody')
})

test('a clock that is set back shuts nobody out for longer than the longest wait', () => {
  const time = clock()
  const tries = countTries({ most: 1, windowMs: 60_000, clock: time.read })
  wait(tries)
  assert.equal(wait(tries), 60)
  time.now -= 500_000
  assert.equal(wait(tries), 0)
})

test('made-up keys push out the oldest, not the memory', () => {
  const tries = countTries({ most: 1, windowMs: 60_000, clock: clock().read, mostKeys: 10 })
  assert.equal(wait(tries), 0)
  for (let i = 0; i < 10; i++) wait(tries, `made-up ${i}`)
  assert.equal(wait(tries), 0, 'forgotten')
})

test('one household of IPv6 counts as one address, an IPv4 address as itself', () => {
  assert.equal(networkOf('192.0.2.7'), '192.0.2.7')
  assert.equal(networkOf('::ffff:192.0.2.7'), '192.0.2.7')
  assert.equal(networkOf('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64')
  assert.equal(networkOf('2001:DB8:1:2::9'), networkOf('2001:db8:0001:0002:ffff::'))
  assert.notEqual(networkOf('2001:db8:1:3::9'), networkOf('2001:db8:1:2::9'))
  assert.equal(networkOf('::1'), '0:0:0:0::/64')
  assert.equal(networkOf('fe80::1%eth0'), 'fe80:0:0:0::/64')
  assert.equal(networkOf('1:2:3:4:5:6:7::'), '1:2:3:4::/64')
})

test('whether there is one left is told without taking it, in the window and in a wait', () => {
  let now = 0
  const tries = countTries({ most: 2, windowMs: 1000, clock: () => now })
  assert.equal(tries.isUsedUp('a'), false)
  tries.take('a')
  for (let i = 0; i < 5; i++) assert.equal(tries.isUsedUp('a'), false)
  tries.take('a')
  assert.equal(tries.isUsedUp('a'), true)
  now = 1000
  assert.equal(tries.isUsedUp('a'), false, 'the window is over')
  tries.take('a')
  tries.take('a')
  assert.throws(() => { tries.take('a') })
  now = 1999
  assert.equal(tries.isUsedUp('a'), true, 'waits')
  now = 2000
  assert.equal(tries.isUsedUp('a'), false)
  tries.take('a')
  tries.take('a')
  now = -5000
  assert.equal(tries.isUsedUp('a'), false, 'a clock that was set back')
})
