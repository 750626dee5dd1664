import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groupDigits } from './group-digits.ts'

test('digits come in groups of three or four, none lost', () => {
  const told = ['4829', '482917', '4829171', '48291764', '482917645', '4829176451', '48291764512', '482917645123'].map(digits => groupDigits(digits).join(' '))
  assert.deepEqual(told, ['4829', '482 917', '482 9171', '4829 1764', '482 917 645', '482 917 6451', '482 9176 4512', '482 917 645 123'])
})
