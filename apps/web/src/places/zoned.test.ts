import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromField, toField } from './zoned.ts'

test('the time in the field is the time on the wall at the site', () => {
  assert.equal(fromField('2026-11-21T14:03', 'Europe/Lisbon'), Date.UTC(2026, 10, 21, 14, 3))
  assert.equal(fromField('2026-07-21T14:03', 'Europe/Lisbon'), Date.UTC(2026, 6, 21, 13, 3))
  assert.equal(fromField('2026-11-21T14:03', 'Asia/Kolkata'), Date.UTC(2026, 10, 21, 8, 33))
  assert.equal(toField(Date.UTC(2026, 10, 21, 8, 33), 'Asia/Kolkata'), '2026-11-21T14:03')
})

test('the way there and back is the same around every change of the clocks', () => {
  const changes = { 'Europe/Berlin': ['2026-03-29', '2026-10-25'], 'America/St_Johns': ['2026-03-08', '2026-11-01'], 'Australia/Lord_Howe': ['2026-04-05', '2026-10-04'] }
  for (const [zone, day] of Object.entries(changes).flatMap(([zone, days]) => days.map(day => [zone, day] as const))) {
    const noon = Date.parse(`${day}T12:00Z`)
    for (let moment = noon - 86_400_000; moment < noon + 86_400_000; moment += 1_800_000) {
      const text = toField(moment, zone)
      const back = fromField(text, zone)
      // In autumn one wall time names two moments; either is right.
      assert.equal(back === null ? '' : toField(back, zone), text, `${zone} ${text}`)
    }
  }
})

test('a time that the clocks skip is the one after the jump', () => {
  assert.equal(fromField('2026-03-29T02:30', 'Europe/Berlin'), Date.UTC(2026, 2, 29, 1, 30))
})

test('what is no time is none', () => {
  for (const text of ['', 'tomorrow', '2026-13-01T00:00', '2026-01-01']) assert.equal(fromField(text, 'UTC'), null, text)
})
