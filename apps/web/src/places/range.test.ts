import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expandRange } from './range.ts'

test('ranges and names are spelled out in order', () => {
  assert.deepEqual(expandRange('A01-A03, B1 - B2,Parcel,'), { names: ['A01', 'A02', 'A03', 'B1', 'B2', 'Parcel'] })
  assert.deepEqual(expandRange('A09-A11'), { names: ['A09', 'A10', 'A11'] })
  assert.deepEqual(expandRange('8-10'), { names: ['8', '9', '10'] })
  assert.deepEqual(expandRange('Left-hand'), { names: ['Left-hand'] })
  assert.deepEqual(expandRange('A7-A7'), { names: ['A7'] })
  assert.deepEqual(expandRange('A09-11; B1–B2\nC'), { names: ['A09', 'A10', 'A11', 'B1', 'B2', 'C'] })
})

test('what is not right is named', () => {
  assert.deepEqual(expandRange(' , '), { problem: 'empty', part: '' })
  assert.deepEqual(expandRange('A1,A12-A01'), { problem: 'backwards', part: 'A12-A01' })
  assert.deepEqual(expandRange('A1-B4'), { problem: 'mismatch', part: 'A1-B4' })
  assert.deepEqual(expandRange('A1-A3,a2'), { problem: 'twice', part: 'a2' })
  assert.deepEqual(expandRange('A1-A999999999'), { problem: 'tooMany', part: 'A1-A999999999' })
  assert.deepEqual(expandRange('A1-A300,B1-B300'), { problem: 'tooMany', part: 'B1-B300' })
  assert.deepEqual(expandRange('x'.repeat(81)), { problem: 'tooLong', part: 'x'.repeat(81) })
  assert.ok('names' in expandRange('A001-A500'))
})
