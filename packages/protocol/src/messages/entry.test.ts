import assert from 'node:assert/strict'
import { test } from 'node:test'
import { acceptsNext, linkKeys, MAX_ENTRY_DIGITS, openEntry, sealEntry, sessionOf } from './index.ts'

const { encUp } = linkKeys(new Uint8Array(32), 1)
const session = 'A'.repeat(43)

test('every length that a keypad takes comes back', () => {
  for (let length = 1; length <= MAX_ENTRY_DIGITS; length++) {
    const digits = '918273645091'.slice(0, length)
    assert.equal(openEntry(encUp, session, length, sealEntry(encUp, session, length, digits)), digits)
  }
})

test('an entry is as long for one digit as for twelve', () => {
  assert.equal(sealEntry(encUp, session, 1, '1').length, sealEntry(encUp, session, 1, '123456789012').length)
})

test('what no keypad gives is the mistake of a caller', () => {
  for (const digits of ['', '1234567890123', '1'.repeat(16), '12a4', '１２', '1\0', '-1', ' 1', '1'.repeat(300)]) {
    assert.throws(() => sealEntry(encUp, session, 1, digits), RangeError, JSON.stringify(digits))
  }
})

test('the same digits look different each time, and open in their session and number only', () => {
  const entry = sealEntry(encUp, session, 1, '483920')
  assert.notEqual(sealEntry(encUp, session, 2, '483920'), entry)
  assert.equal(openEntry(encUp, session, 2, entry), null)
  assert.equal(openEntry(encUp, 'B'.repeat(43), 1, entry), null)
  assert.equal(openEntry(linkKeys(new Uint8Array(32), 2).encUp, session, 1, entry), null)
})

test('a session takes exactly 16 bytes of each side', () => {
  const half = 'AAAAAAAAAAAAAAAAAAAAAA'
  assert.equal(sessionOf(half, half), 'A'.repeat(43))
  for (const other of ['', 'AAAAAAAAAAAAAAAAAAAAA', 'AAAAAAAAAAAAAAAAAAAA', 'AAAAAAAAAAAAAAAAAAAAAAA', 'AAAAAAAAAAAAAAAAAAAAAB', 'AAAAAAAAAAAAAAAAAAAA==', 'AAAAAAAAAAAAAAAAAAAA+A']) {
    assert.equal(sessionOf(half, other), null, other)
    assert.equal(sessionOf(other, half), null, other)
  }
})

test('numbers may be left out but never come again', () => {
  assert.ok(acceptsNext(session, 0, { s: session, n: 1 }))
  assert.ok(acceptsNext(session, 1, { s: session, n: 9 }))
  assert.ok(!acceptsNext(session, 9, { s: session, n: 9 }))
  assert.ok(!acceptsNext(session, 9, { s: session, n: 2 }))
  assert.ok(!acceptsNext(null, 0, { s: session, n: 1 }))
  assert.ok(!acceptsNext(session, 0, { s: 'B'.repeat(43), n: 1 }))
})
