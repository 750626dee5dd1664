import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { openWorld, quiet, type World } from '../testing/world.ts'
import { askForCode } from './ask.ts'
import { openSecret } from '../notify/sealed.ts'

let world: World
beforeEach(async () => { world = await openWorld({ env: { ONCEKEY_SMTP_URL: 'smtp://127.0.0.1:1?from=door@gym.example' } }) })
afterEach(async () => { await world.close() })

const at = (): `access-points/${string}/recipients` => `access-points/${world.points.front}/recipients`

/** Somebody presses a key at the front door; the mails that wait to leave, by whom they are for. */
async function press (mode: 'lock' | 'unlock' = 'unlock'): Promise<Map<string, { subject: string, text: string }>> {
  await world.house.db.write((trx) => askForCode(trx, world.house, {
    siteId: world.siteId, controller: { id: world.controllers.front, name: 'Front door' }, point: { id: world.points.front, name: 'Front door' }, mode, requestId: null, way: 'mail', kind: { purpose: 'keypad', digits: 6 }
  }))
  const rows = await world.house.db.read.selectFrom('outbox').selectAll().where('state', '=', 'waiting').where('sealed', 'is not', null).execute()
  return new Map(rows.map((row) => [row.recipient, { subject: row.subject, text: openSecret(world.house.seal, 'outbox', row.id, row.sealed ?? '').text }]))
}

test('a mail of a door is in the language of whoever gets it: their own choice, else what was chosen for the door', async () => {
  const { otto, maya } = world.people
  for (const form of [{ address: 'ana@example.org' }, { address: 'ben@example.org', language: 'de' }, { personId: maya.id, language: 'de' }, { personId: otto.id, language: 'de' }]) assert.equal((await world.call(otto, 'POST', at(), form)).status, 201)
  assert.equal((await world.call(otto, 'POST', at(), { address: 'x@example.org', language: 'it' })).refusal, 'badRequest')
  assert.equal((await world.call(otto, 'PATCH', 'me', { language: 'en' })).body.language, 'en')
  assert.deepEqual((await world.call(otto, 'GET', at())).body.recipients.map((one) => one.language), ['en', 'de', 'de', 'en'])
  const mails = await press()
  assert.deepEqual([...mails].map(([to, { subject }]) => [to, subject]).sort(), [
    ['ana@example.org', 'Code for Front door'], ['ben@example.org', 'Code für Front door'], ['maya@gym.example', 'Code für Front door'], ['otto@gym.example', 'Code for Front door']
  ])
  const said = (to: string): string => mails.get(to)?.text ?? ''
  assert.match(said('ben@example.org'), /^Jemand steht vor Front door \(Gym\) und möchte aufschließen\. Der Code ist \d{6}\n.*\nhttp\S+\/stop-code\/[\w-]{22}$/)
  assert.match(said('ana@example.org'), /^Somebody at Front door \(Gym\) wants to unlock it\. The code is \d{6}\n.*\nhttp\S+\/stop-code\/[\w-]{22}$/)
  const digits = new Set([...mails.values()].map(({ text }) => /(?:is|ist) (\d{6})/.exec(text)?.[1]))
  assert.equal(digits.size, 1)
  world.house.wait(300_000)
  assert.match((await press('lock')).get('maya@gym.example')?.text ?? '', /möchte abschließen/)
})

test('the page behind the link speaks the browser\'s language, before and after', async () => {
  await world.call(world.people.otto, 'POST', at(), { address: 'ana@example.org', language: 'de' })
  const path = /\/stop-code\/[\w-]+/.exec((await press()).get('ana@example.org')?.text ?? '')?.[0] ?? ''
  const page = async (method: 'GET' | 'POST', url: string, languages?: string): Promise<string> => {
    const answer = await world.house.app.inject({ method, url, headers: { ...languages !== undefined && { 'accept-language': languages }, ...method === 'POST' && { 'content-type': 'application/x-www-form-urlencoded' } } })
    assert.equal(answer.headers['vary'], 'accept-language')
    return answer.body
  }
  assert.match(await page('GET', path, 'de-DE,de;q=0.9,en;q=0.8'), /<html lang="de" dir="ltr">.*<h1>Diesen Code beenden\?<\/h1>.*<button>Code beenden<\/button>/)
  assert.match(await page('GET', path, 'it'), /<html lang="en" dir="ltr">.*<h1>End this code\?<\/h1>.*<button>End the code<\/button>/)
  assert.match(await page('GET', path), /<html lang="en" dir="ltr">/)
  assert.match(await page('GET', path, 'ar-EG, en;q=0.5'), /<html lang="ar" dir="rtl">/)
  assert.match(await page('POST', '/stop-code/' + 'x'.repeat(22), 'de'), /Diesen Code gibt es nicht/)
  assert.match(await page('POST', path, 'de'), /<html lang="de" dir="ltr">.*Der Code ist beendet/)
  await quiet()
  assert.equal((await world.record('door.codeCancelled')).length, 1)
})

test('what a field needs is said in the page\'s language, English to programs', async () => {
  const { otto } = world.people
  const needs = async (form: object, language?: string): Promise<string[]> =>
    (await world.call(otto, 'POST', 'people', form, language === undefined ? {} : { 'accept-language': language })).problem.errors?.map((one) => `${one.field}: ${one.needs}`) ?? []
  const taken = { name: 'N', email: 'maya@gym.example', role: 'member' }
  assert.deepEqual(await needs(taken), ['email: is taken; choose another one'])
  assert.deepEqual(await needs(taken, 'de'), ['email: Das hat schon jemand. Wählen Sie etwas anderes.'])
  assert.deepEqual(await needs({ email: 'x', role: 'member' }, 'de'), ['name: fehlt', 'email: hat nicht die nötige Form'])
  assert.match((await needs({ email: 'x', role: 'member' }))[0] ?? '', /^name: must have required property/)
  const bank = await world.call(otto, 'POST', 'banks', { name: 'B', range: 'A9-A1' }, { 'accept-language': 'de' })
  assert.deepEqual(bank.problem.errors, [{ field: 'range', needs: '„A9-A1“: Die erste Zahl darf nicht größer sein als die letzte.' }])
})
