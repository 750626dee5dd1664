import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuditRow } from '@oncekey/protocol/schemas'
import { auditEvents } from '@oncekey/protocol/audit-events'
import { looksOf } from './looks.ts'
import { kinds } from './kinds.ts'
import { byDay, withRow } from './rows.ts'
import { addressOf, everything, fits, queryOf, readSearch } from './search.ts'

function row (seq: number, more: Partial<AuditRow> = {}): AuditRow {
  return { seq, time: seq * 1000, event: 'code.issued', severity: 'info', actor: null, subject: null, accessPoint: null, controller: null, reason: null, details: {}, ...more }
}
const numbers = (rows: readonly AuditRow[]): number[] => rows.map(each => each.seq)

test('new rows come first, late ones find their place, none comes twice, old ones go', () => {
  let rows: AuditRow[] = []
  for (const seq of [3, 5, 4, 5, 1]) rows = withRow(rows, row(seq), 4)
  assert.deepEqual(numbers(rows), [5, 4, 3, 1])
  assert.deepEqual(numbers(withRow(rows, row(6), 4)), [6, 5, 4, 3])
  assert.deepEqual(numbers(withRow(rows, row(2), 4)), [5, 4, 3, 2])
})

test('a new row joins a filtered page only if all filters fit', () => {
  const refused = row(1, { event: 'access.denied', severity: 'notice', subject: { id: 'ana', name: 'Ana' }, actor: { id: 'otto', name: 'Otto' }, accessPoint: { id: 'a07', name: 'A07' } })
  assert.ok(fits(refused, {}))
  assert.ok(fits(refused, { event: 'access.denied', severity: 'notice', personId: 'ana', accessPointId: 'a07' }))
  assert.ok(fits(refused, { personId: 'otto' }), 'who did it counts as well as whom it is about')
  for (const other of [{ event: 'access.granted' }, { severity: 'alarm' as const }, { personId: 'eve' }, { accessPointId: 'a08' }]) assert.ok(!fits(refused, other), JSON.stringify(other))
})

test('a new row joins a page of kinds, a reason, a time or a text only if it fits', () => {
  const refused = row(5, { event: 'access.denied', reason: 'wrong', actor: { id: 'ana', name: 'Ana' }, accessPoint: { id: 'a07', name: 'A07' } })
  const means = { people: [{ id: 'ana', name: 'Ana' }], accessPoints: [], reasons: [], hasMore: false }
  assert.ok(fits(refused, { event: 'code.issued,access.denied', reason: 'wrong', from: 5000, to: 5001 }))
  assert.ok(fits(refused, { text: 'an' }, means))
  assert.ok(fits(refused, { text: 'a0' }, { ...means, people: [], accessPoints: [{ id: 'a07', name: 'A07' }] }))
  assert.ok(fits(refused, { text: 'wr' }, { ...means, people: [], reasons: ['wrong'] }))
  for (const other of [{ event: 'code.issued' }, { reason: 'expired' as const }, { from: 5001 }, { to: 5000 }, { text: 'an' }]) assert.ok(!fits(refused, other), JSON.stringify(other))
  assert.ok(!fits(refused, { text: 'eve' }, { ...means, people: [{ id: 'eve', name: 'Eve' }] }))
})

test('a search comes back from its address as it was, and nonsense in an address is no filter', () => {
  const search = { text: 'bank a', kinds: ['code.issued', 'access.denied'], personId: 'p', accessPointId: 'a', severity: 'notice' as const, reason: 'wrong' as const, from: 12, to: 34 }
  const address = new URLSearchParams(Object.entries(addressOf(search)).flatMap(([name, value]) => value ? [[name, value]] : []))
  assert.deepEqual(readSearch(address), search)
  assert.deepEqual(queryOf(search), { text: 'bank a', event: 'code.issued,access.denied', personId: 'p', accessPointId: 'a', severity: 'notice', reason: 'wrong', from: 12, to: 34 })
  assert.deepEqual(readSearch(new URLSearchParams('severity=loud&reason=because&from=yesterday&to=-1&event=,;<')), everything)
  assert.deepEqual(queryOf(everything), {})
})

test('rows stand under their day', () => {
  const days = byDay([row(5), row(4), row(1)], moment => moment > 3000 ? 'today' : 'yesterday')
  assert.deepEqual(days.map(day => [day.day, numbers(day.rows)]), [['today', [5, 4]], ['yesterday', [1]]])
})

test('every alarm looks like one', () => {
  for (const event of kinds) {
    const { tone } = looksOf({ event, severity: auditEvents[event], details: {} })
    assert.equal(tone === 'alarm', auditEvents[event] === 'alarm', event)
  }
})
