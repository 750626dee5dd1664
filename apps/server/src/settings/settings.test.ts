import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, test } from 'node:test'
import type { SettingKey, SettingsAnswer, SettingValue } from '@oncekey/protocol/schemas'
import { readConfig } from '../config.ts'
import { permissions } from '../testing/permissions.ts'
import { openWorld, type TestPerson, type World } from '../testing/world.ts'
import { variables } from '../variables.ts'
import { formOf, settings } from './table.ts'

let world: World
beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

const look = async (who: TestPerson = world.people.adam): Promise<SettingsAnswer> => (await world.call(who, 'GET', 'settings')).body
const valueOf = async (key: SettingKey): Promise<SettingValue | undefined> => (await look()).settings.find((one) => one.key === key)?.value
const change = (key: SettingKey, before: SettingValue, value: SettingValue, who: TestPerson = world.people.adam) => world.call(who, 'PATCH', 'settings', { key, value, before })

/** Another value than the one that is there, within its range. */
const others: Record<SettingKey, SettingValue> = {
  'registration.who': 'everybody', 'registration.domains': ['example.org'], 'guard.countries': ['FR', 'PT'], 'guard.adaptive': false, 'guard.currency': 'CHF', 'guard.capSms': 5, 'guard.capWhatsapp': null, 'guard.capVoice': 0,
  'backups.everyHours': 24, 'backups.keep': 30, 'audit.witness': 'witness@example.org', 'messages.language': 'fr', 'compat.on': true, 'demo.forStrangers': true
}

test('each setting is changed and taken back, at once and in the record, and at first is what it is by default', async () => {
  for (const { key, value, byDefault } of (await look()).settings) {
    assert.deepEqual(value, byDefault, key)
    const rows = (await world.record()).length
    const { status, body, said } = await change(key, value, others[key])
    assert.equal(status, 200, `${key} ${said}`)
    assert.deepEqual(body.settings.find((one) => one.key === key)?.value, others[key])
    const noted = (await world.record()).slice(rows)
    assert.ok(noted.some(({ actor }) => actor?.id === world.people.adam.id), key)
    assert.equal((await change(key, others[key], value)).status, 200, key)
    assert.deepEqual(await valueOf(key), value)
  }
})

test('a setting is the same as where it is at home', async () => {
  await change('registration.domains', [], ['example.org'])
  await change('registration.who', 'invited', 'domains')
  assert.deepEqual((await world.call(world.people.adam, 'GET', 'registration-policy')).body, { who: 'domains', domains: ['example.org'] })
  await world.call(world.people.adam, 'PATCH', 'guard/settings', { caps: [{ channel: 'sms', messages: 7, micros: 5_000_000 }] })
  await change('guard.capSms', 7, 9)
  assert.deepEqual((await world.call(world.people.adam, 'GET', 'guard')).body.settings.caps, [{ channel: 'sms', messages: 9, micros: 5_000_000 }], 'what the page does not show stays')
})

test('of two who change one setting, also at the same moment, the later is told and nothing is lost', async () => {
  const { adam, olga } = world.people
  const answers = await Promise.all([change('backups.keep', 7, 10, adam), change('backups.keep', 7, 20, olga)])
  assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 409])
  const refused = answers.find(({ status }) => status === 409)
  assert.equal(refused?.refusal, 'changedMeanwhile')
  assert.equal(await valueOf('backups.keep'), answers[0]?.status === 200 ? 10 : 20)
  assert.equal((await change('backups.everyHours', 0, 12, olga)).status, 200, 'another setting of the same feature is another setting')
})

test('what is out of range is refused with the range, and what belongs together is said by its feature', async () => {
  for (const [key, before, value, needs] of [['backups.keep', 7, 366, /1 to 365/], ['backups.keep', 7, '8', /1 to 365/], ['guard.adaptive', true, null, /true or false/], ['registration.who', 'invited', 'anybody', /one of everybody/], ['guard.countries', ['DE'], ['de'], /form/], ['audit.witness', null, 'a@b@c', /form/], ['registration.who', 'invited', 'domains', /domain/]] as const) {
    const { refusal, problem } = await change(key, typeof before === 'object' && before !== null ? [...before] : before, typeof value === 'object' && value !== null ? [...value] : value)
    assert.equal(refusal, 'badRequest', `${key} ${JSON.stringify(value)}`)
    const [error] = problem.errors ?? []
    assert.deepEqual([error?.field, needs.test(error?.needs ?? '')], ['value', true], error?.needs)
  }
})

test('operators see what they may see elsewhere and change nothing; a variable and a backup is no business of theirs', async () => {
  const { settings: seen, rooms, variables: machine } = await look(world.people.otto)
  assert.ok(seen.length > 5 && seen.every(({ mayChange }) => !mayChange))
  assert.ok(!seen.some(({ key }) => key.startsWith('backups.') || key.startsWith('compat.')) && !rooms.some(({ key }) => key === 'apiKeys'))
  assert.deepEqual(machine, [])
  assert.equal((await change('guard.adaptive', true, false, world.people.otto)).refusal, 'notAllowed')
})

