import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { parse } from 'csv-parse/sync'
import type { ImportPreview, ImportsAnswer, ImportState } from '@oncekey/protocol/schemas'
import { COOKIE } from '../sessions/cookies.ts'
import { openWorld, type TestPerson, type World } from '../testing/world.ts'
import { cell } from '../platform/csv.ts'
import { readPeople } from './import-read.ts'
import { forgetImports } from './import-state.ts'

let world: World

beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

async function send (url: string, payload: string | Buffer | undefined, who: TestPerson = world.people.adam, method: 'POST' | 'GET' = 'POST') {
  return world.house.app.inject({ method, url: '/api/v1/people/imports' + url, headers: { 'content-type': 'text/csv', cookie: `${COOKIE}=${who.cookie}` }, ...payload === undefined ? {} : { payload } })
}
async function preview (text: string | Buffer, who?: TestPerson): Promise<ImportPreview> {
  const answer = await send('/preview', text, who)
  assert.equal(answer.statusCode, 200, answer.body)
  return answer.json()
}
async function state (id: string): Promise<ImportState> {
  const answer = await send('/' + id, undefined, undefined, 'GET')
  assert.equal(answer.statusCode, 200, answer.body)
  return answer.json()
}
/** Starts it and waits for its end. */
async function run (text: string, query = ''): Promise<ImportState> {
  const answer = await send(query, text)
  assert.equal(answer.statusCode, 202, answer.body)
  const { id }: ImportState = answer.json()
  for (;;) {
    const now = await state(id)
    if (now.state !== 'running') return now
    await new Promise((resolve) => { setTimeout(resolve, 1) })
  }
}
const report = async (id: string): Promise<string[][]> => parse((await send(`/${id}/report`, undefined, undefined, 'GET')).body, { bom: true })
const count = async (table: string): Promise<number> => Number((await world.house.rows(`SELECT count(*) AS count FROM ${table}`))[0]?.['count'])
const list = (rows: number, from = 0): string => 'name,email\n' + Array.from({ length: rows }, (_, i) => `Person ${from + i},p${from + i}@gym.example`).join('\n')

test('whoever wrote it: commas, semicolons, tabs, quotes, line breaks, byte order marks, any line ends', async () => {
  const wanted = [{ line: 2, name: 'Nia Nunes', email: 'nia@x.example', username: 'nia', role: 'operator' }, { line: 3, name: 'O’Neil, Ann', email: 'ann@x.example', username: '', role: '' }]
  for (const text of [
    'name,email,username,role\nNia Nunes,nia@x.example,nia,operator\n"O’Neil, Ann",ann@x.example,,\n',
    '\ufeffE-Mail;Name;Role;User name\r\nnia@x.example; Nia Nunes ;operator;nia\r\nann@x.example;"O’Neil, Ann";;\r\n',
    'NAME\tE-Mail-Adresse\tBenutzername\tROLLE\nNia Nunes\tnia@x.example\tnia\toperator\nO’Neil, Ann\tann@x.example\n\n\n'
  ]) assert.deepEqual(await readPeople(text), { fault: null, rows: wanted, leftOut: [] }, text)
  const broken = await readPeople('name,email,shoe size\n"Two\nlines",two@x.example,42\n\nNext,next@x.example,43')
  assert.deepEqual(broken, { fault: null, rows: [{ line: 2, name: 'Two\nlines', email: 'two@x.example', username: '', role: '' }, { line: 5, name: 'Next', email: 'next@x.example', username: '', role: '' }], leftOut: ['shoe size'] })
})

test('a file that can not be read says why, and where', async () => {
  for (const [text, what, line] of [
    ['', 'empty', null], ['\ufeff \n', 'empty', null], ['name,email\n', 'empty', null], ['name;phone\nNia;1', 'noColumns', 1], ['Nia,nia@x.example', 'noColumns', 1],
    ['name,email,mail\nNia,a@b,c@d', 'columnTwice', 1], ['name,email\n"Nia,a@b', 'broken', 2], ['name,email\nN"i"a,a@b', 'broken', 2],
    ['name,email\n' + 'x'.repeat(20_000) + ',a@b', 'broken', 2], [list(20_001), 'tooManyRows', null], ['name,email\n' + '\n'.repeat(400_000), 'tooManyRows', null]
  ] as const) assert.deepEqual((await preview(text)).fault, { what, line }, text.slice(0, 40))
  for (const bytes of [Buffer.from('name,email\nJürgen,j@x.example', 'latin1'), Buffer.from('\ufeffname,email\nNia,nia@x.example', 'utf16le')]) assert.equal((await preview(bytes)).fault?.what, 'notUtf8')
  assert.equal((await send('', '')).json().code, 'badRequest')
  assert.equal((await send('', 'name,email\nN\u0000ia,nia@x.example')).json().code, 'badRequest')
  assert.equal((await send('/preview', 'x'.repeat(8 * 1024 * 1024 + 1))).json().code, 'tooLarge')
  const json = await world.call(world.people.adam, 'POST', 'people/imports', { name: 'x' })
  assert.equal(json.refusal, 'badRequest')
  assert.equal(await count('people_imports'), 0)
})

