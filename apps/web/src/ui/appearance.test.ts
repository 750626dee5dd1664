import assert from 'node:assert/strict'
import { test } from 'node:test'
import { appearance } from './appearance.ts'

test('what is worst is shown first', () => {
  assert.equal(appearance({ lockState: 'unlocked', doorState: 'forcedOpen' }).tone, 'alarm')
  assert.equal(appearance({ lockState: 'locked', doorState: 'jammed' }).text, 'state.jammed')
  assert.equal(appearance({ lockState: 'notFullyLocked', doorState: 'open' }).text, 'state.notFullyLocked')
  assert.equal(appearance({ lockState: 'unlocked', doorState: 'ajar' }).tone, 'attention')
})

test('locked is calm, open and unlocked are good, unmeasured is unknown', () => {
  assert.equal(appearance({ lockState: 'locked', doorState: 'closed' }).tone, 'calm')
  assert.equal(appearance({ lockState: 'unlocked', doorState: 'open' }).text, 'state.open')
  assert.equal(appearance({ lockState: 'unlocked', doorState: 'closed' }).text, 'state.unlocked')
  assert.equal(appearance({ lockState: 'unknown', doorState: 'closed' }).tone, 'unknown')
})
