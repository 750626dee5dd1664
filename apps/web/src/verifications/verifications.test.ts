import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuditRow, GuardFigures, GuardSettings, LoggedVerification } from '@oncekey/protocol/schemas'
import { steps } from './course.ts'
import { dayMs, failures, periodStart, refusals, spendByDay, sums, sumsBy } from './figures.ts'
import { moneyText } from './looks.ts'
import { shareText } from '../ui/numbers.ts'
import { merged, withEvent } from './rows.ts'
import { fieldsOf, settingsOf } from './settings.ts'

const one = (id: string, more: Partial<LoggedVerification> = {}): LoggedVerification => ({
  id, status: 'pending', to: '•••78', channel: 'sms', country: 'DE', purpose: 'sign-in', createdAt: 1_000, expiresAt: 601_000, endedAt: null, attemptsUsed: 0, attemptsMost: 5, deliveries: [], isTest: false, ...more
})
const row = (event: AuditRow['event'], verificationId: string): AuditRow => ({ seq: 1, time: 9_000, event, severity: 'info', actor: null, subject: null, accessPoint: null, controller: null, reason: null, details: { verificationId } })
const figure = (more: Partial<GuardFigures['rows'][number]>): GuardFigures['rows'][number] => ({
  from: 0, channel: 'sms', country: 'DE', started: 0, sent: 0, micros: 0, taken: 0, delivered: 0, failed: [], verified: 0, expired: 0, blocked: 0, cancelled: 0, checksRefused: [], refused: [], ...more
})

test('the newest page goes over what is there: what did not change stays the very same row, and older ones stay below', () => {
  const before = [one('d'), one('c'), one('b'), one('a')]
  const { rows, isWhole } = merged(before, { verifications: [one('e'), one('d', { status: 'approved' }), one('c')], next: 'c' })
  assert.deepEqual([rows.map(({ id }) => id).join(''), isWhole], ['edcba', false])
  assert.equal(rows[2], before[1])
  assert.notEqual(rows[1], before[0])
  assert.equal(rows[1]?.status, 'approved')
  assert.deepEqual(merged(before, { verifications: [one('e')], next: null }), { rows: [one('e')], isWhole: true })
})

test('the record says how one ended, and it goes where the filter wants others', () => {
  const rows = [one('b'), one('a')]
  assert.deepEqual(withEvent(rows, row('verification.expired', 'a'), { status: '' })[1], one('a', { status: 'expired', endedAt: 9_000 }))
  assert.deepEqual(withEvent(rows, row('verification.approved', 'a'), { status: 'pending' }), [rows[0]])
  for (const event of ['verification.refused', 'person.added'] as const) assert.equal(withEvent(rows, row(event, 'a'), { status: '' }), rows)
})

test('the course: what happened in its order, a resend between its codes, what waits at the end', () => {
  const message = { tries: 1, deliveredAt: null, fault: null }
  const course = steps({
    verification: one('a', { status: 'approved', endedAt: 50_000 }),
    messages: [
      { ...message, id: 'm1', channel: 'sms', state: 'failed', at: 1_000, endedAt: 3_000, fault: 'UNDELIVERED 30007' },
      { ...message, id: 'm2', channel: 'whatsapp', state: 'delivered', at: 1_000, endedAt: 4_000, deliveredAt: 6_000 },
      { ...message, id: 'm3', channel: 'sms', state: 'sent', at: 40_000, endedAt: 41_000 },
      { ...message, id: 'm4', channel: 'whatsapp', state: 'withheld', at: 40_000, endedAt: null }
    ]
  })
  assert.deepEqual(course.map(({ at, channel, look }) => [at, channel, look.text]), [
    [1_000, null, 'verify.started'], [3_000, 'sms', 'verify.failed'], [4_000, 'whatsapp', 'verify.sent'], [6_000, 'whatsapp', 'verify.delivered'],
    [40_000, null, 'verify.again'], [41_000, 'sms', 'verify.sent'], [50_000, null, 'verify.approved'], [null, 'whatsapp', 'verify.withheld']
  ])
})

