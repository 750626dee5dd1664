import assert from 'node:assert/strict'
import { test } from 'node:test'
import { farthestMs, halfHour, windowText, wrongHalfHour } from './half-hour.ts'

const at = (text: string): number => Date.parse(`2026-11-21T${text}Z`)

test('the nearest half hour, as far as it is still to come', () => {
  assert.deepEqual(halfHour(at('14:10'), at('14:10')), { from: at('14:10'), until: at('14:30') })
  assert.deepEqual(halfHour(at('14:20'), at('14:20')), { from: at('14:30'), until: at('15:00') })
  assert.deepEqual(halfHour(at('18:14:59'), at('14:10')), { from: at('18:00'), until: at('18:30') })
  assert.deepEqual(halfHour(at('18:15'), at('14:10')), { from: at('18:30'), until: at('19:00') })
})

test('not what is over, not more than 30 days ahead, not past the end of the access', () => {
  const now = at('14:10')
  const wrong = (from: number, endsAt: number | null = null): string | null => wrongHalfHour(halfHour(from, now), now, endsAt)
  assert.equal(wrong(now), null)
  assert.equal(wrong(at('13:30')), 'past')
  assert.equal(wrong(now + farthestMs - 600_000), null)
  assert.equal(wrong(now + farthestMs + 1_800_000), 'far')
  assert.equal(wrong(at('18:00'), at('18:30')), null)
  assert.equal(wrong(at('18:30'), at('18:30')), 'accessEnds')
})

test('told in the zone of the site, the day only once', () => {
  const [from, until] = [at('13:00'), at('13:30')]
  assert.match(windowText(from, until, { language: 'en', timeZone: 'Europe/Berlin' }), /^21 Nov 2026, 14:00\s?–\s?14:30$/)
  assert.match(windowText(from, until, { language: 'de', timeZone: 'Europe/Berlin' }), /^21\. Nov\.? 2026, 14:00\s?–\s?14:30/)
})
