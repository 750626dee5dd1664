import assert from 'node:assert/strict'
import { test } from 'node:test'
import { offsetIn } from './zone.ts'

const HOUR = 3_600_000

test('the clocks of a zone, also around the moment when they change; an unknown one is UTC', () => {
  const berlin = offsetIn('Europe/Berlin')
  assert.deepEqual([Date.UTC(2026, 2, 29, 1) - 1, Date.UTC(2026, 2, 29, 1), Date.UTC(2026, 9, 25, 1) - 1, Date.UTC(2026, 9, 25, 1)].map(berlin), [HOUR, 2 * HOUR, 2 * HOUR, HOUR])
  assert.equal(offsetIn('Asia/Kathmandu')(0), 5.5 * HOUR)
  assert.equal(offsetIn('America/New_York')(Date.UTC(2026, 0, 1)), -5 * HOUR)
  assert.equal(offsetIn('Nowhere/Atlantis')(Date.UTC(2026, 6, 1)), 0)
})
