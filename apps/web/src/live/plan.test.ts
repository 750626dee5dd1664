import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccessPoint } from '@oncekey/protocol/schemas'
import { columnsOf, count, inSteelOrder, isOpen, unheardOf } from './plan.ts'

const point = (name: string, lock: number): AccessPoint => ({ id: name, kind: 'compartment', name, bankId: 'b', place: 'Bank A', controllerId: null, lock, recipients: [] })

test('compartments stand by the number of their lock; without one, by name behind', () => {
  const points = [point('A10', 0), point('C', 2), point('A2', 0), point('D', 1)]
  assert.deepEqual(inSteelOrder(points).map(each => each.name), ['D', 'C', 'A2', 'A10'])
  assert.equal(points[0]?.name, 'A10', 'the list that was given stays as it is')
})

test('a bank is wider than high, without a ragged row where that can be', () => {
  assert.deepEqual([1, 2, 3, 4, 6, 8, 12, 24, 50, 96].map(columnsOf), [1, 2, 3, 2, 3, 4, 4, 6, 10, 10])
  for (let n = 1; n <= 500; n++) assert.ok(columnsOf(n) >= 1 && columnsOf(n) <= Math.max(10, Math.ceil(Math.sqrt(n))), String(n))
})

test('open is what is unlocked or stands open; off line what was not heard of', () => {
  const closed = { ...unheardOf('a'), online: true, lockState: 'locked' as const, doorState: 'closed' as const }
  assert.ok(!isOpen(closed))
  assert.ok(isOpen({ ...closed, lockState: 'unlocked' }))
  for (const doorState of ['open', 'ajar', 'forcedOpen'] as const) assert.ok(isOpen({ ...closed, doorState }), doorState)
  assert.deepEqual(count([closed, { ...closed, lockState: 'unlocked' }, unheardOf('b'), { ...closed, online: false, doorState: 'open' }]), { openNow: 1, offline: 2 })
})