test('what the program is started with is read only and never has a secret in it', async () => {
  const started = await openWorld({ env: { ONCEKEY_SMTP_URL: 'smtp://door:hidden-word@mail.invalid', ONCEKEY_FALLBACK_SECONDS: '30' } })
  try {
    const { body, said } = await started.call(started.people.adam, 'GET', 'settings')
    const one = (name: string) => body.variables.find((each) => each.name === name)
    assert.deepEqual([one('ONCEKEY_SMTP_URL')?.value, one('ONCEKEY_SMTP_URL')?.from, one('ONCEKEY_SMTP_URL')?.isSecret], [null, 'environment', true])
    assert.deepEqual([one('ONCEKEY_FALLBACK_SECONDS')?.value, one('ONCEKEY_FALLBACK_SECONDS')?.byDefault], ['30', '12'])
    assert.deepEqual([one('ONCEKEY_REDIS_URL')?.value, one('ONCEKEY_REDIS_URL')?.from], [null, 'nobody'])
    assert.ok(!JSON.stringify(body).includes('hidden-word') && !said.includes('hidden-word'))
  } finally {
    await started.close()
  }
})

test('the table of variables is what the program asks the environment for: no more, no less, and each has its texts', () => {
  const asked = new Set<string>()
  readConfig(new Proxy<Record<string, string | undefined>>({}, { get: (_, name) => { asked.add(String(name)) } }), '/nowhere')
  // Each may be named by a file that holds it.
  assert.deepEqual([...asked].filter((name) => !asked.has(name.replace(/_FILE$/, '')) || !name.endsWith('_FILE')).toSorted(), Object.keys(variables).toSorted())
  const source = readFileSync(new URL('../config.ts', import.meta.url), 'utf8')
  for (const [name] of source.matchAll(/ONCEKEY_[A-Z_]+[A-Z]/g)) assert.ok(name in variables, name)
  for (const language of ['en', 'de']) {
    const texts: Record<string, string> = JSON.parse(readFileSync(new URL(`../../../web/src/texts/${language}/settings.json`, import.meta.url), 'utf8'))
    for (const name of Object.keys(variables)) assert.ok(`set.var.${name}` in texts, `${language} ${name}`)
    for (const { key } of settings) assert.ok(`set.name.${key}` in texts && `set.help.${key}` in texts, `${language} ${key}`)
  }
})

test('no setting is forgotten: each call that changes one for the whole site is in the table, or has a page of its own', () => {
  // What is about one thing that has an id, or about oneself, stands on the page of that thing.
  const ofTheSite = Object.values(permissions).flat().map(({ call }) => call).filter((call) => /^(PATCH|PUT) /.test(call) && !call.includes('{id}') && !call.includes('/me') && call !== 'PATCH /api/v1/settings')
  const rooms = ['PATCH /api/v1/alarm-rules', 'PATCH /api/v1/audit/retention', 'PATCH /api/v1/home-assistant', 'PATCH /api/v1/message-templates']
  const inTable: string[] = settings.map(({ route }) => route)
  assert.deepEqual(ofTheSite.filter((call) => !inTable.includes(call) && !rooms.includes(call)), [])
  const all: string[] = Object.values(permissions).flat().map(({ call }) => call)
  assert.deepEqual(inTable.filter((call) => !all.includes(call)), [])
})

test('a form follows from the schema: kinds, ranges, choices', () => {
  const forms = Object.fromEntries(settings.map(({ key, schema }) => [key, formOf(schema)]))
  assert.deepEqual(forms['backups.keep'], { kind: 'number', choices: [], least: 1, most: 365, canBeNone: false })
  assert.deepEqual(forms['guard.capSms'], { kind: 'number', choices: [], least: 0, most: 1e9, canBeNone: true })
  assert.deepEqual(forms['registration.who'], { kind: 'choice', choices: ['everybody', 'domains', 'invited', 'nobody'], least: null, most: null, canBeNone: false })
  assert.deepEqual([forms['guard.countries']?.kind, forms['compat.on']?.kind, forms['audit.witness']?.kind, forms['audit.witness']?.canBeNone], ['list', 'switch', 'text', true])
})

test('a mail to oneself names the step at which it failed, is counted, and stands in the record', async () => {
  const started = await openWorld({ env: { ONCEKEY_SMTP_URL: 'smtp://127.0.0.1:1' } })
  try {
    const { adam, otto } = started.people
    assert.equal((await started.call(otto, 'POST', 'mail-tests')).refusal, 'notAllowed')
    const { status, body } = await started.call(adam, 'POST', 'mail-tests')
    assert.equal(status, 200)
    assert.deepEqual(body.steps.slice(0, 3).map(({ is }) => is), ['done', 'failed', 'notReached'])
    const [row] = await started.record('channel.tested')
    assert.deepEqual([row?.actor?.name, row?.details['failedAt'], row?.details['channel']], [adam.name, 'connection', 'email'])
    const answers = await Promise.all(Array.from({ length: 8 }, () => started.call(adam, 'POST', 'mail-tests')))
    assert.equal(answers.filter(({ refusal }) => refusal === 'tooManyTries').length, 4)
  } finally {
    await started.close()
  }
  assert.equal((await world.call(world.people.adam, 'POST', 'mail-tests')).refusal, 'channelNotSetUp')
})
