import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { PlacesImported, PlacesPreview } from '@oncekey/protocol/schemas'
import { COOKIE } from '../sessions/cookies.ts'
import { openWorld, type World } from '../testing/world.ts'

let world: World

beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

const send = async (url: string, payload: string | Buffer) => world.house.app.inject({ method: 'POST', url: '/api/v1/places/imports' + url, headers: { 'content-type': 'text/csv', cookie: `${COOKIE}=${world.people.otto.cookie}` }, payload })
async function preview (text: string | Buffer): Promise<PlacesPreview> {
  const answer = await send('/preview', text)
  assert.equal(answer.statusCode, 200, answer.body)
  return answer.json()
}
async function take (text: string): Promise<PlacesImported> {
  const answer = await send('', text)
  assert.equal(answer.statusCode, 201, answer.body)
  return answer.json()
}
const places = async () => (await world.call(world.people.otto, 'GET', 'places')).body
const count = async (table: string): Promise<number> => Number((await world.house.rows(`SELECT count(*) AS count FROM ${table}`))[0]?.['count'])
const list = ['Schrank;Fach;Größe;Höhe (mm)', 'Bank B;B01-B10;S;1500', 'Bank B;"B11, B12";L;0', 'bank a;A03-A04;M;', ';Level 1-3;;'].join('\r\n')

test('the preview says of every line what it will do, and writes nothing', async () => {
  const before = [await count('access_points'), await count('banks'), await count('audit')]
  const seen = await preview(list)
  assert.deepEqual([seen.fault, seen.banks, seen.added, seen.changed, seen.here, seen.faulty], [null, 1, 14, 1, 0, 0])
  assert.deepEqual(seen.rows, [
    { line: 2, name: 'B01-B10', bank: 'Bank B', added: 10, changed: 0, here: 0 }, { line: 3, name: 'B11, B12', bank: 'Bank B', added: 2, changed: 0, here: 0 },
    { line: 4, name: 'A03-A04', bank: 'Bank A', added: 1, changed: 1, here: 0 }, { line: 5, name: 'Level 1-3', bank: null, added: 1, changed: 0, here: 0 }
  ])
  assert.deepEqual([await count('access_points'), await count('banks'), await count('audit')], before)
})

test('an import makes banks, compartments with size and height, and doors; the same file again does nothing', async () => {
  assert.deepEqual(await take(list), { banks: 1, added: 14, changed: 1, here: 0 })
  const tree = await places()
  const [a, b] = tree.banks
  assert.deepEqual(a?.accessPoints.map((point) => [point.name, point.size, point.heightMm]), [['A01', undefined, undefined], ['A02', undefined, undefined], ['A03', 'M', undefined], ['A04', 'M', undefined]])
  assert.deepEqual([b?.accessPoints.length, b?.accessPoints[0]?.size, b?.accessPoints[0]?.heightMm, b?.accessPoints[11]?.size, b?.accessPoints[11]?.heightMm], [12, 'S', 1500, 'L', 0])
  assert.ok(tree.doors.some((door) => door.name === 'Level 1-3'), 'a door is not a range')
  assert.deepEqual((await world.record('accessPoint.changed')).map((row) => [row.actor?.name, row.accessPoint?.name, row.details]), [['Otto', 'A03', { size: 'M' }]])
  const rows = await count('audit')
  assert.deepEqual(await take(list), { banks: 0, added: 0, changed: 0, here: 15 })
  assert.equal(await count('audit'), rows, 'nothing happened, so the record has nothing')
})

test('with one wrong row nothing is imported, and the preview names each of them', async () => {
  const wrong = ['name,bank,size,height', 'C01,Bank C,,', ',Bank C,,', 'C9-C1,Bank C,,', `C02,${'x'.repeat(81)},,`, 'c01,BANK C,,', 'C01-C03,Bank C,,', `C04,Bank C,${'x'.repeat(21)},`, 'C05,Bank C,S,1.5', 'C06,Bank C,S,5001', 'Gate,,L,', '\u202eevil,,,'].join('\n')
  const seen = await preview(wrong)
  assert.deepEqual(seen.faults.map((one) => [one.line, one.fault, one.otherLine ?? null]), [
    [3, 'nameMissing', null], [4, 'nameWrong', null], [5, 'bankWrong', null], [6, 'nameTwice', 2], [7, 'nameTwice', 2], [8, 'sizeWrong', null],
    [9, 'heightWrong', null], [10, 'heightWrong', null], [11, 'sizeOfDoor', null], [12, 'nameWrong', null]
  ])
  const before = [await count('access_points'), await count('banks'), await count('audit')]
  const answer = await send('', wrong)
  assert.deepEqual([answer.statusCode, answer.json().code], [400, 'badRequest'])
  assert.match(answer.json().errors[0].needs, /line 3/)
  assert.deepEqual([await count('access_points'), await count('banks'), await count('audit')], before)
})

test('a file that can not be read says why: columns, alphabets, a hundred thousand rows, ranges that are too long', async () => {
  for (const [text, what, line] of [
    ['', 'empty', null], ['name,size\nA1,S', 'noColumns', 1], ['name,bank,door\nA1,B,C', 'columnTwice', 1], ['name,bank\n"A1,B', 'broken', 2],
    ['name,bank\n' + Array.from({ length: 100_000 }, (_, i) => `Z${i},Z`).join('\n'), 'tooManyRows', null], ['name,bank\nZ1-Z300,Z\nY1-Y300,Y', 'tooManyRows', null],
    [Buffer.from('name,bank\nTür,', 'latin1'), 'notUtf8', null], [Buffer.from('\ufeffname,bank\nA1,B', 'utf16le'), 'notUtf8', null]
  ] as const) assert.deepEqual((await preview(Buffer.from(text))).fault, { what, line })
  assert.equal((await send('', 'name,size\nA1,S')).json().code, 'badRequest')
  assert.equal((await send('/preview', 'x'.repeat(1024 * 1024 + 1))).json().code, 'tooLarge')
})

test('two operators import the same list at once: everything is there once', async () => {
  const both = await Promise.all([take(list), take(list)])
  assert.deepEqual(both.map((one) => one.added).toSorted((x, y) => x - y), [0, 14])
  assert.equal((await places()).banks.find((bank) => bank.name === 'Bank B')?.accessPoints.length, 12)
})

test('a range may say the size and height of all its compartments', async () => {
  const { body } = await world.call(world.people.otto, 'POST', 'banks', { name: 'Bank D', range: 'D1-D3', size: 'XL', heightMm: 200 })
  assert.deepEqual(body.accessPoints.map((point) => [point.size, point.heightMm]), [['XL', 200], ['XL', 200], ['XL', 200]])
  assert.equal((await world.call(world.people.otto, 'POST', `banks/${body.id}/compartments`, { range: 'D4', heightMm: -1 })).refusal, 'badRequest')
})
