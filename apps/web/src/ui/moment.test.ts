import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countdownText, momentText, relativeText } from './moment.ts'

const moment = Date.UTC(2026, 10, 21, 0, 3, 7)

test('moments are told in the site\'s zone, on 24 hours, midnight as 00', () => {
  const lisbon = { language: 'en', timeZone: 'Europe/Lisbon' }
  assert.equal(momentText(moment, { ...lisbon, style: 'time' }), '00:03')
  assert.equal(momentText(moment, { ...lisbon, style: 'seconds' }), '00:03:07')
  assert.equal(momentText(moment, { language: 'en', timeZone: 'America/New_York', style: 'day' }), '20 Nov 2026')
  assert.equal(momentText(moment, { language: 'de', timeZone: 'Europe/Berlin', style: 'full' }), '21. Nov. 2026, 01:03:07')
})

test('spans are told in the largest unit that fits', () => {
  const told = (ms: number): string => relativeText(moment - ms, moment, 'en')
  assert.deepEqual([4000, 42_000, 180_000, 7_200_000, 86_400_000, -120_000].map(told), ['now', '42 seconds ago', '3 minutes ago', '2 hours ago', 'yesterday', 'in 2 minutes'])
})

test('a countdown counts a begun second as whole and never goes below zero', () => {
  assert.deepEqual([300_000, 299_999, 299_000, 1, 0, -5000, 3_723_000].map(countdownText), ['5:00', '5:00', '4:59', '0:01', '0:00', '0:00', '1:02:03'])
})
