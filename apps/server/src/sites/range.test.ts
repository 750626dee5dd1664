import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '../platform/problems.ts'
import { namesOfRange } from './range.ts'

function needs (text: string): string {
  try {
    return `fits: ${namesOfRange(text).length}`
  } catch (error) {
    assert.ok(error instanceof Error && 'code' in error && error.code === 'badRequest')
    assert.ok(error instanceof Problem)
    return (error.body().errors ?? []).map((one) => `${one.field} ${one.needs}`).join()
  }
}

test('ranges are counted up with the zeros of the first number', () => {
  assert.deepEqual(namesOfRange('A01-A04'), ['A01', 'A02', 'A03', 'A04'])
  assert.deepEqual(namesOfRange('A8-A11'), ['A8', 'A9', 'A10', 'A11'])
  assert.deepEqual(namesOfRange('A098-A101'), ['A098', 'A099', 'A100', 'A101'])
  assert.deepEqual(namesOfRange('1 - 3'), ['1', '2', '3'])
  assert.deepEqual(namesOfRange('A01-03'), ['A01', 'A02', 'A03'])
  assert.deepEqual(namesOfRange('Row 2 no. 1–Row 2 no. 3'), ['Row 2 no. 1', 'Row 2 no. 2', 'Row 2 no. 3'])
  assert.deepEqual(namesOfRange('A-1-A-3'), ['A-1', 'A-2', 'A-3'])
  assert.deepEqual(namesOfRange('Ä1-Ä2'), ['Ä1', 'Ä2'])
  assert.equal(namesOfRange('A001-A500').length, 500)
})

test('several ranges and names, with commas and stray spaces', () => {
  assert.deepEqual(namesOfRange(' A01-A02 ,B01,, Parcel , top-left,'), ['A01', 'A02', 'B01', 'Parcel', 'top-left'])
  assert.deepEqual(namesOfRange('A1;A2\nA3'), ['A1', 'A2', 'A3'])
})

test('what can not be meant is named with its part', () => {
  assert.match(needs(''), /^range names at least one/)
  assert.match(needs(' , ,'), /^range names at least one/)
  assert.match(needs('A05-A01'), /"A05-A01": the first number must not be larger/)
  assert.match(needs('A01-B05'), /"A01-B05": both ends must begin with the same letters/)
  assert.match(needs('A01-A03,a02'), /names "a02" twice/)
  assert.match(needs('A001-A501'), /more than 500/)
  assert.match(needs('A001-A300,B001-B300'), /more than 500/)
  assert.match(needs('A1-A999999999'), /more than 500/)
  assert.match(needs('x'.repeat(81)), /longer than 80/)
  assert.match(needs('A\u00011'), /can not be shown/)
})

test('no text of any kind takes long', () => {
  for (const text of ['-'.repeat(2000), '1-'.repeat(1000), 'A1'.repeat(1000), ' '.repeat(1999) + '-', 'A'.repeat(999) + '-' + '1'.repeat(999), ','.repeat(2000)]) {
    const from = performance.now()
    needs(text)
    assert.ok(performance.now() - from < 500, text.slice(0, 10))
  }
})
