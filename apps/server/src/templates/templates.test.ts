import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { openVerifier, type Verifier } from '../testing/verifier.ts'
import { faultsOf } from './faults.ts'
import { fill } from './fill.ts'
import { smsSize } from './gsm.ts'
import { kinds, languages, ours } from './ours.ts'

const filling = { site: 'Harbour Hall', code: '123456', minutes: 10, host: 'keys.example.org' }
const latin = ['en', 'de', 'fr', 'es'] as const

test('our words in six languages: one SMS each, with a last line that browsers read, whatever name and host', () => {
  for (const language of languages) {
    for (const site of ['Gym', 'Harbour Hall', 'Sporthalle Süd, Łódź – Eingang „B“', 'S'.repeat(80)]) {
      for (const host of ['a.de', 'keys.example.org', 'access-control.harbour-hall.example.org'.slice(0, 26)]) {
        const { text } = fill(ours.text[language], 'text', 'sms', { ...filling, site, host })
        const { alphabet, segments } = smsSize(text)
        assert.deepEqual([alphabet, segments], [latin.some((one) => one === language) ? 'gsm7' : 'ucs2', 1], `${language} ${site} ${host}: ${text}`)
        assert.equal(text.split('\n').at(-1), `@${host} #123456`)
        assert.equal(text.split('123456').length, 3, 'once for people, once for browsers')
      }
    }
  }
})

test('our own words would be taken, all eighteen of them', () => {
  for (const kind of kinds) for (const language of languages) assert.deepEqual(faultsOf(kind, language, ours[kind][language]), [], `${kind} ${language}`)
})

test('names are cut before a message is, and never so far that they say nothing; then it is two', () => {
  const long = { ...filling, site: 'Schwimmbad am alten Hafenbecken', host: 'x'.repeat(50) + '.example.org' }
  const { text } = fill(ours.text.de, 'text', 'sms', long)
  assert.ok(text.includes('Schwimmb') && smsSize(text).segments === 1, text)
  const { text: hindi } = fill(ours.text.hi, 'text', 'sms', long)
  assert.deepEqual([hindi.includes('Schwimmbad am alten Hafenbecken'), smsSize(hindi).segments], [true, 2])
  // A name that SMS can not write is told as it is, and costs what it costs.
  assert.deepEqual(smsSize(fill(ours.text.en, 'text', 'sms', { ...filling, site: 'Москва' }).text), { alphabet: 'ucs2', characters: 97, segments: 2 })
})

test('a name with {code} in it is a name; digits stand in no subject; voices read digit by digit', () => {
  assert.match(fill(ours.text.en, 'text', 'whatsapp', { ...filling, site: '{code}{minutes}' }).text, /^123456 is your code for \{code\}\{minutes\}\. /)
  assert.equal(fill({ subject: 'x {code} {site}', text: '{code}' }, 'email', 'email', filling).subject, 'x  Harbour Hall')
  assert.match(fill(ours.voice.en, 'voice', 'voice', filling).text, /1, 2, 3, 4, 5, 6\. Once more: 1, 2, 3, 4, 5, 6/)
  assert.equal(fill(ours.email.en, 'email', 'email', filling).text.split('\n').at(-1), '@keys.example.org #123456')
})

