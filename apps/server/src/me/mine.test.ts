import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { KEYPAD } from '../access/reader.ts'
import { askForCode } from '../doors/ask.ts'
import { openAccounts, PASSWORD, type Accounts } from '../testing/accounts.ts'

let a: Accounts
beforeEach(async () => { a = await openAccounts() })
afterEach(async () => { await a.world.close() })

test('a name and a user name: whoever has it is told by mail, and signs in by it', async () => {
  const { maya, otto } = a.world.people
  const changed = await a.world.call(maya, 'PATCH', 'me', { name: '  Maya Lind ', username: 'maya.lind' })
  assert.deepEqual([changed.body.name, changed.body.username], ['Maya Lind', 'maya.lind'])
  assert.equal((await a.world.call(maya, 'PATCH', 'me', { username: 'Maya.Lind' })).body.username, 'Maya.Lind', 'one\'s own in other letters')
  assert.equal((await a.post('sessions', { login: 'MAYA.LIND', password: PASSWORD })).status, 200)
  const clash = await a.world.call(otto, 'PATCH', 'me', { username: 'maya.lind' })
  assert.deepEqual([clash.refusal, clash.problem.errors?.[0]?.field], ['alreadyExists', 'username'])
  assert.deepEqual((await a.world.record('person.changed')).map((row) => row.details), [
    { nameBefore: 'Maya', name: 'Maya Lind', usernameBefore: null, username: 'maya.lind' }, { usernameBefore: 'maya.lind', username: 'Maya.Lind' }
  ])
  const { messages } = (await a.world.call(maya, 'GET', 'me/inbox')).body
  assert.deepEqual(messages.map((one) => one.subject), ['Your user name was changed', 'Your user name was changed'])
  assert.equal((await a.world.call(maya, 'PATCH', 'me', { name: 'Maya Lind' })).status, 200)
  assert.equal((await a.world.record('person.changed')).length, 2, 'what stays the same is no change')
  assert.equal((await a.world.call(maya, 'PATCH', 'me', { role: 'owner' })).refusal, 'badRequest')
})

test('user names are not to be counted: ten of them an hour; a name is no user name', async () => {
  const { maya } = a.world.people
  const said: (string | null)[] = []
  for (let i = 0; i < 11; i++) said.push((await a.world.call(maya, 'PATCH', 'me', { username: `maya${i}` })).refusal)
  assert.deepEqual(said, [...Array.from({ length: 10 }, () => null), 'tooManyTries'])
  assert.equal((await a.world.call(maya, 'PATCH', 'me', { name: 'M' })).status, 200)
})

test('a member\'s history: what happened to them, without the names of those who did it, and without why', async () => {
  const { maya, otto, adam } = a.world.people
  const { code } = (await a.world.call(otto, 'POST', 'codes', { accessPointId: a.world.points.a01, personId: maya.id })).body
  await a.world.call(otto, 'DELETE', `codes/${code.id}`)
  await a.world.call(adam, 'PATCH', `people/${maya.id}`, { name: 'Maya Lind' })
  await a.post('sessions', { login: 'maya@gym.example', password: 'not it' }, { address: '198.51.100.9' })
  const { rows } = (await a.world.call(maya, 'GET', 'me/history')).body
  assert.deepEqual(rows.map((row) => row.event), ['session.refused', 'person.changed', 'code.revoked', 'code.issued', 'session.started'])
  assert.deepEqual(rows.map((row) => row.actor), [null, { id: null, name: '' }, { id: null, name: '' }, { id: null, name: '' }, { id: maya.id, name: 'Maya' }])
  assert.deepEqual(rows[0]?.details, { address: '198.51.100.9' })
  assert.deepEqual(rows[1]?.details, { nameBefore: 'Maya', name: 'Maya Lind' })
  assert.deepEqual(rows[2]?.details, {}, 'nothing of what is for operators')
  for (const name of ['Otto', 'Adam', otto.id, adam.id]) assert.ok(!JSON.stringify(rows).includes(name), name)
  a.world.house.wait(31_000)
  const door = await a.world.door()
  const { digits } = await a.world.code(maya)
  await door.enter(digits)
  await door.enter(digits)
  await a.world.wait(2000, door)
  const later = (await a.world.call(maya, 'GET', 'me/history')).body.rows
  assert.ok(later.some((row) => row.event === 'access.granted'))
  assert.deepEqual(later.filter((row) => row.reason !== null), [])
  const own = (await a.world.call(otto, 'GET', 'me/history')).body.rows
  assert.ok(own.some((row) => row.event === 'code.revoked' && row.subject?.name === 'Maya'), 'operators see the record anyway')
})

