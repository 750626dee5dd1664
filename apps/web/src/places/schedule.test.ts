import assert from 'node:assert/strict'
import { test } from 'node:test'
import { daysText, isOverMidnight, minuteOf, scheduleOf, timeText } from './schedule.ts'

test('hours are read from a form and written into a sentence', () => {
  assert.deepEqual(['00:00', '08:30', '23:59', '24:00', '8:00', ''].map(minuteOf), [0, 510, 1439, null, null, null])
  assert.deepEqual([0, 510, 1440].map(timeText), ['00:00', '08:30', '24:00'])
  assert.equal(daysText([1, 2, 3, 4, 5], 'en'), 'Mon–Fri')
  assert.equal(daysText([1, 2, 4, 5, 6, 7], 'de'), 'Mo, Di, Do–So')
  assert.equal(daysText([7], 'en'), 'Sun')
})

test('what is missing makes no schedule; midnight ends a day; an earlier end is on the next one', () => {
  assert.deepEqual(scheduleOf([{ days: [5, 1], from: '08:00', to: '00:00' }], true), { hours: [{ days: [1, 5], fromMinute: 480, toMinute: 1440 }], alsoOnHolidays: true })
  for (const draft of [{ days: [], from: '08:00', to: '18:00' }, { days: [1], from: '', to: '18:00' }, { days: [1], from: '08:00', to: '' }]) assert.equal(scheduleOf([draft], false), null)
  assert.equal(scheduleOf([], false), null)
  assert.deepEqual(['18:00', '08:00', '07:00', '00:00', ''].map((to) => isOverMidnight({ days: [1], from: '08:00', to })), [false, true, true, false, false])
})
