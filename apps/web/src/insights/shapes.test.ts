import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bars, busiest, isPeriod, spanText, voltText, weekdays } from './shapes.ts'

test('periods end after they begin, and are at most 400 days', () => {
  assert.deepEqual([isPeriod('2026-01-01', '2026-01-01'), isPeriod('2026-01-02', '2026-01-01'), isPeriod('2025-01-01', '2026-02-04'), isPeriod('2025-01-01', '2026-02-05'), isPeriod('', '2026-01-01')], [true, false, true, false, false])
})

test('the busiest hour, bars without gaps, and words', () => {
  const week = Array.from({ length: 7 }, () => Array.from({ length: 24 }, () => 0))
  assert.equal(busiest(week), null)
  week[2] = week[2]?.map((_, hour) => hour === 17 ? 4 : 1) ?? []
  assert.deepEqual(busiest(week), { weekday: 2, hour: 17, openings: 4 })
  assert.deepEqual(bars([]), [])
  assert.deepEqual(bars([{ toMs: 1.2 ** 20, openings: 3 }, { toMs: 1.2 ** 23, openings: 1 }]).map(each => each.openings), [3, 0, 0, 1])
  assert.deepEqual([spanText(640, 'en'), spanText(1_900, 'en'), voltText(3_456, 'de')], ['640 ms', '1.9 sec', '3,46 V'])
  assert.deepEqual([weekdays('en', 'short')[0], weekdays('de', 'long')[6]], ['Mon', 'Sonntag'])
})
