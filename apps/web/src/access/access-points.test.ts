import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MyAccess } from '@oncekey/protocol/schemas'
import { byPlace, find } from './access-points.ts'

const entry = (name: string, place: string): MyAccess['access'][number] => ({
  accessPoint: { id: name, kind: 'compartment', name, bankId: null, place, controllerId: null, lock: 1, recipients: [] },
  state: { id: name, online: true, lockState: 'locked', doorState: 'closed', millivolts: 0, battery: 'ok', lockedOutUntil: null, lastOpenedAt: null, lastOpenedBy: null, standing: null },
  code: null, mayGetCodeAt: 0
})
const entries = [entry('A10', 'Bank A'), entry('A2', 'Bank A'), entry('Front door', 'Gym')]

test('places keep their order; A2 comes before A10', () => {
  assert.deepEqual(byPlace(entries, 'en').map(group => [group.place, ...group.entries.map(each => each.accessPoint.name)]), [['Bank A', 'A2', 'A10'], ['Gym', 'Front door']])
})

test('names and places are found whatever their case', () => {
  assert.deepEqual(find(entries, ' bank a a1').map(each => each.accessPoint.name), ['A10'])
  assert.equal(find(entries, 'GYM').length, 1)
  assert.equal(find(entries, '').length, 3)
})