test('words that are not taken, each with its reason', () => {
  const needs = (kind: 'text' | 'voice' | 'email', text: string, subject = kind === 'email' ? 'Your code' : ''): string => faultsOf(kind, 'en', { subject, text }).map((one) => `${one.field}: ${one.needs.en}`).join(' | ')
  assert.equal(needs('text', 'Use {code} at {site} within {minutes} minutes'), '')
  assert.match(needs('text', 'Your code for {site}'), /^text: \{code\} where/)
  assert.match(needs('text', '{code} or {code}'), /once only/)
  assert.equal(needs('voice', '{code} {code} {code}'), '')
  assert.match(needs('text', '{code} {name}'), /\{name\} means nothing here/)
  assert.match(needs('text', '{code} {'), /means nothing here/)
  for (const link of ['https://evil.example/x', 'www.evil.example', 'evil.example/pay', 'bit.ly', 'HTTP://1.2.3.4', 'xn--80ak6aa92e.xn--p1ai', 'tg://resolve', 'кремль.рф']) assert.match(needs('text', `{code} ${link}`), /no link and no address/, link)
  for (const fine of ['{code}. Tell nobody.', 'No. {code}!', '{code} - 10.5 minutes', 'a.m. {code}']) assert.doesNotMatch(needs('text', fine), /no link/, fine)
  assert.match(needs('text', '{code}\n@evil #111111'), /no line that begins with @/)
  assert.match(needs('text', '{code} ' + 'x'.repeat(140)), /fewer characters: with a usual name and host it is 173 \(160 fit/)
  assert.equal(needs('text', '{code} ' + 'я'.repeat(80)), '', 'two where the script needs twice the room')
  assert.match(needs('text', '{code} ' + 'я'.repeat(120)), /fewer characters/)
  assert.match(needs('text', '{code}\u202e'), /control/)
  assert.match(needs('text', '{code}\u0007'), /control/)
  assert.match(needs('email', '{code}', '{code} is your code'), /subject: no \{code\}/)
  assert.match(needs('email', '{code}', ''), /subject: some words/)
  assert.match(needs('email', '{code}', 'a\r\nBcc: b@example.org'), /one line/)
  assert.match(needs('text', '{code}', 'x'), /subject: to be empty/)
})

let v: Verifier
beforeEach(async () => { v = await openVerifier() })
afterEach(async () => { await v.world.close() })

test('a site\'s own words go out from the next code on, in the language that is asked for, and back', async () => {
  const { adam, otto } = v.world.people
  assert.equal((await v.world.call(otto, 'GET', 'message-templates')).refusal, 'notAllowed')
  const form = { kind: 'email', language: 'fr', subject: 'Bonjour de {site}', text: 'Voici : {code}\r\n({minutes} minutes)' }
  const changed = await v.world.call(adam, 'PATCH', 'message-templates', form)
  assert.equal(changed.status, 200, changed.said)
  assert.deepEqual(changed.body.templates.filter((one) => one.isOwn), [{ kind: 'email', language: 'fr', subject: 'Bonjour de {site}', text: 'Voici : {code}\n({minutes} minutes)', isOwn: true }])
  const sealed = async (id: string): Promise<{ subject: unknown, text: string }> => {
    const [row] = await v.world.house.rows('SELECT * FROM outbox WHERE verification_id = ?', id)
    return { subject: row?.['subject'], text: JSON.parse(v.world.house.seal.open(String(row?.['sealed']), `outbox:${String(row?.['id'])}`)).text }
  }
  const { id, digits } = await v.start('ana@example.org', { language: 'fr' })
  assert.deepEqual(await sealed(id), { subject: 'Bonjour de Gym', text: `Voici : ${digits}\n(10 minutes)\n\n@oncekey.test #${digits}` })
  assert.equal((await sealed((await v.start()).id)).subject, 'Your code for Gym')
  assert.equal((await v.world.call(adam, 'POST', 'message-templates/language', { language: 'fr' })).body.language, 'fr')
  assert.equal((await sealed((await v.start()).id)).subject, 'Bonjour de Gym')
  assert.equal((await sealed((await v.start(undefined, { language: 'ar' })).id)).subject, 'رمزك في Gym')
  assert.equal((await v.world.call(adam, 'POST', 'message-templates/reset', { kind: 'email', language: 'fr' })).body.templates.some((one) => one.isOwn), false)
  assert.equal((await sealed((await v.start()).id)).subject, 'Votre code pour Gym')
  assert.deepEqual((await v.world.record()).filter((row) => row.event.startsWith('template.')).map((row) => [row.event, row.actor?.name, row.details['language']]), [['template.changed', 'Adam', 'fr'], ['template.languageChanged', 'Adam', 'fr'], ['template.changed', 'Adam', 'fr']])
})

test('a resend keeps the language; words that are refused name their field and change nothing', async () => {
  const { adam } = v.world.people
  const { status, problem } = await v.world.call(adam, 'PATCH', 'message-templates', { kind: 'text', language: 'en', text: 'Hello https://evil.example', subject: 'x' })
  assert.deepEqual([status, problem.errors?.map((one) => one.field)], [400, ['text', 'subject', 'text']])
  assert.equal((await v.world.house.rows('SELECT * FROM message_templates')).length, 0)
  const { id } = await v.start('ana@example.org', { language: 'de' })
  v.world.house.wait(30_000)
  await v.call('POST', `verifications/${id}/resend`)
  assert.deepEqual((await v.world.house.rows('SELECT subject FROM outbox WHERE verification_id = ?', id)).map((row) => row['subject']), ['Ihr Code für Gym', 'Ihr Code für Gym'])
})

test('a preview: the text with this site\'s name and host, its characters and parts, and what would be refused', async () => {
  const { adam } = v.world.people
  const preview = async (form: object) => (await v.world.call(adam, 'POST', 'message-templates/preview', { kind: 'text', language: 'en', ...form })).body
  const text = '123456 is your code for Gym. Good for 10 minutes. Tell it to nobody.\n@oncekey.test #123456'
  assert.deepEqual(await preview({}), { subject: '', text, alphabet: 'gsm7', characters: text.length, segments: 1, lastLine: '@oncekey.test #123456', faults: [] })
  assert.deepEqual([(await preview({ text: '{code} ключ' })).alphabet, (await preview({ text: 'nothing' })).faults], ['ucs2', [{ field: 'text', needs: '{code} where the code is to stand' }]])
  assert.equal((await preview({ kind: 'email', language: 'de', subject: 'An {site}' })).subject, 'An Gym')
  assert.equal((await preview({ kind: 'voice' })).lastLine, null)
  const german = await v.world.call(adam, 'POST', 'message-templates/preview', { kind: 'text', language: 'en', text: '{code} {name}' }, { 'accept-language': 'de' })
  assert.deepEqual(german.body.faults, [{ field: 'text', needs: '{name} bedeutet hier nichts; es gibt {code}, {site} und {minutes}' }])
})
