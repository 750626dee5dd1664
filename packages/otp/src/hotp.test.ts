import assert from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { HOTP, Secret } from 'otpauth'
import { utf8 } from './bytes.ts'
import { hotp } from './hotp.ts'
import { seededBytes } from './stores/testing/world.ts'

const secret = utf8('12345678901234567890')

/** RFC 4226 section 5.3 once more, from the platform's HMAC and in other arithmetic. */
function byThePlatform (algorithm: string, key: Uint8Array, counter: number, digits: number): string {
  const moving = Buffer.alloc(8)
  moving.writeBigUInt64BE(BigInt(counter))
  const mac = createHmac(algorithm, key).update(moving).digest()
  const at = Number.parseInt(mac.toString('hex').slice(-1), 16)
  const bits = mac.readUInt32BE(at).toString(2).padStart(32, '0').slice(1)
  return Number.parseInt(bits, 2).toString().padStart(10, '0').slice(-digits)
}

test('the codes of RFC 4226, appendix D', () => {
  const truncated = ['1284755224', '1094287082', '0137359152', '1726969429', '1640338314', '0868254676', '1918287922', '0082162583', '0673399871', '0645520489']
  truncated.forEach((decimal, counter) => {
    assert.equal(hotp({ secret, counter }), decimal.slice(-6))
    for (const digits of [6, 7, 8]) assert.equal(hotp({ secret, counter, digits }), decimal.slice(-digits))
  })
})

test('6 digits and SHA-1 are what one gets without asking', () => {
  assert.equal(hotp({ secret, counter: 5 }), hotp({ secret, counter: 5, digits: 6, algorithm: 'sha1' }))
  assert.notEqual(hotp({ secret, counter: 5 }), hotp({ secret, counter: 5, algorithm: 'sha256' }))
})

test('counters of all eight bytes, up to 2^53-1', () => {
  for (const counter of [0, 1, 255, 256, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 40, 2 ** 52, 2 ** 53 - 2, 2 ** 53 - 1]) {
    assert.equal(hotp({ secret, counter }), byThePlatform('sha1', secret, counter, 6), String(counter))
  }
})

test('thousands of random keys and counters agree with the platform and with another library', () => {
  const seed = randomBytes(4).readUInt32BE()
  const entropy = seededBytes(seed)
  for (let round = 0; round < 4000; round++) {
    const [length = 0, width = 0, choice = 0] = entropy(3)
    const key = entropy(16 + length % 60)
    const counter = Number(Buffer.from(entropy(8)).readBigUInt64BE() >> BigInt(11 + width % 53))
    const digits = 6 + choice % 3
    const algorithm = choice & 128 ? 'sha256' : 'sha1'
    const told = `seed ${seed} round ${round}`
    const code = hotp({ secret: key, counter, digits, algorithm })
    assert.equal(code, byThePlatform(algorithm, key, counter, digits), told)
    const theirs = new HOTP({ secret: new Secret({ buffer: Uint8Array.from(key).buffer }), algorithm, digits })
    assert.equal(code, theirs.generate({ counter }), told)
  }
})

test('a secret below 16 bytes, other digits and no counter are mistakes', () => {
  assert.match(hotp({ secret: new Uint8Array(16), counter: 0 }), /^\d{6}$/)
  assert.throws(() => hotp({ secret: new Uint8Array(15), counter: 0 }), new RangeError('The secret has 15 bytes; it needs at least 16.'))
  for (const digits of [5, 9, 6.5, NaN]) assert.throws(() => hotp({ secret, counter: 0, digits }), RangeError, String(digits))
  for (const counter of [-1, 0.5, 2 ** 53, NaN, Infinity]) assert.throws(() => hotp({ secret, counter }), RangeError, String(counter))
})