test('the preview tells new from here and from faulty, names line and fault, and writes nothing', async () => {
  const before = [await count('people'), await count('audit')]
  await world.house.db.write((trx) => trx.sql.updateTable('people').set({ username: 'maya' }).where('name', '=', 'Maya').execute())
  const seen = await preview([
    'name,email,username,role', 'Nia,nia@x.example,nia,', 'Olga again,OLGA@gym.example,,owner', ',no.name@x.example,,', 'No address,,,', 'Odd,not an address,,', 'Look,look@x.example,mаya,',
    'Boss,boss@x.example,,owner', 'Role,role@x.example,,king', 'Twice,NIA@x.example,,', 'Name twice,n2@x.example,NIA,', 'Taken,t@x.example,MAYA,', '\u202eevil,evil@x.example,,', `${'x'.repeat(81)},long@x.example,,`, 'Ida,ida@x.example,,Operator'
  ].join('\n'))
  assert.deepEqual([seen.total, seen.fresh, seen.here, seen.faulty], [14, 2, 0, 12])
  assert.deepEqual(seen.faults.map((one) => [one.line, one.fault, one.otherLine ?? null]), [
    [3, 'roleAbove', null], [4, 'nameMissing', null], [5, 'emailMissing', null], [6, 'emailWrong', null], [7, 'usernameWrong', null], [8, 'roleAbove', null], [9, 'roleWrong', null],
    [10, 'emailTwice', 2], [11, 'usernameTwice', 2], [12, 'usernameTaken', null], [13, 'nameWrong', null], [14, 'nameWrong', null]
  ])
  assert.deepEqual(seen.sample.map((one) => [one.name, one.role]), [['Nia', 'member'], ['Ida', 'operator']])
  assert.equal((await preview('name,email\nOlga,OLGA@gym.example')).here, 1)
  assert.equal((await preview('name,email,role\nBoss,boss@x.example,owner', world.people.olga)).fresh, 1)
  assert.deepEqual([await count('people'), await count('audit')], before)
})

test('an import adds everybody once, each with their row in the record, and the same file again adds who is missing', async () => {
  const done = await run(`${list(250)}\nOlga,olga@gym.example\nNobody,\n`)
  assert.deepEqual([done.state, done.total, done.done, done.added, done.here, done.faulty, done.invite, done.startedBy], ['done', 252, 252, 250, 1, 1, false, 'Adam'])
  const added = await world.record('person.added')
  assert.equal(new Set(added.map((row) => row.subject?.id)).size, 250)
  assert.deepEqual([added[0]?.actor?.name, added[0]?.details], ['Adam', { role: 'member', email: 'p0@gym.example', invited: false, import: done.id }])
  assert.deepEqual((await world.record('people.imported')).map((row) => row.details), [{ import: done.id, state: 'done', total: 252, added: 250, here: 1, faulty: 1 }])
  const found = await world.call(world.people.otto, 'GET', 'people?q=person%20249')
  assert.deepEqual(found.body.people.map((one) => [one.name, one.state, one.role]), [['Person 249', 'invited', 'member']])
  assert.equal((await world.call(world.people.otto, 'GET', `audit/chain`)).body.intact, true)

  const again = await run(list(260))
  assert.deepEqual([again.added, again.here, await count('people')], [10, 250, 264])
  const all: ImportsAnswer = (await send('', undefined, undefined, 'GET')).json()
  assert.deepEqual(all.imports.map((one) => one.id), [again.id, done.id])
})

test('the report has every row in the order of the file, and no formula in it', async () => {
  const { id } = await run('name,email\n"=HYPERLINK(""http://evil"")",eve@x.example\nOlga,olga@gym.example\n-2+3,\n"@SUM, ""x""",sum@x.example')
  const answer = await send(`/${id}/report`, undefined, undefined, 'GET')
  assert.match(String(answer.headers['content-type']), /^text\/csv/)
  assert.match(String(answer.headers['content-disposition']), /^attachment; filename="people-import-[0-9a-f-]+\.csv"$/)
  assert.deepEqual(await report(id), [
    ['line', 'name', 'email', 'result', 'what to do'], ['2', '\'=HYPERLINK("http://evil")', 'eve@x.example', 'added', ''], ['3', 'Olga', 'olga@gym.example', 'already here', ''],
    ['4', '\'-2+3', '', 'not added', 'The e-mail address is missing.'], ['5', '\'@SUM, "x"', 'sum@x.example', 'added', '']
  ])
  for (const text of ['=1', '+1', '-1', '@x', '\t=1', '\r=1', '  =1']) assert.ok(cell(text).startsWith('"\''), JSON.stringify(text))
  // Where semicolons separate cells, these would be cells of their own.
  assert.deepEqual(['x;=1+1;', 'x; @a'].map(cell), ['"x;\'=1+1;"', '"x;\' @a"'])
  assert.deepEqual(['plain', 'a=b', 'a,b', 'a"b'].map(cell), ['plain', 'a=b', '"a,b"', '"a""b"'])
})

