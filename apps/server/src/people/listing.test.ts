import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, test } from 'node:test'
import type { PeopleAnswer } from '@oncekey/protocol/schemas'
import { migrate, shipped } from '../platform/migrate.ts'
import { testOfFiles } from '../testing/database.ts'
import { testHouse } from '../testing/house.ts'
import { openWorld, type World } from '../testing/world.ts'
import { addPerson } from './add.ts'
import { insertRows, insertWords, listWaiting, startPeopleWork } from './listing.ts'
import { findPeople } from './queries.ts'
import { nameKey, termsOf, wordsOf } from './words.ts'

let world: World

beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

async function add (...people: { name: string, email?: string, username?: string, role?: 'member' | 'operator' }[]): Promise<void> {
  const { house, siteId } = world
  for (const [i, one] of people.entries()) {
    await house.db.write((trx) => addPerson(trx, house, { siteId, email: `p${i}.${one.name.length}@club.example`, role: 'member', passwordHash: null, ...one }, null))
  }
}

async function names (query = '', limit?: number): Promise<string[]> {
  const found: string[] = []
  let after = ''
  for (let pages = 0; pages < 50; pages++) {
    const answer = await world.call(world.people.otto, 'GET', `people?${query}${limit === undefined ? '' : `&limit=${limit}`}${after}`)
    assert.equal(answer.status, 200, answer.said)
    const { people, next }: PeopleAnswer = answer.body
    assert.ok(people.length <= (limit ?? 50))
    found.push(...people.map((one) => one.name))
    if (next === null) return found
    after = `&after=${next}`
  }
  throw new Error('The pages have no end.')
}

test('names are folded the same way for what is kept and what is typed', () => {
  assert.equal(nameKey('  Ömer   ÇELİK '), 'omer celik')
  assert.equal(nameKey('Łukasz Straße'), 'lukasz strasse')
  assert.equal(nameKey('Ⅷ'), 'viii')
  assert.notEqual(nameKey('\u0301'), '', 'never empty: that is for whoever is not listed yet')
  assert.deepEqual(wordsOf({ name: 'Anne-Marie O’Neill', email: 'a.oneill@mail.example', username: 'am_1' }), ['anne', 'marie', 'o', 'neill', 'am', '1', 'a', 'oneill', 'mail', 'example'])
  assert.deepEqual(termsOf(' Mar,LOP  mar '), ['mar', 'lop'])
  assert.deepEqual(termsOf(' @ - '), [])
  const many = 'a b c d e f g h i j k l m n o p q r s t u v w x y z'
  assert.ok(wordsOf({ name: many, email: 'hidden@mail.example', username: null }).includes('hidden'), 'by the address, whatever the name')
  assert.ok(wordsOf({ name: 'Ana', email: `${many.replaceAll(' ', '.')}@mail.example`, username: null }).includes('ana'))
  assert.ok(wordsOf({ name: 'x'.repeat(80), email: 'a@b', username: null }).every((word) => word.length <= 40))
  assert.ok(wordsOf({ name: '\u{1f600}\u{20000}'.repeat(40), email: 'a@b', username: null }).every((word) => word.isWellFormed()))
})

test('all stand by name, whatever their accents, and each page goes on where the one before ended', async () => {
  await add({ name: 'Émile' }, { name: 'emil' }, { name: 'Zoë' }, { name: 'Ödön' }, { name: 'Emil' })
  const all = ['Adam', 'emil', 'Emil', 'Émile', 'Maya', 'Ödön', 'Olga', 'Otto', 'Zoë']
  assert.deepEqual(await names(), all)
  for (const limit of [1, 2, 3, 9]) assert.deepEqual(await names('', limit), all, `${limit} a page`)
})

