import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Language } from '@oncekey/protocol/schemas'
import { en } from './texts/en.ts'
import type { Told } from './texts/told.ts'
import { alarmBrief, alarmMail, assignedMail } from './words.ts'

const at = Date.UTC(2026, 0, 5, 18, 4)
const told = (kind: Told['kind'], details: Told['details'] = {}): Told => ({ kind, place: 'Front door', openedAt: at, lastAt: at + 60_000, times: 12, ended: false, details })
const languages: readonly Language[] = ['en', 'de', 'es', 'fr', 'hi', 'ar']

test('a mail of each kind of alarm names the place, the moment at that site and the page, in each language', () => {
  for (const kind of Object.keys(en.kinds) as Told['kind'][]) {
    const mails = languages.map((language) => alarmMail(language, 'Europe/Berlin', [told(kind, { pin: 'Night watch' })], 'https://keys.example.org/alerts'))
    assert.equal(new Set(mails.map(({ subject }) => subject)).size, languages.length, kind)
    for (const [i, { subject, text }] of mails.entries()) {
      const what = `${kind} in ${languages[i]}: ${subject}\n${text}`
      assert.ok(subject.endsWith(': Front door'), what)
      assert.match(text, /Front door[\s\S]*(?:19|0?7):04[\s\S]*\nhttps:\/\/keys\.example\.org\/alerts$/, what)
      assert.doesNotMatch(text, /undefined|NaN|[\u0660-\u0669\u0966-\u096f]/, what)
      if (kind === 'duress') assert.match(text, /Night watch/, what)
    }
  }
})

test('of many places there are the names of twenty and the number of the rest; a brief has five', () => {
  const many = Array.from({ length: 23 }, (_, i) => ({ ...told('battery'), place: `Door ${i + 1}` }))
  for (const language of languages) {
    const { subject, text } = alarmMail(language, 'Europe/Berlin', many, 'https://keys.example.org/alerts')
    assert.match(subject, /23/)
    assert.match(text, /Door 20/)
    assert.doesNotMatch(text, /Door 21/)
    assert.match(text, /\b3\b/)
    assert.match(alarmBrief(language, many), /^Door 1, Door 2, Door 3, Door 4, Door 5 .*18/)
    assert.match(assignedMail(language, 'Europe/Berlin', told('forced'), 'Rosa Vale', 'https://keys.example.org/alerts').text, /Rosa Vale/)
  }
})

test('what lies behind a lockout and behind tampering is told apart in each language', () => {
  const said = (language: Language, kind: Told['kind'], details: Told['details']): string => alarmBrief(language, [told(kind, details)])
  for (const language of languages) {
    assert.equal(new Set([{ resting: true }, { source: 'controller' }, {}].map((details) => said(language, 'lockout', { lockoutMs: 300_000, ...details }))).size, 3, language)
    assert.match(said(language, 'lockout', { lockoutMs: 300_000 }), /5/)
    assert.equal(new Set(['controller.duplicated', 'controller.wiped', 'access.unexplained', 'message.forged'].map((event) => said(language, 'tamper', { event }))).size, 4, language)
    assert.notEqual(said(language, 'battery', { event: 'battery.critical' }), said(language, 'battery', {}), language)
  }
})
