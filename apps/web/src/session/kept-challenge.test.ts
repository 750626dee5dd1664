import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digitsOf, presentOf, revive, type KeptChallenge } from './kept-challenge.ts'

const kept: KeptChallenge = {
  challenge: 'x'.repeat(31), digits: 6, sentAt: 1_000_000, expiresAt: 1_300_000, mayResendAt: 1_030_000, receivedAt: 5_000_000, triesLeft: 3, typed: { login: 'ana' }
}

test('a challenge outlives a reload until it expires by the server\'s clock, whatever this machine\'s says', () => {
  const text = JSON.stringify(kept)
  assert.deepEqual(revive(text, 5_299_999), kept)
  assert.equal(revive(text, 5_300_000), null)
  assert.equal(presentOf(kept, 5_010_000), 1_010_000)
})

test('one without tries, and what is no challenge, are of no use', () => {
  assert.equal(revive(JSON.stringify({ ...kept, triesLeft: 0 }), 5_000_000), null)
  for (const text of [null, '', 'null', '[]', '7', '{"challenge":1}', JSON.stringify({ ...kept, expiresAt: 'soon' }), JSON.stringify({ ...kept, typed: null })]) assert.equal(revive(text, 5_000_000), null, String(text))
})

test('a code may be pasted as it was written', () => {
  for (const typed of ['123456', ' 123 456 ', '123-456', '123\u00a0456', '１２３４５６']) assert.equal(digitsOf(typed), '123456', typed)
})
