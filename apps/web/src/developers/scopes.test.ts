import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scopesFault } from './scopes.ts'

test('a key may do several things, but that of an old page does nothing else, and none does nothing', () => {
  assert.equal(scopesFault(['verifications', 'verifications:read']), null)
  assert.equal(scopesFault(['compat']), null)
  assert.equal(scopesFault(['verifications:read', 'compat']), 'dev.scopesApart')
  assert.equal(scopesFault([]), 'dev.scopesNone')
})