test('a search finds the beginning of any word of name, address and user name; several words all have to be there', async () => {
  await add({ name: 'Maria Lopez', email: 'ml@shop.example' }, { name: 'Marco Polo', username: 'venice' }, { name: 'Ana Marin', email: 'ana.lopes@x.example' }, { name: 'Ömer' })
  assert.deepEqual(await names('q=mar'), ['Marco Polo', 'Maria Lopez', 'Ana Marin'], 'by the word that was found')
  assert.deepEqual(await names(`q=${encodeURIComponent('MÁR lop')}`), ['Ana Marin', 'Maria Lopez'], 'lopes stands before lopez')
  assert.deepEqual(await names('q=ven'), ['Marco Polo'])
  assert.deepEqual(await names('q=omer'), ['Ömer'])
  assert.deepEqual(await names(`q=${encodeURIComponent('ml@shop.ex')}`), ['Maria Lopez'])
  assert.deepEqual(await names('q=%40'), await names(), 'signs alone are no search')
  assert.deepEqual(await names('q=arco'), [])
  assert.deepEqual(await names('q=gym&limit=1'), ['Adam', 'Maya', 'Olga', 'Otto'])
  for (const odd of ["' OR 1=1 --", '%', '_', '\\', '\u{10ffff}', '<b>', 'x'.repeat(100)]) assert.ok(Array.isArray(await names(`q=${encodeURIComponent(odd)}`)), odd)
})

test('whoever has several words that fit comes once, also over pages', async () => {
  await add({ name: 'Mara Marin Marlow', email: 'mar@mark.example', username: 'mary' }, { name: 'Mark Marx' })
  for (const limit of [1, 2, 50]) assert.deepEqual((await names('q=mar', limit)).sort(), ['Mara Marin Marlow', 'Mark Marx'])
})

test('role and state narrow the list and the search', async () => {
  const { house, people } = world
  await house.db.write(async (trx) => { await trx.sql.updateTable('people').set({ password_hash: 'x' }).where('id', 'in', [people.olga.id, people.otto.id]).execute() })
  await add({ name: 'Maria', role: 'operator' }, { name: 'Marco' })
  await house.db.write(async (trx) => { await trx.sql.updateTable('people').set({ suspended_at: 1 }).where('name', '=', 'Marco').execute() })
  assert.deepEqual(await names('role=operator', 1), ['Maria', 'Otto'])
  assert.deepEqual(await names('state=active', 1), ['Olga', 'Otto'])
  assert.deepEqual(await names('state=suspended'), ['Marco'])
  assert.deepEqual(await names('role=member&state=invited', 1), ['Maya'])
  for (const limit of [1, 50]) {
    assert.deepEqual(await names('q=mar&role=operator', limit), ['Maria'])
    assert.deepEqual(await names('q=mar&state=suspended', limit), ['Marco'])
    assert.deepEqual(await names('q=mar&role=owner', limit), [])
  }
})

test('a changed name is found by the new one alone, a removed person not at all', async () => {
  await add({ name: 'Maria', email: 'old@club.example' })
  const id = String((await world.house.rows("SELECT id FROM people WHERE name = 'Maria'"))[0]?.['id'])
  assert.equal((await world.call(world.people.otto, 'PATCH', `people/${id}`, { name: 'Zora', email: 'new@club.example' })).status, 200)
  assert.deepEqual([await names('q=maria'), await names('q=old'), await names('q=zor'), await names('q=new')], [[], [], ['Zora'], ['Zora']])
  await world.call(world.people.otto, 'DELETE', `people/${id}`)
  assert.deepEqual(await names('q=zor'), [])
  assert.deepEqual(await world.house.rows('SELECT word FROM people_words WHERE person_id = ?', id), [])
  assert.equal((await world.call(world.people.otto, 'GET', `people/${id}`)).refusal, 'notFound')
  assert.equal((await world.call(world.people.otto, 'GET', `people/${world.people.maya.id}`)).body.name, 'Maya')
})

