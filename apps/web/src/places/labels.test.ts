import assert from 'node:assert/strict'
import { test } from 'node:test'
import { baseOf, inSheets, labelAddress, typedAddress } from './labels.ts'

test('labels lead to the public address, also in a folder of it; without one to where the page came from', () => {
  assert.equal(labelAddress(baseOf('https://keys.example.org/', 'http://127.0.0.1:8080/places'), 'a1'), 'https://keys.example.org/at/a1')
  assert.equal(labelAddress(baseOf('https://example.org/keys/', 'http://127.0.0.1:8080/'), 'a1'), 'https://example.org/keys/at/a1')
  assert.equal(labelAddress(baseOf(null, 'http://10.0.0.7:8080/keys/'), 'a1'), 'http://10.0.0.7:8080/keys/at/a1')
})

test('to type, https:// is left out, as browsers add it; http:// is not', () => {
  assert.equal(typedAddress('https://keys.example.org'), 'keys.example.org')
  assert.equal(typedAddress('http://10.0.0.7:8080'), 'http://10.0.0.7:8080')
})

test('every label is on one sheet, in order; the last sheet may be short, and none is empty', () => {
  const labels = Array.from({ length: 23 }, (_, i) => i)
  assert.deepEqual(inSheets(labels).map(sheet => sheet.length), [10, 10, 3])
  assert.deepEqual(inSheets(labels).flat(), labels)
  assert.deepEqual(inSheets([]), [])
  assert.equal(inSheets(labels.slice(0, 20)).length, 2)
})
