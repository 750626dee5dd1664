import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditEvents, reasons } from '@oncekey/protocol/audit-events'
import type { AuditRow } from '@oncekey/protocol/schemas'
import de from '../texts/de/record.json' with { type: 'json' }
import en from '../texts/en/record.json' with { type: 'json' }
import { format } from '../texts/format.ts'
import { kinds } from './kinds.ts'
import { named, pieces, plain, sentence, type Say } from './sentence.ts'

const catalogues: Record<string, Readonly<Record<string, string>>> = { en, de }
const say = (language: string): Say => (key, params) => format(catalogues[language] ?? {}, language, key, params)

const bare: AuditRow = { seq: 1, time: 0, event: 'site.created', severity: 'info', actor: null, subject: null, accessPoint: null, controller: null, reason: null, details: {} }
const ana = { id: 'a', name: 'Ana' }
const full: AuditRow = {
  ...bare, actor: { id: 'o', name: 'Otto' }, subject: ana, accessPoint: { id: 'p', name: 'A07' }, controller: { id: 'c', name: 'Keypad 1' },
  details: { source: 'keypad', mode: 'unlock', doorState: 'open', channel: 'email', name: 'Bank B' }
}
const read = (row: AuditRow, language = 'en'): string => plain(sentence(row, say(language)))

test('every event has a sentence and a short name in every language, whatever the row knows', () => {
  for (const language of Object.keys(catalogues)) {
    for (const event of kinds) {
      assert.ok(catalogues[language]?.[`kind.${event}`], `${language} kind.${event}`)
      assert.ok(catalogues[language]?.[`event.${event}`], `${language} event.${event}`)
      for (const row of [bare, full, { ...full, subject: null }, { ...full, details: {} }, { ...full, details: { mode: 'lock', source: 'auto', doorState: 'ajar', channel: 'inbox' } }]) {
        const text = read({ ...row, event }, language)
        assert.ok(!/[{}]|event\.|record\.|undefined|null| {2}/.test(text), `${language} ${event}: ${text}`)
        assert.ok(text.length > 8, text)
      }
    }
  }
})

test('every kind is in the list of kinds', () => {
  assert.deepEqual([...kinds], Object.keys(auditEvents))
})

test('every reason has a word and an explanation in every language', () => {
  for (const [language, catalogue] of Object.entries(catalogues)) {
    for (const reason of reasons) {
      assert.ok(catalogue[`reason.${reason}`], `${language} ${reason}`)
      assert.ok(catalogue[`why.${reason}`], `${language} ${reason}`)
    }
  }
})

test('both languages have the same keys, and the same names in each sentence', () => {
  assert.deepEqual(Object.keys(de).sort(), Object.keys(en).sort())
  const holes = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(String).sort()
  for (const [key, text] of Object.entries(en)) assert.deepEqual(holes(catalogues['de']?.[key] ?? ''), holes(text), key)
})

