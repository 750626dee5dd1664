import assert from 'node:assert/strict'
import { test } from 'node:test'
import { match } from './match.ts'

test('a pattern gives its named parts, decoded', () => {
  assert.deepEqual(match('/door/:controllerId', '/door/a%20b'), { controllerId: 'a b' })
  assert.deepEqual(match('/access', '/access/'), {})
})

test('a longer, shorter, other or malformed path is another page', () => {
  for (const path of ['/door', '/door/1/2', '/doors/1', '/door/%E0%A4%A']) assert.equal(match('/door/:controllerId', path), null, path)
})