test('who is an operator no more does not read names in what they did', async () => {
  const { maya, otto, olga } = a.world.people
  await a.world.call(otto, 'PATCH', `people/${maya.id}`, { email: 'secret@gym.example' })
  await a.world.call(olga, 'PATCH', `people/${otto.id}`, { role: 'member' })
  await a.world.signIn(otto)
  const text = (await a.world.call(otto, 'GET', 'me/history')).said
  assert.match(text, /person\.changed/)
  for (const word of ['Maya', 'secret@', 'Olga', maya.id, olga.id]) assert.ok(!text.includes(word), word)
})

test('history by pages: each row once, none of anybody else\'s', async () => {
  const { maya, otto } = a.world.people
  for (let i = 0; i < 25; i++) {
    await a.world.call(maya, 'PATCH', 'me', { name: `Maya ${i}` })
    await a.world.call(otto, 'PATCH', 'me', { name: `Otto ${i}` })
  }
  const seen: number[] = []
  let next: number | null = null
  do {
    const page: { rows: { seq: number, subject: { id: string | null } | null }[], next: number | null } = (await a.world.call(maya, 'GET', `me/history?limit=10${next === null ? '' : `&before=${next}`}`)).body
    assert.ok(page.rows.every((row) => row.subject?.id === maya.id))
    seen.push(...page.rows.map((row) => row.seq))
    next = page.next
  } while (next !== null)
  assert.deepEqual(seen, [...new Set(seen)].sort((one, other) => other - one))
  assert.equal(seen.length, 26)
})

test('everything that is kept about one, in one file; no hash, nothing sealed, no digits', async () => {
  const { maya, otto } = a.world.people
  for (let i = 0; i < 450; i++) {
    await a.world.house.db.write((trx) => trx.sql.insertInto('inbox').values({ id: a.world.house.newId(), person_id: maya.id, dedupe_key: `n${i}`, code_id: null, subject: `S${i}`, text: 'x', sealed: null, created_at: 1000 + (i >> 3), read_at: null, gone_at: null }).execute())
  }
  const { digits } = (await a.world.call(otto, 'POST', 'codes', { accessPointId: a.world.points.a01, personId: maya.id })).body
  const { challenge } = (await a.start('sign-in-codes', { login: 'maya@gym.example' })).body
  const mailed = await a.digits(challenge)
  const answer = await a.world.house.app.inject({ url: '/api/v1/me/data', headers: { cookie: `oncekey=${maya.cookie}` } })
  assert.equal(answer.headers['content-disposition'], 'attachment; filename="oncekey-my-data.json"')
  const copy: Record<string, { [field: string]: unknown }[]> = answer.json()
  assert.deepEqual(Object.keys(copy), ['person', 'sessions', 'secondFactors', 'browsers', 'providers', 'notifiedBrowsers', 'grants', 'codesOfDoors', 'codes', 'inbox', 'questions', 'mails', 'mailedCodes', 'history'])
  assert.equal(Reflect.get(copy['person'] ?? {}, 'email'), 'maya@gym.example')
  assert.equal(Reflect.get(copy['person'] ?? {}, 'hasPassword'), true)
  assert.deepEqual(copy['grants']?.map((one) => one['accessPoint']).sort(), ['A01', 'A02'])
  assert.deepEqual([copy['codes']?.[0]?.['state'], copy['codes']?.[0]?.['bank']], ['issued', 'Bank A'])
  assert.equal(new Set(copy['inbox']?.map((one) => one['subject'])).size, 451)
  assert.deepEqual([copy['inbox']?.at(-1)?.['text'], copy['inbox']?.at(-1)?.['isSealed']], [null, true])
  assert.deepEqual(copy['mailedCodes']?.map((one) => [one['purpose'], one['to'], one['status']]), [['signIn', 'maya@gym.example', 'pending']])
  const hashes = await a.world.house.rows('SELECT password_hash FROM people WHERE id = ?', maya.id)
  const tokens = await a.world.house.rows('SELECT token_hash FROM sessions WHERE person_id = ?', maya.id)
  const seals = await a.world.house.rows('SELECT sealed FROM outbox WHERE sealed IS NOT NULL UNION SELECT sealed FROM inbox WHERE sealed IS NOT NULL')
  for (const secret of [digits, mailed, challenge, maya.cookie, ...[...hashes, ...tokens, ...seals].flatMap((row) => Object.values(row)).map(String)]) assert.ok(!answer.body.includes(secret), secret)
  for (const name of ['Otto', otto.id]) assert.ok(!answer.body.includes(name), name)
})