test('people of before there was a list are listed at the start, and are in the list meanwhile', async () => {
  const { house } = world
  await house.db.write(async (trx) => {
    await trx.prepare("UPDATE people SET name_key = ''").run()
    await trx.prepare('DELETE FROM people_words').run()
  })
  assert.equal((await names('', 1)).length, 4)
  assert.deepEqual(await names('q=ma'), [])
  assert.equal(await listWaiting(house), 4)
  assert.equal(await listWaiting(house), 0)
  assert.deepEqual(await names(), ['Adam', 'Maya', 'Olga', 'Otto'])
  assert.deepEqual(await names('q=ma'), ['Maya'])
})

test('an `after` that is not ours, or of another search, is refused or harmless', async () => {
  const of = (parts: unknown): string => Buffer.from(JSON.stringify(parts)).toString('base64url')
  for (const after of ['x', of([0]), of([0, 'a', 'b', 'c']), of([-1, 1, 2, 3]), of([-2, '', '', '']), of([-1, '\u0000', '', ''])]) {
    const answer = await world.call(world.people.otto, 'GET', `people?after=${after}`)
    assert.deepEqual([answer.refusal, answer.problem.errors?.[0]?.field], ['badRequest', 'after'], after)
  }
  assert.equal((await world.call(world.people.otto, 'GET', `people?q=ma&after=${of([-1, '', 'm', ''])}`)).status, 200)
})

test('a page that finds little in much ends early, goes on, and leaves nobody out', async () => {
  const { house, siteId } = world
  await house.db.write(async (trx) => {
    const people = Array.from({ length: 5_000 }, (_, i) => ({ id: house.newId(), name: `Mara ${String(i).padStart(4, '0')}`, email: `m${i}@x.example`, username: null }))
    await insertRows(trx, 'people', ['id', 'site_id', 'name', 'email', 'role', 'password_hash', 'created_at', 'name_key'], people.map((one, i) => [one.id, siteId, one.name, one.email, i < 2_100 ? 'operator' : 'member', i % 2 === 0 ? 'x' : null, 1, nameKey(one.name)]))
    await insertWords(trx, people)
  })
  const first = await world.call(world.people.otto, 'GET', 'people?q=mara&role=operator&state=active&limit=200')
  assert.equal(first.body.people.length, 200)
  assert.deepEqual((await names('q=mara%20x&role=operator&state=active', 200)).length, 1_050)
  assert.deepEqual(await names('q=mara%204999'), ['Mara 4999'])
  assert.deepEqual(await names('q=x%20mara&role=owner'), [])
})

testOfFiles('a database of the version before gets everybody listed by the server that opens it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-'))
  const path = join(folder, 'oncekey.db')
  const older = new DatabaseSync(path)
  await migrate(older, path, 1, shipped.slice(0, shipped.findIndex(({ name }) => name === '0008-people')))
  older.exec("INSERT INTO sites (id, name, time_zone, created_at) VALUES ('s', 'Gym', 'UTC', 1)")
  const insert = older.prepare("INSERT INTO people (id, site_id, name, email, role, removed_at, created_at) VALUES (?, 's', ?, ?, 'member', ?, 1)")
  for (let i = 0; i < 250; i++) insert.run(`p${i}`, `Person ${String(i).padStart(3, '0')}`, `p${i}@gym.example`, null)
  insert.run('gone', 'Gone', 'gone@gym.example', 1)
  older.close()
  const house = await testHouse({ folder })
  assert.equal((await findPeople(house, 's', { limit: 200 })).people.length, 200, 'all are there at once')
  const work = startPeopleWork(house)
  try {
    const ends = Date.now() + 10_000
    while (!house.logged.some((line) => line.includes('"people":250')) && Date.now() < ends) await new Promise((resolve) => { setTimeout(resolve, 10) })
  } finally {
    await work.stop()
  }
  assert.deepEqual((await findPeople(house, 's', { q: 'person 24', limit: 3 })).people.map((one) => one.name), ['Person 240', 'Person 241', 'Person 242'])
  assert.deepEqual((await findPeople(house, 's', { q: 'gone' })).people, [])
  assert.equal((await findPeople(house, 's', { limit: 1 })).people[0]?.name, 'Person 000')
  await house.close()
})
