import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, test } from 'node:test'
import type { AuditPage, AuditRow } from '@oncekey/protocol/schemas'
import { testOfFiles } from '../testing/database.ts'
import { openWorld, type World } from '../testing/world.ts'
import { verifyFolder } from './open-chain.ts'

let world: World
let rows: number

beforeEach(async () => {
  world = await openWorld()
  for (let i = 0; i < 5; i++) {
    await world.code(world.people.maya, i % 2 === 0 ? world.points.a01 : world.points.a02)
    world.house.wait(300_000)
  }
  rows = (await verifyFolder(world.house.config)).rows
})

afterEach(async () => { await world.close() })

/** Somebody with a copy of the data folder's database in their hands, and no key; what the verifier says of their work. */
async function said (...sqls: string[]): Promise<string> {
  const folder = join(world.house.config.dataDir, 'copy')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  copyFileSync(join(world.house.config.dataDir, 'secrets.json'), join(folder, 'secrets.json'))
  await world.house.rows(`VACUUM INTO '${join(folder, 'oncekey.db')}'`)
  const database = new DatabaseSync(join(folder, 'oncekey.db'))
  for (const sql of sqls) assert.notEqual(database.prepare(sql).run().changes, 0, `"${sql}" changes something`)
  database.close()
  return (await verifyFolder(folder)).fault?.what ?? 'intact'
}

const page = async (query = ''): Promise<AuditPage> => (await world.call(world.people.otto, 'GET', `audit?${query}`)).body

/** The command as people call it. */
function command (...words: string[]): Promise<{ code: number | null, printed: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, '../../bin/oncekey.mjs'), 'audit', 'verify', ...words], { env: {}, stdio: ['ignore', 'pipe', 'pipe'] })
    let printed = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { printed += String(chunk) })
    child.once('close', (code) => { resolve({ code, printed }) })
  })
}

testOfFiles('an untouched record is intact, in the server\'s own thread and while it goes on writing', async () => {
  assert.ok(rows > 10)
  assert.equal(await said(), 'intact')
  const before = (await verifyFolder(world.house.config)).rows
  const writing = world.house.db.write(async (trx) => { for (let i = 0; i < 500; i++) world.house.audit.append(trx, world.house.clock(), { event: 'door.changed' }) })
  const [one, two] = await Promise.all([world.call(world.people.otto, 'GET', 'audit/chain'), world.call(world.people.otto, 'GET', 'audit/chain')])
  await writing
  assert.deepEqual([one.body.intact, one.body.fault, one.body.checkedAt], [true, null, world.house.clock()])
  assert.ok(one.body.rows >= before)
  assert.deepEqual(two.body, one.body, 'one walk for both')
})

test('a page hears how far the verification is, and nothing when none is under way', async () => {
  const far = async () => (await world.call(world.people.otto, 'GET', 'audit/chain/progress')).body.walk
  assert.equal(await far(), null)
  await world.house.db.write(async (trx) => { for (let i = 0; i < 6_000; i++) world.house.audit.append(trx, world.house.clock(), { event: 'door.changed' }) })
  const seen: { rows: number, of: number }[] = []
  let isDone = false
  const walk = world.call(world.people.otto, 'GET', 'audit/chain').finally(() => { isDone = true })
  while (!isDone) {
    const one = await far()
    if (one !== null && one.rows > 0) seen.push(one)
    // Messages of the thread come in between.
    await sleep(1)
  }
  assert.equal((await walk).body.intact, true)
  assert.ok(seen.length > 0)
  for (const [i, one] of seen.entries()) assert.ok(one.of >= 6_000 && one.rows <= one.of && one.rows >= (seen[i - 1]?.rows ?? 0), JSON.stringify(one))
  assert.equal(await far(), null)
})

