import assert from 'node:assert/strict'
import { createHmac, randomBytes, randomInt } from 'node:crypto'
import { test } from 'node:test'
import { keyedHmac, nodeHmac } from './hmac.ts'

/** RFC 4231, 4.2 to 4.5; its other vectors have keys that are longer than a block or a MAC that is cut. */
const vectors = [
  [Buffer.alloc(20, 0x0b), Buffer.from('Hi There'), 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
  [Buffer.from('Jefe'), Buffer.from('what do ya want for nothing?'), '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
  [Buffer.alloc(20, 0xaa), Buffer.alloc(50, 0xdd), '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'],
  [Buffer.from(Array.from({ length: 25 }, (_, i) => i + 1)), Buffer.alloc(50, 0xcd), '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b']
] as const

test('the vectors of RFC 4231', () => {
  for (const [key, message, mac] of vectors) assert.equal(Buffer.from(keyedHmac(key).bytes(message)).toString('hex'), mac)
})

test('the same as Node\'s, for keys and messages of any length, one after the other', () => {
  const hmac = nodeHmac()
  for (let i = 0; i < 2000; i++) {
    const key = randomBytes(randomInt(0, 65))
    const one = keyedHmac(key)
    for (const length of [0, randomInt(1, 200), 1023, 1024, 1025, randomInt(1, 5000)]) {
      const message = randomBytes(length)
      const text = 'ü漢🔑' + message.toString('latin1')
      const right = (what: Uint8Array | string): string => createHmac('sha256', key).update(what).digest('hex')
      assert.equal(one.hex(text), right(text))
      assert.equal(Buffer.from(one.bytes(message)).toString('hex'), right(message))
      assert.equal(Buffer.from(hmac(key, message)).toString('hex'), right(message))
    }
  }
})

test('a key that is longer than a block is refused', () => {
  assert.throws(() => keyedHmac(new Uint8Array(65)), RangeError)
})