test('ten copies an hour', async () => {
  const said: (string | null)[] = []
  for (let i = 0; i < 11; i++) said.push((await a.world.call(a.world.people.maya, 'GET', 'me/data')).refusal)
  assert.deepEqual(said.map((one) => one ?? 'served'), [...Array.from({ length: 10 }, () => 'served'), 'tooManyTries'])
})

test('leaving: everything ends, the address is told and forgotten, the name stays in the record', async () => {
  const { maya, otto, olga } = a.world.people
  await a.world.call(maya, 'PATCH', 'me', { username: 'maya' })
  await a.world.code(maya)
  const { challenge } = (await a.start('sign-in-codes', { login: 'maya' })).body
  const mailed = await a.digits(challenge)
  const { house, points, controllers } = a.world
  await a.world.call(otto, 'POST', `access-points/${points.front}/recipients`, { personId: maya.id })
  const point = { id: points.front, name: 'Front door' }
  await house.db.write((trx) => askForCode(trx, house, { siteId: a.world.siteId, controller: { id: controllers.front, name: 'Front door' }, point, mode: 'unlock', requestId: null, way: 'mail', kind: { purpose: KEYPAD, digits: 7 } }))
  const [door] = await house.rows("SELECT id FROM outbox WHERE dedupe_key LIKE 'door:%'")
  assert.ok(door)
  await house.db.write(async (trx) => { await trx.prepare("UPDATE outbox SET state = 'sent', sealed = NULL WHERE id = ?").run(String(door['id'])) })
  const gone = await a.world.call(maya, 'DELETE', 'me')
  assert.deepEqual(gone.body, { sessions: 1, grants: 2, codes: 1 })
  assert.equal((await a.world.call(maya, 'GET', 'me')).refusal, 'signInNeeded')
  assert.equal((await a.post('sessions', { login: 'maya@gym.example', password: PASSWORD })).status, 401)
  const row = (await a.world.record('person.removed'))[0]
  assert.deepEqual([row?.actor?.name, row?.subject?.name], ['Maya', 'Maya'])
  // Of the address, beside the record: the last word that is on its way.
  const kept = async (table: string): Promise<number> => (await a.world.house.rows(`SELECT * FROM ${table}`)).filter((one) => JSON.stringify(one).includes('maya@gym.example')).length
  assert.deepEqual(await Promise.all(['people', 'outbox', 'inbox', 'challenges', 'sessions'].map(kept)), [0, 1, 0, 0, 0])
  const [word] = await a.world.house.rows("SELECT subject, text FROM outbox WHERE recipient = 'maya@gym.example'")
  assert.equal(word?.['subject'], 'Your account was deleted')
  const after = await a.confirm('sessions/by-code', { challenge, code: mailed })
  assert.deepEqual(after.body, { granted: false, triesLeft: 4 }, 'as for any code that is wrong')
  assert.equal((await a.start('challenges/resend', { challenge })).status, 429, 'and another one is as far away as ever')
  const again = await a.world.call(olga, 'POST', 'people', { name: 'Maya', email: 'maya@gym.example', role: 'member' })
  assert.equal(again.status, 201, 'the address is free')
  assert.equal((await a.world.call(otto, 'GET', 'audit/chain')).body.intact, true)
})

test('the last owner stays', async () => {
  assert.equal((await a.world.call(a.world.people.olga, 'DELETE', 'me')).refusal, 'lastOwner')
  assert.equal((await a.world.call(a.world.people.olga, 'GET', 'me')).status, 200)
})
