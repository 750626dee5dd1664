import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changesAt, dateOf, opensAt, scheduleAt, type Calendar, type Hours } from './schedule.ts'

const HOUR = 3_600_000
const weekdays = [1, 2, 3, 4, 5]
const hours = (days: number[], from: string, to: string): Hours => ({ days, fromMinute: minuteOf(from), toMinute: minuteOf(to) })
const minuteOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))

/** Berlin in 2026: the clocks go forward on 29 March and back on 25 October, at 01:00 UTC. */
const berlin = (moment: number): number => (moment >= Date.UTC(2026, 2, 29, 1) && moment < Date.UTC(2026, 9, 25, 1) ? 2 : 1) * HOUR
function calendar (...all: Hours[]): Calendar & { on: (...dates: string[]) => Calendar, always: () => Calendar } {
  const plain: Calendar = { schedule: { hours: all, alsoOnHolidays: false }, holidays: [], offsetMs: berlin }
  return { ...plain, on: (...dates) => ({ ...plain, holidays: dates }), always: () => ({ ...plain, schedule: { hours: all, alsoOnHolidays: true } }) }
}
/** A moment by the wall clock of Berlin in winter, or with a third argument so many hours ahead of UTC. */
const at = (date: string, time: string, ahead = 1): number => Date.parse(`${date}T${time}:00Z`) - ahead * HOUR
const holds = (one: Calendar, moment: number): boolean => scheduleAt(one, moment).holds

test('office hours hold from their first minute up to, not including, their last', () => {
  const office = calendar(hours(weekdays, '08:00', '18:00'))
  const friday = '2026-11-20'
  assert.deepEqual(['07:59', '08:00', '17:59', '18:00'].map((time) => holds(office, at(friday, time))), [false, true, true, false])
  assert.equal(holds(office, at('2026-11-21', '12:00')), false, 'a Saturday')
  assert.equal(changesAt(office, at(friday, '17:00'), Infinity), at(friday, '18:00'))
  assert.equal(changesAt(office, at(friday, '18:00'), Infinity), at('2026-11-23', '08:00'), 'on Monday it holds again')
  assert.deepEqual([opensAt(office, at(friday, '17:00'), Infinity), opensAt(office, at(friday, '18:00'), Infinity)], [0, at('2026-11-23', '08:00')])
  assert.equal(changesAt(office, at(friday, '18:00'), at('2026-11-21', '08:00')), at('2026-11-21', '08:00'), 'nobody looks further than the limit')
})

test('a night shift belongs to the day on which it begins, and so do holidays', () => {
  const night = calendar(hours([5], '22:00', '06:00'))
  assert.deepEqual([at('2026-11-20', '21:59'), at('2026-11-20', '22:00'), at('2026-11-21', '05:59'), at('2026-11-21', '06:00')].map((moment) => holds(night, moment)), [false, true, true, false])
  assert.equal(holds(night, at('2026-11-20', '05:00')), false, 'Thursday had no shift')
  assert.equal(holds(night.on('2026-11-21'), at('2026-11-21', '05:00')), true, 'the Saturday is a holiday')
  assert.deepEqual(scheduleAt(night.on('2026-11-20'), at('2026-11-21', '05:00')), { isInHours: true, holds: false, holiday: '2026-11-20' })
  assert.equal(changesAt(night, at('2026-11-20', '23:00'), Infinity), at('2026-11-21', '06:00'))
})

test('a holiday ends what it falls on, unless the grant says otherwise', () => {
  const office = calendar(hours(weekdays, '08:00', '18:00'))
  const christmas = at('2026-12-25', '10:00')
  assert.equal(holds(office.on('2026-12-24'), christmas), true)
  assert.deepEqual(scheduleAt(office.on('2026-12-25'), christmas), { isInHours: true, holds: false, holiday: '2026-12-25' })
  assert.equal(holds({ ...office.always(), holidays: ['2026-12-25'] }, christmas), true)
  assert.equal(changesAt(office.on('2026-12-25'), at('2026-12-24', '18:00'), Infinity), at('2026-12-28', '08:00'))
})

test('whole days follow each other without a gap; from a minute to the same one is a day', () => {
  const all = calendar(hours([1, 2, 3, 4, 5, 6, 7], '00:00', '24:00'))
  assert.equal(changesAt(all, at('2026-11-20', '12:00'), at('2026-12-20', '12:00')), at('2026-12-20', '12:00'))
  const one = calendar(hours([3], '09:30', '09:30'))
  assert.deepEqual([at('2026-11-18', '09:29'), at('2026-11-18', '09:30'), at('2026-11-19', '09:29'), at('2026-11-19', '09:30')].map((moment) => holds(one, moment)), [false, true, true, false])
})

test('when the clocks go forward, what they skip is not there', () => {
  const early = calendar(hours([7], '01:30', '02:30'))
  const spring = '2026-03-29'
  assert.equal(holds(early, at(spring, '01:59')), true)
  assert.equal(holds(early, at(spring, '03:00', 2)), false, 'a minute later')
  assert.equal(changesAt(early, at(spring, '01:40'), Infinity), at(spring, '03:00', 2), 'half an hour instead of one')
  const skipped = calendar(hours([7], '02:00', '03:00'))
  assert.equal(changesAt(skipped, at(spring, '00:00'), at('2026-04-01', '00:00', 2)), at('2026-04-01', '00:00', 2), 'never on this day')
})

test('when the clocks go back, what is there twice holds both times', () => {
  const early = calendar(hours([7], '02:15', '02:45'))
  const autumn = '2026-10-25'
  assert.deepEqual([[2, '02:14'], [2, '02:15'], [2, '02:44'], [2, '02:45'], [1, '02:00'], [1, '02:15'], [1, '02:45']].map(([ahead, time]) => holds(early, at(autumn, String(time), Number(ahead)))),
    [false, true, true, false, false, true, false])
  assert.equal(changesAt(early, at(autumn, '02:20', 2), Infinity), at(autumn, '02:45', 2))
  assert.equal(changesAt(early, at(autumn, '02:45', 2), Infinity), at(autumn, '02:15'))
  const long = calendar(hours([7], '02:30', '05:00'))
  assert.equal(changesAt(long, at(autumn, '02:40', 2), Infinity), at(autumn, '02:00'), 'the clock says two again: before half past')
})

test('days have the dates of the calendar, also around leap days and before 1970', () => {
  for (let day = -800; day < 60_000; day += 1) assert.equal(dateOf(day), new Date(day * 86_400_000).toISOString().slice(0, 10))
  assert.equal(dateOf(-719_468), '0000-03-01')
})
