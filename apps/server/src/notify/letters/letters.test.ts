import assert from 'node:assert/strict'
import { test } from 'node:test'
import { letters, type FactorEvent, type Letter } from './all.ts'
import type { Letters } from './en.ts'

const name = 'Ana Lima'
const site = 'Harbour Hall'
const link = 'https://keys.example.org/x'
const events: readonly FactorEvent[] = ['authenticator added', 'authenticator removed', 'passkey added', 'passkey removed', 'recovery codes renewed', 'recovery code used', 'second factors removed']
const purposes = ['register', 'signIn', 'recover', 'email'] as const
const until = '5 Jan 2026'

/** Every letter there is, in every shape, with what each must say of it. */
const all: Record<keyof Letters, (words: Letters) => [Letter, ...string[]][]> = {
  challenge: (words) => purposes.map((purpose) => [words.challenge({ site, purpose, code: '471108', lastLine: '@keys.example.org #471108' }), site, '471108', '5', '\n\n@keys.example.org #471108']),
  known: (words) => [[words.known(site, link), site, link]],
  wanted: (words) => [[words.wanted(site), site]],
  accessCode: (words) => [null, { opensOnce: true, until, firstUse: null }, { opensOnce: false, until, firstUse: null }, { opensOnce: false, until, firstUse: '3 Jan 2026' }]
    .map((offline) => [words.accessCode({ point: 'A07', place: 'Bank A', digits: '471108', offline }), 'A07', 'Bank A', '471108', '#', ...offline === null ? [] : [until], ...typeof offline?.firstUse === 'string' ? [offline.firstUse] : []]),
  invitation: (words) => [[words.invitation({ name, site, link }), name, site, link, '7']],
  factor: (words) => events.flatMap((what) => [0, 3].map((ended): [Letter, ...string[]] => [words.factor({ name, what, ended, link }), name, link, ...ended === 0 ? [] : ['3']])),
  provider: (words) => [true, false].map((isLinked) => [words.provider({ name, host: 'id.example.org', isLinked, link }), name, 'id.example.org', link]),
  passwordChanged: (words) => [true, false].map((isFirst) => [words.passwordChanged({ name, isFirst }), name]),
  passwordRecovered: (words) => [[words.passwordRecovered(name), name]],
  passwordByLink: (words) => [[words.passwordByLink(name), name]],
  username: (words) => [[words.username({ name, username: 'ana' }), name, 'ana']],
  address: (words) => [[words.address({ name, email: 'new@example.org', before: 'old@example.org' }), name, 'new@example.org', 'old@example.org']],
  left: (words) => [[words.left(name), name]],
  paused: (words) => (['password', 'mailedCode'] as const).map((guessed) => [words.paused({ name, guessed }), name]),
  answer: (words) => [[words.answer({ subject: 'Stuck', who: 'Otto', text: 'We look at it.', link }), 'Stuck', 'Otto', 'We look at it.', link]],
  answerToStranger: (words) => [[words.answerToStranger({ subject: 'Stuck', name, who: 'Otto', text: 'We look at it.', link }), 'Stuck', name, 'Otto', 'We look at it.', link]],
  question: (words) => [null, 'Maya'].flatMap((personName) => [true, false].map((isFirst): [Letter, ...string[]] => [words.question({ name, email: 'ana@example.org', personName, text: 'It is stuck.', isFirst, link }), name, 'It is stuck.', link, ...isFirst ? ['<ana@example.org>', personName ?? ''] : []])),
  retention: (words) => [null, 90].map((before) => [words.retention({ who: 'Rosa', kind: 'openings', days: 30, before, at: '5 Jan 2026', link }), 'Rosa', '30', '5 Jan 2026', link, ...before === null ? [] : ['90']]),
  manyQuestions: (words) => [[words.manyQuestions(20, link), '20', link]],
  manyRegistrations: (words) => [[words.manyRegistrations(60, link), '60', link]],
  webhookPaused: (words) => [null, 'timedOut'].map((fault) => [words.webhookPaused({ host: 'shop.example.org', fault }), 'shop.example.org', fault ?? '410']),
  backupFailed: (words) => [[words.backupFailed({ at: '2026-01-05T18:04:00Z', fault: 'ENOSPC' }), '2026-01-05T18:04:00Z', 'ENOSPC']],
  capReached: (words) => [[words.capReached('sms', 500), 'sms', '500', 'UTC']],
  guardBlocks: (words) => [[words.guardBlocks({ shown: '+49 151', sent: 40, verified: 2, link }), '+49 151', '40', '2', link]],
  witnessEnded: (words) => [[words.witnessEnded('Rosa', link), 'Rosa', link]],
  checkpoint: (words) => [[words.checkpoint({ seq: 900, at: '2026-01-05T18:04', link, line: '{"seq":900}', key: 'KEY' }), '900', '2026-01-05', '18:04', link, '\n{"seq":900}\n', 'KEY', 'oncekey audit verify --checkpoint']]
}

test('every letter says in each language what it is about, and is written in that language', () => {
  let seen = 0
  for (const [kind, made] of Object.entries(all)) {
    const english = made(letters.en)
    for (const [language, words] of Object.entries(letters)) {
      for (const [i, [{ subject, text }, ...about]] of made(words).entries()) {
        const what = `${kind} in ${language}: ${subject}\n${text}`
        for (const one of about) assert.ok(`${subject}\n${text}`.includes(one), `Nothing of ${one} in ${what}`)
        assert.doesNotMatch(what, /undefined|null|NaN|\[object|[\u200e\u200f\u202a-\u202e\u0660-\u0669\u0966-\u096f]/)
        // Subjects are kept by mail servers and shown on locked screens.
        assert.doesNotMatch(subject, /471108|[\r\n]/, what)
        assert.ok(subject.length > 0 && subject.length < 120, what)
        if (language !== 'en') assert.notEqual(text, english[i]?.[0].text, what)
        if (language === 'hi') assert.match(text, /[\u0900-\u097f]/, what)
        if (language === 'ar') assert.match(text, /[\u0620-\u064a]/, what)
        seen++
      }
      const texts = made(words).map(([{ text }]) => text)
      assert.equal(new Set(texts).size, texts.length - (kind === 'question' ? 1 : 0), `${kind} in ${language} says the same of different things`)
    }
  }
  assert.ok(seen > 250, String(seen))
})
