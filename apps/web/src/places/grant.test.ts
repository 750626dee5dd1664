import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Grant } from '@oncekey/protocol/schemas'
import { plain } from '../audit/sentence.ts'
import en from '../texts/en/operator.json' with { type: 'json' }
import { format } from '../texts/format.ts'
import { oneIn } from './chance.ts'
import { grantLimits, grantSentence, standing } from './grant.ts'

const grant: Grant = { id: 'g', personId: 'p', personName: 'Ana', accessPointId: 'a', accessPointName: 'A07', place: 'Bank A', startsAt: null, endsAt: null, createdAt: 0, schedule: null, maxUses: null, uses: 0, group: null }
const read = (more: Partial<Grant>): string => plain(grantSentence({ ...grant, ...more }, (key, params) => format(en, 'en', key, params), moment => `day ${moment}`))

test('a grant reads as a sentence', () => {
  assert.equal(read({}), 'Ana may open Bank A · A07')
  assert.equal(read({ startsAt: 1 }), 'Ana may open Bank A · A07 from day 1')
  assert.equal(read({ endsAt: 2 }), 'Ana may open Bank A · A07 until day 2')
  assert.equal(read({ startsAt: 1, endsAt: 2 }), 'Ana may open Bank A · A07 from day 1 until day 2')
})

test('hours and openings are said in few words', () => {
  const limits = (more: Partial<Grant>): string => grantLimits({ ...grant, ...more }, (key, params) => format(en, 'en', key, params), 'en')
  assert.equal(limits({}), '')
  const hours = [{ days: [1, 2, 3, 4, 5], fromMinute: 480, toMinute: 1080 }, { days: [6], fromMinute: 1320, toMinute: 360 }]
  assert.equal(limits({ schedule: { hours, alsoOnHolidays: true }, maxUses: 3, uses: 1 }), 'Mon–Fri 08:00–18:00, Sat 22:00–06:00, also on holidays, 1 of 3 openings used')
})

test('a grant holds from its start up to, not including, its end', () => {
  assert.equal(standing({ startsAt: null, endsAt: null }, 5), 'valid')
  assert.deepEqual([9, 10, 19, 20].map(now => standing({ startsAt: 10, endsAt: 20 }, now)), ['future', 'valid', 'valid', 'over'])
})

test('a chance is said as one in a round number', () => {
  assert.equal(oneIn(0), null)
  assert.equal(oneIn(NaN), null)
  assert.equal(oneIn(1), 1)
  assert.equal(oneIn(84 / 1e6), 12_000)
  assert.equal(oneIn(0.00002), 50_000)
  assert.equal(oneIn(2), 1)
})
