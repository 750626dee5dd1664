import assert from 'node:assert/strict'
import { test } from 'node:test'
import { challengeHash, readerHash } from './codeHash.ts'
import { keyRing, type KeyRing } from './keyring.ts'

const binding = { tenant: 'house', purpose: 'unlock', scope: 'reader-1' }

test('the hashed texts are these: live codes of every installation depend on them', () => {
  const plain: KeyRing = { current: 'k', keyIds: ['k'], hmac: (keyId, message) => `${keyId}: ${message}` }
  assert.equal(readerHash(plain, 'k', binding, '0042'), 'k: keypad\nhouse\nunlock\nreader-1\n0042')
  assert.equal(challengeHash(plain, 'k', binding, 7, '0042'), 'k: challenge\nhouse\nunlock\nreader-1\n7\n0042')
})

test('golden values under a key of 32 bytes 0x01', () => {
  const keys = keyRing([{ id: 'k', key: new Uint8Array(32).fill(1) }])
  assert.equal(readerHash(keys, 'k', binding, '123456'), '311ada308dad0ae141603388500f3a12736ec0a80880afd89f22e2f56872eed6')
  assert.equal(challengeHash(keys, 'k', binding, 1, '123456'), 'c6fd1ad93d8660f12966144644ed21c6a9bf757faa99ab9d7b8ce7c09ff579df')
})