test('figures add up: all, by a name, by reasons, by days', () => {
  const rows = [
    figure({ started: 3, sent: 4, micros: 300_000, verified: 2, failed: [{ fault: 'LATE', messages: 1 }, { fault: 'UNDELIVERED 1', messages: 2 }] }),
    figure({ from: dayMs, started: 1, sent: 1, micros: 75_000, failed: [{ fault: 'UNDELIVERED 1', messages: 3 }] }),
    figure({ country: 'FR', refused: [{ reason: 'countryNotListed', messages: 9 }] }),
    figure({ channel: 'email', country: null, started: 7, sent: 7, verified: 7 })
  ]
  assert.deepEqual(sums(rows), { started: 11, sent: 12, micros: 375_000, taken: 0, delivered: 0, verified: 9, expired: 0, blocked: 0, cancelled: 0, failed: 6, refused: 9 })
  assert.deepEqual(sumsBy(rows, each => each.country ?? '').map(each => [each.name, each.sums.sent]), [['', 7], ['DE', 5], ['FR', 0]])
  assert.deepEqual(failures(rows), [{ channel: 'sms', why: 'UNDELIVERED 1', count: 5 }, { channel: 'sms', why: 'LATE', count: 1 }])
  assert.deepEqual(refusals(rows), [{ channel: 'sms', why: 'countryNotListed', count: 9 }])
  assert.deepEqual(spendByDay(rows, 'sms', 0, 3), [{ day: 0, messages: 4, micros: 300_000 }, { day: dayMs, messages: 1, micros: 75_000 }, { day: 2 * dayMs, messages: 0, micros: 0 }])
  assert.equal(periodStart(Date.UTC(2026, 10, 22, 23, 59), 7), Date.UTC(2026, 10, 16))
  assert.deepEqual([shareText(1, 3, 'en'), shareText(999, 1000, 'en'), shareText(0, 0, 'en'), moneyText(41_500, 'EUR', 'en')], ['33%', '99.9%', '–', '€0.04'])
})

test('settings go into fields and come back the same; what is wrong is named by its field', () => {
  const settings: GuardSettings = {
    countries: ['DE', 'AT'], adaptive: true, currency: 'EUR', caps: [{ channel: 'sms', messages: 50, micros: 12_500_000 }, { channel: 'email', messages: null, micros: 1 }],
    costs: [{ channel: 'sms', country: null, micros: 75_000 }, { channel: 'sms', country: 'PT', micros: 41_500 }]
  }
  assert.deepEqual(settingsOf(fieldsOf(settings)), { settings: { ...settings, caps: settings.caps } })
  const fields = fieldsOf(settings)
  assert.deepEqual(fields.caps.sms, { messages: '50', money: '12.5', cost: '0.075' })
  const none = { messages: '', money: '', cost: '' }
  const wrong = settingsOf({ ...fields, countries: 'DE Schweiz', currency: 'Euro', caps: { ...fields.caps, voice: { ...none, messages: '1.5' }, whatsapp: { ...none, money: '-1' }, email: { ...none, cost: '1e9' } }, costs: 'pigeon DE 1\nsms DE' })
  assert.deepEqual('faults' in wrong && wrong.faults.map(({ field, is }) => `${field} ${is}`), ['countries country', 'currency currency', 'whatsapp.money money', 'voice.messages count', 'email.cost money', 'costs line', 'costs line'])
  assert.deepEqual(settingsOf({ ...fields, caps: { ...fields.caps, sms: { ...none, messages: '0' } }, costs: '' }), { settings: { ...settings, caps: [{ channel: 'sms', messages: 0, micros: null }, { channel: 'email', messages: null, micros: 1 }], costs: [] } })
})
