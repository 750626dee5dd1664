import assert from 'node:assert/strict'
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { toHex, utf8 } from './bytes.ts'
import { hmacSha256, sha256 } from './sha256.ts'

const hash = (message: Uint8Array): string => toHex(sha256(message))
const hmac = (key: Uint8Array, message: Uint8Array): string => toHex(hmacSha256(key, message))
const bytes = (count: number, value: number): Uint8Array => new Uint8Array(count).fill(value)
const upTo = (last: number): Uint8Array => Uint8Array.from({ length: last }, (_, i) => i + 1)

test('SHA-256 gives the digests of FIPS 180-4', () => {
  const vectors: [string, string][] = [
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1'],
    ['abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu',
      'cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1'],
    ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0']
  ]
  for (const [message, digest] of vectors) assert.equal(hash(utf8(message)), digest)
})

test('HMAC-SHA-256 gives the codes of RFC 4231', () => {
  const vectors: [Uint8Array, Uint8Array, string][] = [
    [bytes(20, 0x0b), utf8('Hi There'), 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    [utf8('Jefe'), utf8('what do ya want for nothing?'), '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
    [bytes(20, 0xaa), bytes(50, 0xdd), '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'],
    [upTo(25), bytes(50, 0xcd), '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b'],
    [bytes(131, 0xaa), utf8('Test Using Larger Than Block-Size Key - Hash Key First'), '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54'],
    [bytes(131, 0xaa), utf8('This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.'),
      '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2']
  ]
  for (const [key, message, code] of vectors) assert.equal(hmac(key, message), code)
  // Test case 5 of the RFC is truncated to 128 bits.
  assert.equal(hmac(bytes(20, 0x0c), utf8('Test With Truncation')).slice(0, 32), 'a3b6167473100ee06e0c796c2955552b')
})

test('both agree with the platform on random bytes of every length up to 300', () => {
  for (let length = 0; length <= 300; length++) {
    const message = randomBytes(length)
    const key = randomBytes(300 - length)
    const told = `message ${message.toString('hex')} key ${key.toString('hex')}`
    assert.equal(hash(message), createHash('sha256').update(message).digest('hex'), told)
    assert.equal(hmac(key, message), createHmac('sha256', key).update(message).digest('hex'), told)
  }
})

test('a view into a larger buffer is hashed as what it shows', () => {
  const whole = utf8('xxabcxx')
  assert.equal(hash(whole.subarray(2, 5)), hash(utf8('abc')))
  assert.equal(hmac(whole.subarray(0, 2), whole.subarray(2, 5)), hmac(utf8('xx'), utf8('abc')))
})

test('nothing that was given is changed', () => {
  const key = bytes(100, 1)
  const message = bytes(100, 2)
  hmacSha256(key, message)
  assert.deepEqual([key, message], [bytes(100, 1), bytes(100, 2)])
})
