import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditEvents } from './audit-events.ts'
import { eventsOf, neverErased } from './retention.ts'

test('each event is of one kind, or kept as long as the record is', () => {
  assert.deepEqual([...Object.values(eventsOf).flat(), ...neverErased].toSorted(), Object.keys(auditEvents).toSorted())
})
