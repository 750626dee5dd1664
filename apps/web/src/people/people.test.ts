import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mayChange, mayGive, mayRecover } from './roles.ts'
import { lengths, longestMs, windowOf } from './window.ts'

test('nobody gives more than they have, nobody changes who stands above', () => {
  assert.deepEqual(mayGive('operator'), ['member', 'operator'])
  assert.equal(mayGive('owner').length, 4)
  assert.ok(mayChange('admin', 'admin'))
  assert.ok(!mayChange('operator', 'admin'))
})

test('an account is recovered from above; owners have nobody above them, and whoever never came has nothing to lose', () => {
  const of = (role: 'operator' | 'owner', state: 'active' | 'invited' = 'active', lastSeen: number | null = 1) => ({ role, state, lastSeen })
  assert.ok(mayRecover('admin', of('operator')))
  assert.ok(!mayRecover('operator', of('operator')))
  assert.ok(!mayRecover('operator', of('operator', 'invited')), 'after a reset')
  assert.ok(mayRecover('operator', of('operator', 'invited', null)))
  assert.ok(mayRecover('owner', of('owner')))
  assert.ok(!mayRecover('admin', of('owner', 'invited', null)))
})

test('a window from now on leaves its start to the server', () => {
  assert.deepEqual(windowOf('hour', 1, 2, 1000), { expiresAt: 1000 + lengths.hour })
})

test('an own window is checked before it is sent', () => {
  assert.deepEqual(windowOf('own', 2000, 3000, 1000), { validFrom: 2000, expiresAt: 3000 })
  assert.deepEqual(windowOf('own', 500, 3000, 1000), { expiresAt: 3000 }, 'a start in the past is now')
  assert.deepEqual(windowOf('own', null, 3000, 1000), { expiresAt: 3000 })
  assert.equal(windowOf('own', null, null, 1000), 'endNeeded')
  assert.equal(windowOf('own', null, 1000, 1000), 'past')
  assert.equal(windowOf('own', 3000, 3000, 1000), 'backwards')
  assert.equal(windowOf('own', null, 1001 + longestMs, 1000), 'tooLong')
  assert.deepEqual(windowOf('own', 2000, 2000 + longestMs, 1000), { validFrom: 2000, expiresAt: 2000 + longestMs })
})
