import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { dailyChance, digitsFor, drawDigits, isCode } from './digits.ts'
import { seededBytes } from './stores/testing/world.ts'

test('bytes of 250 and above are not used, so every digit is equally likely', () => {
  assert.equal(drawDigits(4, count => Uint8Array.from({ length: count }, (_, i) => [255, 250, 249, 10, 251, 0, 7][i] ?? 0)), '9007')
})

test('all digits come equally often at every place', () => {
  // Chi-squared with 9 degrees of freedom stays below 40 for a fair source with a chance of 99.999 %.
  const seed = Number.parseInt(randomBytes(4).toString('hex'), 16)
  const entropy = seededBytes(seed)
  const draws = 20_000
  const seen = Array.from({ length: 4 }, () => Array.from({ length: 10 }, () => 0))
  for (let i = 0; i < draws; i++) {
    const code = drawDigits(4, entropy)
    seen.forEach((counts, place) => { counts[Number(code[place])]! += 1 })
  }
  for (const counts of seen) {
    const chi = counts.reduce((sum, n) => sum + (n - draws / 10) ** 2 / (draws / 10), 0)
    assert.ok(chi < 40, `seed ${seed}: ${chi} for ${counts.join()}`)
  }
})

test('more bytes are asked for until there are enough digits', () => {
  let asked = 0
  assert.equal(drawDigits(12, count => new Uint8Array(count).fill(++asked < 3 ? 255 : 3)), '333333333333')
  assert.equal(asked, 3)
})

test('a source that gives nothing random or too little is found out', () => {
  assert.throws(() => drawDigits(6, count => new Uint8Array(count).fill(255)), /does not give random bytes/)
  assert.throws(() => drawDigits(6, () => new Uint8Array(3)), /3 bytes instead of 16/)
})

test('a code has 4 to 12 digits', () => {
  for (const count of [3, 13, 4.5, NaN]) assert.throws(() => drawDigits(count, n => new Uint8Array(n)), RangeError)
  for (const code of ['0000', '123456789012']) assert.equal(isCode(code), true)
  for (const text of ['', '000', '1234567890123', '12 34', '12345/', '12345:', '٣٤٥٦', '-1234', '1234\n']) assert.equal(isCode(text), false, text)
})

test('digits follow from the live set: 1 -> 6, up to 11 -> 7, 119 -> 8, 1190 -> 9', () => {
  assert.deepEqual([1, 2, 11, 12, 119, 120, 1190, 1191].map(live => digitsFor(live)), [6, 7, 7, 8, 8, 9, 9, 10])
  assert.equal(digitsFor(1, { guessesPerDay: 10_000 }), 8)
  assert.equal(digitsFor(1, { dailyChance: 1e-6 }), 8)
  assert.equal(digitsFor(1_190_000), 12)
  assert.throws(() => digitsFor(1_190_477), RangeError)
  for (const live of [0, -1, 1.5, NaN]) assert.throws(() => digitsFor(live), RangeError)
})

test('the chance of a day of guessing is the live share times the guesses, and at most 1', () => {
  assert.equal(dailyChance(1, 6), 8.4e-5)
  assert.equal(dailyChance(0, 6), 0)
  assert.equal(dailyChance(2, 4, 100), 0.02)
  assert.equal(dailyChance(1000, 4), 1)
})
