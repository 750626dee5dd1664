import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withoutBlanks } from './spelling.ts'

test('blanks go, wherever and of whatever width; everything else stays', () => {
  assert.equal(withoutBlanks(' 1\t2\n3\r4\u00a05\u20096\u202f7  '), '1234567')
  assert.equal(withoutBlanks(''), '')
  const others = 'aZ09-_.,\0\u200b\ufeff🔑é'
  assert.equal(withoutBlanks(others), others)
})
