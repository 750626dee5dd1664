import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { certificateOf, isFingerprintOf } from './index.ts'

const pemOf = (bytes: Buffer, end = '\n'): string => `-----BEGIN CERTIFICATE-----${end}${(bytes.toString('base64').match(/.{1,64}/g) ?? []).join(end)}${end}-----END CERTIFICATE-----${end}`

test('a certificate comes out of its PEM byte for byte, whatever its length', () => {
  for (let length = 1; length < 200; length++) {
    const bytes = randomBytes(length)
    assert.deepEqual(certificateOf(`text before\n${pemOf(bytes, length % 2 ? '\n' : '\r\n')}${pemOf(randomBytes(9))}`), new Uint8Array(bytes))
  }
})

test('what is no certificate is none', () => {
  for (const text of ['', pemOf(Buffer.alloc(0)), '-----BEGIN CERTIFICATE-----AAAA', '-----END CERTIFICATE----- -----BEGIN CERTIFICATE-----', '-----BEGIN CERTIFICATE-----\nA?==\n-----END CERTIFICATE-----']) assert.equal(certificateOf(text), null)
})

test('an authority is known by its fingerprint, however that was written down', () => {
  const bytes = randomBytes(400)
  const print = createHash('sha256').update(bytes).digest('hex')
  const colons = (print.toUpperCase().match(/../g) ?? []).join(':')
  assert.equal(isFingerprintOf(pemOf(bytes), print), true)
  assert.equal(isFingerprintOf(pemOf(bytes), colons + ' '), true)
  assert.equal(isFingerprintOf(pemOf(randomBytes(400)), print), false)
  assert.equal(isFingerprintOf('', print), false)
})
