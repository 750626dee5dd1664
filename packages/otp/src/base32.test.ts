import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Secret } from 'otpauth'
import { fromBase32, toBase32 } from './base32.ts'
import { utf8 } from './bytes.ts'

test('the vectors of RFC 4648, section 10, without padding', () => {
  const vectors = [['', '', ''], ['f', 'MY', '======'], ['fo', 'MZXQ', '===='], ['foo', 'MZXW6', '==='], ['foob', 'MZXW6YQ', '='], ['fooba', 'MZXW6YTB', ''], ['foobar', 'MZXW6YTBOI', '======']] as const
  for (const [text, code, padding] of vectors) {
    assert.equal(toBase32(utf8(text)), code)
    assert.deepEqual(fromBase32(code), utf8(text))
    assert.deepEqual(fromBase32(code + padding), utf8(text))
  }
})

test('it goes both ways, as another library writes it', () => {
  const seed = randomBytes(4).readInt32BE()
  fc.assert(fc.property(fc.uint8Array({ maxLength: 70 }), bytes => {
    const text = toBase32(bytes)
    assert.equal(text, new Secret({ buffer: Uint8Array.from(bytes).buffer }).base32)
    assert.deepEqual(fromBase32(text), bytes)
    assert.deepEqual(fromBase32(text.toLowerCase().split('').join(' ')), bytes)
    assert.deepEqual(fromBase32(text.padEnd(Math.ceil(text.length / 8) * 8, '=')), bytes)
  }), { seed, numRuns: 1000 })
})

test('as people copy it: lower case, groups, padding, a line\'s end', () => {
  for (const text of ['mzxw 6ytb oi', 'MZXW6YTB OI== ====\n', ' MZXW6YTBOI\t', 'mZxW\u00a06yTb\u202fOi']) {
    assert.deepEqual(fromBase32(text), utf8('foobar'), JSON.stringify(text))
  }
})

test('other signs, lengths, padding and stray bits give null', () => {
  const none = ['0', '1', '8', '9', 'MZXW0YTB', 'MZXW1YTB', 'MZXW8YTB', 'MZXW9YTB', 'MZXW@YTB', 'MZXW[YTB', 'MZXW`YTB', 'MZXW{YTB', 'MZXW-YTB', 'MZXW/YTB', 'MZXWéYTB',
    'M', 'A', 'MYA', 'MZXW6A', 'MZXW6YTBA', 'MZX', 'MZXW6Y', 'MZXW6YTBO', 'MZ', 'MZXR', 'MZXW7', 'MZXW6YR',
    '=', '========', 'MY=', 'MY=======', 'MZXW6YTB=', 'MZXW6YTB========', 'MZXW6YQ==', '=MZXW6YQ', 'MY==MY==', 'M=======']
  for (const text of none) assert.equal(fromBase32(text), null, text)
})