testOfFiles('an edit of anything that was signed is found, and the row is named', async () => {
  const edits: [string, RegExp][] = [
    ['UPDATE audit SET time = time + 1 WHERE seq = 5', /^Row 5 was edited/],
    ["UPDATE audit SET event = 'person.removed' WHERE seq = 5", /^Row 5 was edited/],
    ["UPDATE audit SET payload = replace(payload, 'e', 'a') WHERE seq = 7", /^The content of row 7 was edited/],
    ["UPDATE audit SET salt = 'x' WHERE seq = 7", /^The content of row 7 was edited/],
    ["UPDATE audit SET payload_hash = 'x' WHERE seq = 7", /^Row 7 was edited/],
    ["UPDATE audit SET mac = 'x' WHERE seq = 7", /^Row 7 was edited/],
    ["UPDATE audit SET mac = 'x' WHERE seq = (SELECT max(seq) FROM audit)", new RegExp(`^Row ${rows} was edited`)],
    ...['actor_id', 'subject_id', 'access_point_id', 'controller_id', 'reason', 'severity'].map((column): [string, RegExp] => [`UPDATE audit SET ${column} = 'x' WHERE seq = 7`, new RegExp(`^The column ${column} of row 7 is not what was signed`)]),
    ['UPDATE audit SET subject_id = NULL WHERE event = \'code.issued\'', /^The column subject_id of row \d+/],
    ['UPDATE audit_head SET seq = seq - 1', /^The head of the chain was edited/],
    ["UPDATE audit_head SET mac = 'x'", /^The head of the chain was edited/],
    ["UPDATE audit_head SET head_mac = 'x'", /^The head of the chain was edited/]
  ]
  for (const [sql, expected] of edits) assert.match(await said(sql), expected, sql)
})

testOfFiles('removed, cut off, moved, renumbered: each is named', async () => {
  assert.equal(await said('DELETE FROM audit WHERE seq = 4'), 'Row 4 was removed.')
  assert.equal(await said('DELETE FROM audit WHERE seq BETWEEN 4 AND 6'), 'Rows 4 to 6 were removed.')
  assert.equal(await said('DELETE FROM audit WHERE seq = 1'), 'Row 1 was removed.')
  assert.equal(await said(`DELETE FROM audit WHERE seq = ${rows}`), `The last row, ${rows}, was cut off.`)
  assert.equal(await said(`DELETE FROM audit WHERE seq > ${rows - 3}`), `Rows ${rows - 2} to ${rows} were cut off.`)
  assert.equal(await said('DELETE FROM audit'), `Rows 1 to ${rows} were cut off.`)
  assert.match(await said('DELETE FROM audit_head'), /^The head of the chain was removed/)
  assert.match(await said('DELETE FROM audit', 'DELETE FROM audit_head'), /^The head of the chain was removed/)
  assert.match(await said('UPDATE audit SET seq = -1 WHERE seq = 4', 'UPDATE audit SET seq = 4 WHERE seq = 5', 'UPDATE audit SET seq = 5 WHERE seq = -1'), /^Row 4 was put here from elsewhere; the one that belongs here is now row 5\.$/)
  assert.match(await said('DELETE FROM audit WHERE seq = 4', 'UPDATE audit SET seq = seq - 1 WHERE seq > 4'), /^Row 4 was edited, or the one before it was removed/)
  assert.equal(await said('UPDATE audit SET seq = 0 WHERE seq = 4'), 'Row 0 has a number that no row can have.')
})

testOfFiles('an older head put back does not hide the rows after it', async () => {
  const [head] = await world.house.rows('SELECT seq, mac, head_mac FROM audit_head')
  await world.house.db.write(async (trx) => { world.house.audit.append(trx, 1, { event: 'door.changed' }) })
  assert.equal(await said(`UPDATE audit_head SET seq = ${String(head?.['seq'])}, mac = '${String(head?.['mac'])}', head_mac = '${String(head?.['head_mac'])}'`), 'The head of the chain is an older one: it was put back.')
})

const bare = 'payload = NULL, actor_id = NULL, subject_id = NULL, access_point_id = NULL, controller_id = NULL, reason = NULL'

testOfFiles('a row without its content says nothing that was not signed', async () => {
  assert.match(await said('UPDATE audit SET payload = NULL WHERE seq = 7'), /^The column \w+ of row 7 is not what was signed/)
  assert.match(await said(`UPDATE audit SET ${bare}, actor_id = 'somebody else' WHERE seq = 7`), /^The column actor_id of row 7/)
  assert.match(await said(`UPDATE audit SET ${bare}, reason = 'wrong' WHERE seq = 7`), /^The column reason of row 7/)
  assert.match(await said(`UPDATE audit SET ${bare}, severity = 'alarm' WHERE seq = 7`), /^The column severity of row 7/)
})

testOfFiles('what was erased is counted and told', async () => {
  assert.equal(await said(`UPDATE audit SET ${bare} WHERE seq IN (4, 7)`), 'intact')
  const copy = join(world.house.config.dataDir, 'copy')
  assert.equal((await verifyFolder(copy)).erased, 2)
  assert.deepEqual(await command('--data-dir', copy), { code: 0, printed: `The record is intact: ${rows} rows. The content of 2 of them was erased.\n` })
})

