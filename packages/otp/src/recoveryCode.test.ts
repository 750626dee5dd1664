import assert from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { challengeHash, readerHash } from './codeHash.ts'
import { keyRing, type KeyRing } from './keyring.ts'
import { drawRecoveryCode, normalRecoveryCode, recoveryHash } from './recoveryCode.ts'
import { seededBytes } from './stores/testing/world.ts'

const keys = keyRing([{ id: 'k', key: new Uint8Array(32).fill(1) }])
const whose = { tenant: 'house', person: 'ada' }
const code = 'K7WQ2-94XMC-DH3TR'

test('a code has three groups of five signs, each of 25, and at least 64 bits', () => {
  const signs = new Set<string>()
  for (let i = 0; i < 500; i++) {
    const drawn = drawRecoveryCode(randomBytes)
    assert.match(drawn, /^[2-9A-Z]{5}-[2-9A-Z]{5}-[2-9A-Z]{5}$/)
    for (const sign of drawn.replaceAll('-', '')) signs.add(sign)
  }
  assert.equal([...signs].sort().join(''), '23456789CDFGHJKMNPQRTVWXY')
  assert.ok(15 * Math.log2(signs.size) >= 64)
})

test('bytes of 250 and above are not used, so every sign is equally likely', () => {
  const bytes = [255, 0, 250, 24, 25, 249, 251, 252, 253, 254, 1]
  assert.equal(drawRecoveryCode(count => Uint8Array.from({ length: count }, (_, i) => bytes[i] ?? i)), '2Y2Y3-GHJKM-NPQR2')
})

test('all signs come equally often at every place', () => {
  // Chi-squared with 24 degrees of freedom stays below 80 for a fair source with a chance of 99.99999 %.
  const seed = randomBytes(4).readUInt32BE()
  const entropy = seededBytes(seed)
  const draws = 20_000
  const seen = Array.from({ length: 15 }, () => new Map<string, number>())
  for (let i = 0; i < draws; i++) {
    const drawn = drawRecoveryCode(entropy).replaceAll('-', '')
    seen.forEach((counts, place) => counts.set(drawn[place]!, (counts.get(drawn[place]!) ?? 0) + 1))
  }
  for (const counts of seen) {
    const chi = [...counts.values()].reduce((sum, n) => sum + (n - draws / 25) ** 2 / (draws / 25), 0)
    assert.ok(counts.size === 25 && chi < 80, `seed ${seed}: ${chi}`)
  }
})

test('more bytes are asked for until there are enough; a source that gives nothing random or too little is found out', () => {
  let asked = 0
  assert.equal(drawRecoveryCode(count => new Uint8Array(count).fill(++asked < 3 ? 255 : 3)), '55555-55555-55555')
  assert.equal(asked, 3)
  assert.throws(() => drawRecoveryCode(count => new Uint8Array(count).fill(250)), /does not give random bytes/)
  assert.throws(() => drawRecoveryCode(() => new Uint8Array(19)), /19 bytes instead of 20/)
})

test('spelling is undone: case, blanks, dashes of all kinds, look-alikes', () => {
  for (const typed of [code, code.toLowerCase(), 'k7wq294xmcdh3tr', ' K7WQ2 94XMC\tDH3TR\n', 'K7WQ2–94XMC—DH3TR', 'k7-wq2--94xm-cdh3tr', 'K7WQZ\u00a0-\u00a094XMC - DH3TR', 'k7wqz‑94xmc−dh3tr', '-K7WQ294XMCDH3TR-']) {
    assert.equal(normalRecoveryCode(typed), code, typed)
  }
  assert.equal(normalRecoveryCode('ZSBUz-sbuZS-BUzsb'), '258V2-58V25-8V258')
})

test('what is drawn is normal already, however it is typed afterwards', () => {
  const seed = randomBytes(4).readUInt32BE()
  const entropy = seededBytes(seed)
  const asTyped: Record<string, string> = { 2: 'Z', 5: 's', 8: 'B', V: 'u' }
  for (let round = 0; round < 2000; round++) {
    const drawn = drawRecoveryCode(entropy)
    const whims = entropy(drawn.length)
    const typed = [...drawn].map((sign, i) => {
      const whim = whims[i]! % 5
      if (whim === 0) return asTyped[sign] ?? sign.toLowerCase()
      return whim === 1 ? ` ${sign}` : whim === 2 && sign === '-' ? '' : sign
    }).join('')
    assert.equal(normalRecoveryCode(drawn), drawn, `seed ${seed} round ${round}`)
    assert.equal(normalRecoveryCode(typed), drawn, `seed ${seed} round ${round}: ${typed}`)
  }
})

test('other signs, too few and too many are no recovery code', () => {
  const rest = code.slice(1)
  for (const sign of '01OILAEoilae.@[`{/:ß٣é\0') assert.equal(normalRecoveryCode(sign + rest), null, sign)
  // Not letters of ASCII, though their upper case is.
  for (const sign of ['ſ', '\u212a']) assert.equal(normalRecoveryCode(sign + rest), null, sign)
  for (const text of ['', '-', rest, `${code}K`, `${code}-K`, code + code, 'K'.repeat(100_000)]) assert.equal(normalRecoveryCode(text), null, text.slice(0, 40))
})

test('the hashed text is this: the codes that people keep in drawers depend on it', () => {
  const plain: KeyRing = { current: 'k', keyIds: ['k'], hmac: (keyId, message) => `${keyId}: ${message}` }
  assert.equal(recoveryHash(plain, 'k', whose, code), `k: recovery\nhouse\nada\n${code}`)
  assert.equal(recoveryHash(keys, 'k', whose, code), createHmac('sha256', new Uint8Array(32).fill(1)).update(`recovery\nhouse\nada\n${code}`).digest('hex'))
  assert.equal(recoveryHash(keys, 'k', whose, code), 'aeacbef985a416cd14872349b11c568cae7fb1d74d27fe9708ef0f1669bbcd22')
})

test('another person, tenant, key or kind of code has another hash', () => {
  const ring = keyRing([{ id: 'new', key: new Uint8Array(32).fill(2) }, { id: 'k', key: new Uint8Array(32).fill(1) }])
  const binding = { tenant: 'house', purpose: 'ada', scope: code }
  const hashes = [
    recoveryHash(ring, 'k', whose, code), recoveryHash(ring, 'new', whose, code),
    recoveryHash(ring, 'k', { ...whose, person: 'bob' }, code), recoveryHash(ring, 'k', { ...whose, tenant: 'yard' }, code),
    recoveryHash(ring, 'k', { tenant: 'ada', person: 'house' }, code),
    readerHash(ring, 'k', binding, ''), readerHash(ring, 'k', { tenant: 'house', purpose: 'ada', scope: 'x' }, code), challengeHash(ring, 'k', { tenant: 'house', purpose: 'ada', scope: 'x' }, 1, code)
  ]
  assert.equal(new Set(hashes).size, hashes.length)
})

test('another spelling and names that hold a line feed are mistakes, and the code is not in the message', () => {
  for (const other of [code.toLowerCase(), code.replaceAll('-', ''), `${code} `, 'ZSBUz-sbuZS-BUzsb', '']) {
    assert.throws(() => recoveryHash(keys, 'k', whose, other), new RangeError('That is no recovery code in its normal form.'))
  }
  assert.throws(() => recoveryHash(keys, 'k', { ...whose, person: 'a\nb' }, code), /^RangeError: person /)
  assert.throws(() => recoveryHash(keys, 'k', { ...whose, tenant: '' }, code), /^RangeError: tenant /)
})
