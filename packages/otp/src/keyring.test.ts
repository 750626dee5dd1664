import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { keyRing } from './keyring.ts'

const key = (fill: number, length = 32): Uint8Array => new Uint8Array(length).fill(fill)

test('a ring uses the first key and knows them all', () => {
  const ring = keyRing([{ id: 'b', key: key(2) }, { id: 'a', key: key(1, 64) }])
  assert.equal(ring.current, 'b')
  assert.deepEqual(ring.keyIds, ['b', 'a'])
  assert.equal(ring.hmac('a', 'ü'), createHmac('sha256', key(1, 64)).update('ü').digest('hex'))
  assert.notEqual(ring.hmac('a', 'x'), ring.hmac('b', 'x'))
})

test('a ring keeps its own copy of a key', () => {
  const mine = key(1)
  const ring = keyRing([{ id: 'a', key: mine }])
  const before = ring.hmac('a', 'x')
  mine.fill(0)
  assert.equal(ring.hmac('a', 'x'), before)
})

test('no key, a short one, two of one name and an unknown one are mistakes', () => {
  assert.throws(() => keyRing([]), RangeError)
  assert.throws(() => keyRing([{ id: 'a', key: key(1, 31) }]), /31 bytes/)
  assert.throws(() => keyRing([{ id: 'a', key: key(1) }, { id: 'a', key: key(2) }]), /Two keys/)
  assert.throws(() => keyRing([{ id: 'a', key: key(1) }]).hmac('b', 'x'), RangeError)
})