testOfFiles('erasing a payload leaves the chain whole and the page readable', async () => {
  assert.equal(await said(`UPDATE audit SET ${bare} WHERE seq = 7`), 'intact')
  await world.house.db.write(async (trx) => { await trx.prepare('UPDATE audit SET payload = NULL WHERE seq = 7').run() })
  const row = (await page('before=8&limit=1')).rows[0]
  assert.deepEqual([row?.seq, row?.actor, row?.subject, row?.details], [7, null, null, {}])
})

testOfFiles('the command prints the verdict and ends with 0, 1 or 2', async () => {
  assert.equal(await said(), 'intact')
  const copy = join(world.house.config.dataDir, 'copy')
  assert.deepEqual(await command('--data-dir', copy), { code: 0, printed: `The record is intact: ${rows} rows.\n` })
  await said('DELETE FROM audit WHERE seq = 4')
  assert.deepEqual(await command('--data-dir', copy), { code: 1, printed: 'The record was tampered with. Row 4 was removed.\nRows that hold: 3.\n' })
  const nowhere = await command('--data-dir', join(copy, 'nowhere'))
  assert.equal(nowhere.code, 2)
  assert.match(nowhere.printed, /oncekey\.db does not exist\. Name the data folder with --data-dir/)
  assert.equal((await command('--frobnicate')).code, 2)
})

test('the record, newest first, page by page, without a gap and without a row twice', async () => {
  const found: AuditRow[] = []
  let query = '?limit=4'
  for (;;) {
    const { rows, next } = await page(query)
    found.push(...rows)
    if (next === null) break
    assert.equal(next, rows.at(-1)?.seq)
    query = `?limit=4&before=${next}`
  }
  const all = (await page('limit=200')).rows
  assert.deepEqual(found, all)
  assert.deepEqual(all.map((row) => row.seq), all.map((_, i) => all.length - i))
})

test('filters: event, severity, access point, and a person as actor or subject', async () => {
  const { otto, maya } = world.people
  const issued = await world.call(otto, 'POST', 'codes', { accessPointId: world.points.a02, personId: maya.id })
  assert.equal(issued.status, 201, JSON.stringify(issued.body))
  const all = (await page('limit=200')).rows
  const isOf = (id: string) => (row: AuditRow): boolean => row.actor?.id === id || row.subject?.id === id
  assert.deepEqual((await page('limit=200&event=code.issued')).rows, all.filter((row) => row.event === 'code.issued'))
  assert.deepEqual((await page(`limit=200&accessPointId=${world.points.a02}`)).rows, all.filter((row) => row.accessPoint?.id === world.points.a02))
  assert.deepEqual((await page('limit=200&severity=notice')).rows, all.filter((row) => row.severity === 'notice'))
  for (const id of [otto.id, maya.id]) assert.deepEqual((await page(`limit=200&personId=${id}`)).rows, all.filter(isOf(id)))
  const ofMaya = all.filter(isOf(maya.id))
  assert.deepEqual((await page(`limit=2&personId=${maya.id}`)).rows, ofMaya.slice(0, 2))
  assert.deepEqual((await page(`limit=2&personId=${maya.id}&event=code.issued&before=${ofMaya[1]?.seq}`)).rows, ofMaya.slice(2).filter((row) => row.event === 'code.issued').slice(0, 2))
  assert.deepEqual((await page('event=no.such.event')).rows, [])
})

testOfFiles('every page query walks an index', async () => {
  const plan = async (sql: string): Promise<string> => (await world.house.rows(`EXPLAIN QUERY PLAN ${sql}`)).map((row) => String(row['detail'])).join('; ')
  for (const [where, index] of [['seq < 9', 'PRIMARY KEY'], ["event = 'x'", 'audit_event'], ["actor_id = 'x'", 'audit_actor'], ["subject_id = 'x'", 'audit_subject'], ["access_point_id = 'x'", 'audit_access_point']]) {
    const detail = await plan(`SELECT * FROM audit WHERE ${where} ORDER BY seq DESC LIMIT 51`)
    assert.match(detail, new RegExp(`SEARCH audit USING .*${index}`), where)
    assert.doesNotMatch(detail, /TEMP B-TREE/, where)
  }
})