test('the sentence fits what the row knows', () => {
  const chosen: AuditRow = { ...full, event: 'person.changed', actor: { id: 'p1', name: 'Ana' }, subject: { id: 'p1', name: 'Ana' }, details: { password: 'set by invitation' } }
  assert.equal(read(chosen), 'Ana chose a password')
  assert.equal(read({ ...chosen, actor: { id: 'p2', name: 'Ben' }, details: { role: 'operator' } }), 'Ben changed Ana')
  assert.equal(read({ ...chosen, actor: { id: 'p2', name: 'Ben' }, details: { password: 'reset', sessions: 0 } }), 'Ben reset the password of Ana')
  assert.equal(read({ ...chosen, actor: { id: 'p2', name: 'Ben' }, details: { password: 'invited again', sessions: 0 } }), 'Ben invited Ana again')
  assert.equal(read({ ...chosen, actor: { id: null, name: '' }, details: { role: 'operator' } }), 'The operator changed Ana')
  assert.equal(read({ ...chosen, details: { username: 'ana' } }), 'Ana changed their own details')
  assert.equal(read({ ...chosen, details: { secondFactor: 'passkey added' } }), 'Ana added a passkey')
  assert.equal(read({ ...chosen, actor: { id: 'p2', name: 'Ben' }, details: { secondFactor: 'second factors removed' } }), 'Ben took the second factors of Ana away')
  assert.equal(read({ ...chosen, event: 'person.removed' }), 'Ana deleted their account')
  const out: AuditRow = { ...chosen, event: 'session.ended', details: {} }
  assert.equal(read(out), 'Ana signed out')
  assert.equal(read({ ...out, details: { sessions: 2 } }), 'Ana signed out everywhere else')
  assert.equal(read({ ...out, actor: { id: 'p2', name: 'Ben' }, details: { sessions: 2 } }), 'Ben signed Ana out')
  const moved: AuditRow = { ...full, event: 'lock.actuated' }
  assert.equal(read(moved), 'Ana opened A07 by code')
  assert.equal(read({ ...moved, subject: null, actor: null, details: { mode: 'unlock', source: 'manual' } }), 'A07 was unlocked by hand')
  assert.equal(read({ ...moved, details: { mode: 'lock', source: 'auto' } }), 'A07 was locked by itself')
  assert.equal(read({ ...moved, details: { source: 'remote' } }), 'A07 moved from afar')
  assert.equal(read({ ...full, event: 'access.denied', subject: null }), 'A code was refused at A07')
  assert.equal(read({ ...full, event: 'access.denied' }), 'The code of Ana was refused at A07')
  assert.equal(read({ ...full, event: 'access.denied', accessPoint: null }), 'The code of Ana was refused at Keypad 1')
  assert.equal(read({ ...full, event: 'code.issued' }), 'Otto made a code for Ana, A07')
  assert.equal(read({ ...full, event: 'code.issued', actor: ana }), 'Ana got a code for A07')
  assert.equal(read({ ...full, event: 'session.refused', actor: null, subject: null }), 'A sign-in was refused')
  assert.equal(read({ ...full, event: 'session.proofRefused', actor: ana }), 'Ana was asked who they are, and the answer was refused')
  assert.equal(read({ ...full, event: 'door.changed' }), 'The door of A07 is open')
  assert.equal(read({ ...full, event: 'lock.commanded', details: { op: 'lock', why: 'Closing time' } }), 'Otto asked A07 to lock')
  assert.equal(read({ ...full, event: 'bank.added' }), 'Otto added the bank Bank B')
  assert.equal(read({ ...full, event: 'code.delivered' }, 'de'), 'Der Code von Ana für A07 wurde per E-Mail zugestellt')
})

test('a name is a piece of its own and can not pretend to be more', () => {
  assert.deepEqual(pieces(`Hello ${named('Ana')}!`).map(piece => piece.isName), [false, true, false])
  assert.equal(named('A\u2069n\u2068a'), named('Ana'))
  const tricky: AuditRow = { ...full, event: 'person.added', subject: { id: null, name: '{who} <b>\u2069 x' } }
  assert.equal(read(tricky), 'Otto added {who} <b> x')
  assert.deepEqual(sentence(tricky, say('en')).filter(piece => piece.isName).length, 2)
})

test('a standing pin is named by its label', () => {
  const row = (event: AuditRow['event'], details: AuditRow['details']): string => read({ ...full, subject: null, actor: event.startsWith('pin.') ? full.actor : null, event, details: { pin: 'Lift company', ...details } })
  assert.equal(row('pin.made', {}), 'Otto made the pin Lift company for A07')
  assert.equal(row('access.granted', {}), 'The pin Lift company was accepted at A07')
  assert.equal(row('access.denied', {}), 'The pin Lift company was refused at A07')
  assert.equal(row('lock.actuated', { mode: 'unlock', source: 'keypad' }), 'A07 was unlocked with the pin Lift company')
  assert.equal(row('lock.actuated', { mode: 'unlock', source: 'offlineCode', revokedBefore: true }), 'A07 was unlocked without a network with the pin Lift company, which had been revoked')
})