test('only one at a time; one that was cut says so and makes room; reports go after a week', async () => {
  const cut = await run(list(1))
  await world.house.db.write(async (trx) => { await trx.prepare("UPDATE people_imports SET state = 'running', ended_at = NULL").run() })
  const second = await send('', list(2))
  assert.deepEqual([second.statusCode, second.json().code], [409, 'alreadyExists'])
  world.house.wait(31_000)
  assert.equal((await state(cut.id)).state, 'cut')
  assert.equal((await run(list(2))).added, 1)
  world.house.wait(7 * 86_400_000 + 1)
  await forgetImports(world.house)
  assert.deepEqual([await count('people_imports'), await count('people_import_parts')], [0, 0])
})

test('an import that meets a fault of the server ends as failed, and says what was done', async () => {
  const { house } = world
  const write = house.db.write
  let writes = 0
  house.db.write = ((change, options) => ++writes === 3 ? Promise.reject(new Error('planted')) : write(change, options)) as typeof write
  const failed = await run(list(250))
  house.db.write = write
  assert.deepEqual([failed.state, failed.total, failed.done, failed.added], ['failed', 250, 64, 64])
  assert.equal((await report(failed.id)).length, 65)
  assert.deepEqual([(await run(list(250))).added, await count('people')], [186, 254])
  assert.ok(house.logged.some((line) => line.includes('planted')))
})

test('a queue that is full for a moment does not end it', async () => {
  const { house } = world
  const write = house.db.write
  const { Problem } = await import('../platform/problems.ts')
  let writes = 0
  house.db.write = ((change, options) => ++writes === 2 ? Promise.reject(new Problem('busy')) : write(change, options)) as typeof write
  const done = await run(list(3))
  house.db.write = write
  assert.deepEqual([done.state, done.added], ['done', 3])
})

test('somebody who registers while a list comes in is here already, and their user name is theirs', async () => {
  const { house, siteId } = world
  const { addPerson } = await import('./add.ts')
  const write = house.db.write
  let writes = 0
  house.db.write = ((change, options) => ++writes === 2
    ? write((trx) => addPerson(trx, house, { siteId, name: 'Quick', email: 'P0@gym.example', username: 'quick', role: 'member', passwordHash: null }, null)).then(() => write(change, options))
    : write(change, options)) as typeof write
  const done = await run('name,email,username\nA,p0@gym.example,\nB,p1@gym.example,QUICK\nC,p2@gym.example,c-c')
  house.db.write = write
  assert.deepEqual([done.added, done.here, done.faulty], [1, 1, 1])
  assert.deepEqual((await report(done.id)).slice(1).map((row) => row[3]), ['already here', 'not added', 'added'])
})

test('invitations go out at their own pace, behind which a code does not wait; without mail there are none', async () => {
  assert.equal((await send('?invite=true', list(1))).json().code, 'channelNotSetUp')
  await world.close()
  world = await openWorld({ env: { ONCEKEY_SMTP_URL: 'smtp://127.0.0.1:1' } })
  const done = await run(list(150), '?invite=true')
  assert.deepEqual([done.state, done.added, done.invite], ['done', 150, true])
  const waiting = await world.house.rows('SELECT next_at, created_at, recipient, sealed, text FROM outbox ORDER BY next_at')
  assert.deepEqual(waiting.map((row) => [Number(row['next_at']) - Number(row['created_at']), row['recipient']]), Array.from({ length: 150 }, (_, i) => [i * 500, `p${i}@gym.example`]))
  assert.ok(waiting.every((row) => row['text'] === null && row['sealed'] !== null))
  assert.equal(await count('invitations'), 150)
})

test('whoever loses their role while their list is being added adds nobody more', async () => {
  const { adam, olga } = world.people
  const started = await send('', list(1_000).replace('email', 'email,role').replaceAll(/example$/gm, 'example,admin'))
  assert.equal(started.statusCode, 202, started.body)
  assert.equal((await world.call(olga, 'PATCH', `people/${adam.id}`, { suspended: true })).status, 200)
  const before = await count('people')
  const state = async (): Promise<unknown> => (await world.house.app.inject({ url: `/api/v1/people/imports/${String(started.json().id)}`, cookies: { oncekey: olga.cookie } })).json().state
  while (await state() === 'running') await new Promise((resolve) => { setTimeout(resolve, 10) })
  assert.equal(await state(), 'failed')
  assert.equal(await count('people'), before)
})
