import assert from 'node:assert/strict'
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { toHex, utf8 } from './bytes.ts'
import { hmacSha1, sha1 } from './sha1.ts'

const hash = (message: Uint8Array): string => toHex(sha1(message))
const hmac = (key: Uint8Array, message: Uint8Array): string => toHex(hmacSha1(key, message))
const bytes = (count: number, value: number): Uint8Array => new Uint8Array(count).fill(value)
const upTo = (last: number): Uint8Array => Uint8Array.from({ length: last }, (_, i) => i + 1)

test('SHA-1 gives the digests of FIPS 180-4', () => {
  const vectors: [string, string][] = [
    ['', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
    ['abc', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    ['abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', '84983e441c3bd26ebaae4aa1f95129e5e54670f1'],
    ['abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu', 'a49b2446a02c645bf419f995b67091253a04a259'],
    ['a'.repeat(1_000_000), '34aa973cd4c4daa4f61eeb2bdbad27316534016f']
  ]
  for (const [message, digest] of vectors) assert.equal(hash(utf8(message)), digest)
})

test('HMAC-SHA-1 gives the codes of RFC 2202', () => {
  const vectors: [Uint8Array, Uint8Array, string][] = [
    [bytes(20, 0x0b), utf8('Hi There'), 'b617318655057264e28bc0b6fb378c8ef146be00'],
    [utf8('Jefe'), utf8('what do ya want for nothing?'), 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79'],
    [bytes(20, 0xaa), bytes(50, 0xdd), '125d7342b9ac11cd91a39af48aa17b4f63f175d3'],
    [upTo(25), bytes(50, 0xcd), '4c9007f4026250c6bc8414f9bf50c86c2d7235da'],
    [bytes(20, 0x0c), utf8('Test With Truncation'), '4c1a03424b55e07fe7f27be1d58bb9324a9a5a04'],
    [bytes(80, 0xaa), utf8('Test Using Larger Than Block-Size Key - Hash Key First'), 'aa4ae5e15272d00e95705637ce8a3b55ed402112'],
    [bytes(80, 0xaa), utf8('Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data'), 'e8e99d0f45237d786d6bbaa7965c7808bbff1a91']
  ]
  for (const [key, message, code] of vectors) assert.equal(hmac(key, message), code)
})

test('both agree with the platform on random bytes of every length up to 300', () => {
  for (let length = 0; length <= 300; length++) {
    const message = randomBytes(length)
    const key = randomBytes(300 - length)
    const told = `message ${message.toString('hex')} key ${key.toString('hex')}`
    assert.equal(hash(message), createHash('sha1').update(message).digest('hex'), told)
    assert.equal(hmac(key, message), createHmac('sha1', key).update(message).digest('hex'), told)
  }
})

test('a key of exactly one block is used as it is, and one byte more is hashed', () => {
  for (const length of [63, 64, 65]) {
    assert.equal(hmac(bytes(length, 7), utf8('x')), createHmac('sha1', bytes(length, 7)).update('x').digest('hex'), String(length))
  }
})

test('a view into a larger buffer is hashed as what it shows, and nothing that was given is changed', () => {
  const whole = utf8('xxabcxx')
  assert.equal(hash(whole.subarray(2, 5)), hash(utf8('abc')))
  assert.equal(hmac(whole.subarray(0, 2), whole.subarray(2, 5)), hmac(utf8('xx'), utf8('abc')))
  assert.deepEqual(whole, utf8('xxabcxx'))
})
