import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { TOTP, URI } from 'otpauth'
import { utf8 } from './bytes.ts'
import { otpauthUri } from './keyUri.ts'
import { seededBytes } from './stores/testing/world.ts'
import { totp } from './totp.ts'

const secret = utf8('Hello!\xde\xad\xbe\xef longer')

test('the address, letter by letter', () => {
  assert.equal(otpauthUri({ issuer: 'Gym North', account: 'ada+door@example.org', secret: utf8('12345678901234567890') }),
    'otpauth://totp/Gym%20North:ada%2Bdoor%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Gym%20North&algorithm=SHA1&digits=6&period=30')
  assert.match(otpauthUri({ issuer: 'a', account: 'b', secret, digits: 8, period: 60, algorithm: 'sha256' }), /&issuer=a&algorithm=SHA256&digits=8&period=60$/)
})

test('a colon would end the issuer, so it becomes a blank; runs of blanks are one', () => {
  assert.match(otpauthUri({ issuer: ' Gym: North ', account: 'x:ada  l', secret }), /^otpauth:\/\/totp\/Gym%20North:x%20ada%20l\?secret=[A-Z2-7]+&issuer=Gym%20North&/)
})

test('an app that reads the address shows the names and has the same codes', () => {
  const seed = randomBytes(4).readUInt32BE()
  const entropy = seededBytes(seed)
  const names = ['Gym', 'Ruderverein Köln & Söhne', '100 % + 1/2? #3 = "a"\'s; [x]', '日本', '🔑 key', "it's (ours)!*~_.-", '%41%3A&issuer=x']
  for (let round = 0; round < 500; round++) {
    const [one = 0, two = 0, three = 0, length = 0] = entropy(4)
    const order = {
      issuer: names[one % names.length]!, account: `ada ${names[two % names.length]!}@example.org`, secret: entropy(16 + length % 50),
      digits: 6 + three % 3, period: 1 + three, algorithm: three % 2 === 0 ? 'sha1' : 'sha256'
    } as const
    const told = `seed ${seed} round ${round}`
    const address = otpauthUri(order)
    const theirs = URI.parse(address)
    assert.ok(theirs instanceof TOTP, told)
    assert.deepEqual([theirs.issuer, theirs.label, theirs.digits, theirs.period], [order.issuer, order.account, order.digits, order.period], told)
    assert.equal(theirs.generate({ timestamp: round * 1e9 }), totp({ ...order, now: round * 1e9 }), told)
    const url = new URL(address)
    assert.deepEqual([url.protocol, url.host, url.searchParams.get('issuer')], ['otpauth:', 'totp', order.issuer], told)
  }
})

test('names that are none and keys that make no codes are mistakes', () => {
  const order = { issuer: 'Gym', account: 'ada', secret }
  for (const name of ['', ' ', ':', 'a\nb', 'a\0', '\ud800', 'x'.repeat(257)]) {
    assert.throws(() => otpauthUri({ ...order, issuer: name }), /^RangeError: issuer /)
    assert.throws(() => otpauthUri({ ...order, account: name }), /^RangeError: account /)
  }
  assert.throws(() => otpauthUri({ ...order, secret: secret.subarray(1, 16) }), RangeError)
  assert.throws(() => otpauthUri({ ...order, digits: 9 }), RangeError)
  assert.throws(() => otpauthUri({ ...order, period: 0 }), RangeError)
})
