import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { verifyEntry } from '../access/verify.ts'
import { makeCheckpoints } from '../audit/checkpoints.ts'
import { verifyFolder } from '../audit/open-chain.ts'
import { emptyPlace, testOfFiles, type TestDatabase } from '../testing/database.ts'
import { testHouse, type TestHouse } from '../testing/house.ts'
import { openWorld, quiet, type World } from '../testing/world.ts'
import { leftOut } from './contents.ts'
import { writeItems, type Item } from './format.ts'
import { asksPassphrase, BadBackup, PART, sealParts } from './frame.ts'
import { makeBackup } from './make.ts'
import { finishRestore, STAGE } from './place.ts'
import { checkBackup, restoreBackup } from './restore.ts'

const WORDS = 'seven quiet lanterns'

/** A folder that goes when the test does, and an empty database for it. */
async function elsewhere (): Promise<{ folder: string, database: TestDatabase, place: { dataDir: string, databaseUrl: string | null }, remove: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-elsewhere-'))
  const database = await emptyPlace(folder)
  return { folder, database, place: { dataDir: folder, databaseUrl: database.databaseUrl }, async remove () { await database.drop(); rmSync(folder, { recursive: true, force: true }) } }
}

function placeOf ({ config }: TestHouse): { dataDir: string, databaseUrl: string | null } {
  return { dataDir: config.dataDir, databaseUrl: config.databaseUrl }
}

async function backUp (house: TestHouse, path: string, passphrase: string | null = null): Promise<Buffer> {
  await makeBackup({ place: placeOf(house), path, by: 'the test', program: '0.0.0-test', passphrase, now: house.clock() })
  return readFileSync(path)
}

function enter ({ house, controllers }: World, digits: string): ReturnType<typeof verifyEntry> {
  return house.db.write((trx) => verifyEntry(trx, house, { controller: { id: controllers.bank, name: 'Bank A' }, requestId: randomUUID(), lock: 0, digits }))
}

test('a backup of the middle of a day, put back elsewhere: all rows are there, nothing that was live or used works, the controllers follow', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-backup-'))
  const there = await elsewhere()
  const world = await openWorld({ demonstration: false })
  try {
    await world.house.db.write(async (trx) => { await trx.prepare("UPDATE controllers SET simulated = 0, offline_clock = 'trusted' WHERE id = ?").run(world.controllers.bank) })
    const door = await world.door()
    const used = await world.code(world.people.maya, world.points.a01)
    const unused = await world.code(world.people.maya, world.points.a02)
    const stay = await world.call(world.people.otto, 'POST', 'codes', { accessPointId: world.points.a01, personId: world.people.maya.id, offline: 'hours4' })
    assert.equal(stay.status, 201, JSON.stringify(stay.body))
    const { id: staff } = (await world.call(world.people.otto, 'POST', 'groups', { name: 'Staff' })).body
    assert.equal((await world.call(world.people.otto, 'POST', `groups/${staff}/grants`, { accessPointIds: [world.points.a03] })).status, 201)
    assert.equal((await world.call(world.people.otto, 'PATCH', `groups/${staff}/people`, { join: [world.people.adam.id] })).status, 200)
    await world.wait(1000, door)
    await makeCheckpoints(world.house)

    const path = join(folder, 'monday.backup')
    const bytes = await backUp(world.house, path, WORDS)
    const before = await world.house.rows('SELECT * FROM audit ORDER BY seq')
    assert.equal(statSync(path).mode & 0o777, 0o600)
    assert.ok(!bytes.includes('Maya'), 'nobody is named in it')

    // Life goes on.
    await door.enter(used.digits)
    assert.equal(door.isLocked(1), false)
    await world.wait(20_000, door)
    door.unplug()
    await quiet()
    await world.wait(1000, door)
    // What the box does now nobody has heard of, the backup least of all.
    door.openDoor(2)
    await world.wait(500, door)

    const { aside, header } = await restoreBackup({ place: there.place, file: createReadStream(path), passphrase: WORDS, replace: false, by: 'the test', now: world.house.clock() })
    assert.deepEqual([aside, header.record.seq], [null, before.length])
    assert.deepEqual(readdirSync(there.folder).toSorted().filter((name) => !name.startsWith('oncekey.db')), ['secrets.json'])

    const lived = world.house
    await lived.transport.close()
    await quiet()
    world.house = await testHouse({ folder: there.folder, database: there.database, now: lived.clock() })

    // Nothing of before is missing, and the record says what happened.
    const rows = await world.house.rows('SELECT * FROM audit ORDER BY seq')
    assert.deepEqual(rows.slice(0, before.length).map((row) => ({ ...row })), before.map((row) => ({ ...row })))
    const [restored] = await world.record('backup.restored')
    assert.deepEqual(restored?.details, { madeAt: header.madeAt, madeBy: 'the test', row: before.length, generation: 2, codes: 3, controllers: 2 })
    // The chain goes on, signed as the next generation.
    world.house.wait(11 * 60_000)
    const [checkpoint] = (await makeCheckpoints(world.house)).slice(-1)
    assert.equal(checkpoint?.generation, 2)
    assert.deepEqual((await verifyFolder(placeOf(world.house))).fault, null)

    // Who was signed in is not any more.
    assert.equal((await world.call(world.people.maya, 'GET', 'me')).status, 401)
    assert.equal((await enter(world, used.digits)).granted, false)
    assert.equal((await enter(world, unused.digits)).granted, false)
    assert.deepEqual((await world.house.rows("SELECT state FROM codes WHERE state = 'issued'")), [])

    // The box comes back: newer settings than any it had, without codes of its own; what it had not told arrives; what it had told, and nobody knows of, is a gap.
    const version = Number((await world.house.rows('SELECT settings_version FROM controllers WHERE id = ?', world.controllers.bank))[0]?.['settings_version'])
    door.plug()
    await quiet()
    await world.wait(3000, door)
    assert.equal(door.controller.settings?.version, version)
    assert.equal(door.controller.settings?.offline, undefined)
    assert.ok((await world.record('controller.recordGap')).length > 0)
    assert.ok((await world.record('door.forced')).length > 0, 'what happened while nobody heard is told')
    await world.signIn(world.people.maya)
    const fresh = await world.code(world.people.maya, world.points.a02)
    await door.enter(fresh.digits)
    assert.equal(door.isLocked(2), false)
    // A code that the door once checked by itself: what became of it since nobody knows, so it opens nothing.
    await world.wait(20_000, door)
    door.unplug()
    await quiet()
    await world.wait(6_000, door)
    door.type(`1${stay.body.digits}#`)
    await world.wait(1_000, door)
    assert.equal(door.isLocked(1), true)

    // Once only: the next start is an ordinary one.
    await world.restart()
    assert.equal((await world.record('backup.restored')).length, 1)
    await world.close()
    world.house = lived
  } finally {
    rmSync(folder, { recursive: true, force: true })
    await there.remove()
    await world.close()
  }
})

test('nothing in a backup opens anything: no row of a session, a live code or a ticket, no sealed code, and no digits', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-backup-'))
  const world = await openWorld()
  try {
    const { digits } = await world.code()
    const tables = await world.house.tables()
    assert.deepEqual(leftOut.filter((name) => !tables.includes(name)), [], 'every table that is left out is one')
    const path = join(folder, 'plain.backup')
    await backUp(world.house, path)
    const { tables: kept } = await checkBackup({ file: createReadStream(path), passphrase: null })
    assert.deepEqual(kept.map(({ name }) => name).filter((name) => leftOut.includes(name)), [])
    assert.deepEqual([...kept.map(({ name }) => name), ...leftOut].toSorted(), tables.filter((name) => !name.startsWith('sqlite')).toSorted(), 'and every other table is there')
    const there = await elsewhere()
    await restoreBackup({ place: there.place, file: createReadStream(path), passphrase: null, replace: false, by: 'the test', now: world.house.clock() })
    for (const table of ['outbox', 'inbox']) assert.deepEqual(await there.database.rows(`SELECT id FROM ${table} WHERE sealed IS NOT NULL`), [])
    const all: unknown[] = []
    for (const table of await there.database.tables()) all.push(await there.database.rows(`SELECT * FROM ${table}`))
    assert.ok(!JSON.stringify(all).includes(digits))
    await there.remove()
  } finally {
    rmSync(folder, { recursive: true, force: true })
    await world.close()
  }
})

test('a file that is cut, changed, put in another order, of somebody else or from tomorrow is refused with its cure, and nothing is replaced', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-backup-'))
  const there = await elsewhere()
  const world = await openWorld()
  const restore = (bytes: Buffer, passphrase: string | null): Promise<unknown> => restoreBackup({ place: there.place, file: Readable.from(inChunks(bytes)), passphrase, replace: false, by: 'the test', now: 1 })
  const refused = async (what: string, bytes: Buffer, passphrase: string | null, message: RegExp): Promise<void> => {
    await assert.rejects(restore(bytes, passphrase), (error) => error instanceof BadBackup && message.test(error.message), what)
    assert.deepEqual([readdirSync(there.folder), await there.database.tables().catch(() => [])], [[], []], `${what}: nothing is left`)
    rmSync(join(there.folder, 'oncekey.db'), { force: true })
  }
  try {
    // More than a part of it, which no packing makes small.
    await world.house.db.write(async (trx) => {
      for (let i = 0; i < 60; i++) await trx.prepare('INSERT INTO settings (key, value) VALUES (?, ?)').run(`bulk.${i}`, Array.from({ length: 150 }, () => randomUUID()).join(''))
    })
    for (const passphrase of [null, WORDS]) {
      const bytes = await backUp(world.house, join(folder, passphrase ?? 'plain'), passphrase)
      assert.equal(asksPassphrase(bytes), passphrase !== null)
      const head = bytes.indexOf('\n') + 1
      assert.ok(bytes.length > head + 2 * (PART + 16), `${bytes.length} bytes are some parts`)
      const changed = (at: number): Buffer => { const copy = Buffer.from(bytes); copy[at] = (copy[at] ?? 0) ^ 1; return copy }
      const notWhole = /not whole|does not open|no backup|Take another/
      // With a passphrase each try costs what it costs a thief: fewer of them.
      const all = passphrase === null
      for (const length of all ? [0, 1, head - 1, head, head + 15, head + 16, head + 17, head + PART, head + PART + 16, head + PART + 17, head + 2 * (PART + 16), bytes.length - 17, bytes.length - 16, bytes.length - 1] : [head + 15, head + PART + 16, bytes.length - 1]) await refused(`cut at ${length}`, bytes.subarray(0, length), passphrase, notWhole)
      for (const at of all ? [0, 30, head - 3, head, head + 40, head + PART + 3, head + PART + 20, bytes.length - 17, bytes.length - 1] : [head - 3, head + PART + 20]) await refused(`a bit of byte ${at}`, changed(at), passphrase, notWhole)
      const [one, two] = [bytes.subarray(head, head + PART + 16), bytes.subarray(head + PART + 16, head + 2 * (PART + 16))]
      await refused('two parts changed places', Buffer.concat([bytes.subarray(0, head), two, one, bytes.subarray(head + 2 * (PART + 16))]), passphrase, notWhole)
      await refused('a part is missing', Buffer.concat([bytes.subarray(0, head), two, bytes.subarray(head + 2 * (PART + 16))]), passphrase, notWhole)
      await refused('something follows', Buffer.concat([bytes, Buffer.from('x')]), passphrase, notWhole)
    }
    const sealed = readFileSync(join(folder, WORDS))
    await refused('without the passphrase', sealed, null, /encrypted. Give its passphrase/)
    await refused('another passphrase', sealed, WORDS + '!', /passphrase does not open/)
    await refused('a photo', Buffer.from('\x89PNG\r\n' + 'x'.repeat(5000), 'latin1'), null, /no backup of Oncekey/)
    await refused('a database', readFileSync(join(folder, 'plain')).fill('SQLite format 3', 0, 300), null, /no backup of Oncekey/)
    await refused('of another format', Buffer.from(readFileSync(join(folder, 'plain')).toString('latin1').replace('"version":1', '"version":2'), 'latin1'), null, /newer version of Oncekey/)
    await refused('that would cost an hour to open', Buffer.from(sealed.toString('latin1').replace('"cost":65536', '"cost":1073741824'), 'latin1'), WORDS, /no backup/)
    // Whole files that say what no backup says.
    const good = await checkBackup({ file: Readable.from(inChunks(readFileSync(join(folder, 'plain')))), passphrase: null })
    const made = async (...items: Item[]): Promise<Buffer> => {
      const lines = await buffer(Readable.from(writeItems(Readable.from(items))))
      return await buffer(Readable.from(sealParts(Readable.from([gzipSync(lines)]), null)))
    }
    await refused('from tomorrow', await made({ is: 'header', header: { ...good, migrations: [...good.migrations, '9999-tomorrow'] } }), null, /newer version of Oncekey .*9999-tomorrow/)
    await refused('tables are missing', await made({ is: 'header', header: good }), null, /is missing/)
    await refused('no header', await made({ is: 'table', name: 'sites' }), null, /header/)
    for (const path of ['../escaped', '/etc/passwd', 'tls/../../escaped', 'oncekey.db', 'tls//x', 'restoring/plan.json']) {
      await refused(path, await made({ is: 'header', header: { ...good, tables: [], files: [{ path, bytes: 1 }] } }, { is: 'file', path, bytes: Buffer.from('x') }), null, /file that no backup has/)
    }
    await refused('names that are SQL', await made({ is: 'header', header: { ...good, tables: [{ name: 'sites; DROP TABLE sites', columns: ['id'], rows: 0 }] } }), null, /header is not whole/)
    const [first] = good.tables.filter(({ name }) => name === 'daily_counts')
    assert.ok(first !== undefined)
    const rows = (count: number, values: (string | number)[]): Promise<Buffer> => made({ is: 'header', header: { ...good, files: [], tables: [{ ...first, rows: count }] } }, { is: 'table', name: first.name }, { is: 'row', values })
    await refused('a row too few', await rows(2, ['2026-01-05', 'x', 1]), null, /has 1 rows and not 2/)
    await refused('a row too many', await rows(0, ['2026-01-05', 'x', 1]), null, /has more rows/)
    await refused('a value too many', await rows(1, ['2026-01-05', 'x', 1, 2]), null, /does not fit its table/)
    await refused('a text for a number', await rows(1, ['2026-01-05', 'x', 'many']), null, /does not take/)
    await refused('without keys', await rows(1, ['2026-01-05', 'x', 1]), null, /has no keys/)
    // And the whole one is taken.
    rmSync(there.folder, { recursive: true, force: true })
    await restore(sealed, WORDS)
    assert.ok(existsSync(join(there.folder, 'secrets.json')))
  } finally {
    rmSync(folder, { recursive: true, force: true })
    await there.remove()
    await world.close()
  }
})

/** As a disk gives them. */
async function * inChunks (bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 40_000) yield bytes.subarray(at, at + 40_000)
}

test('what is there is replaced only on demand and kept beside; a server that runs is not replaced at all', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-backup-'))
  const world = await openWorld()
  const path = join(folder, 'one.backup')
  const order = (replace: boolean): Parameters<typeof restoreBackup>[0] => ({ place: placeOf(world.house), file: createReadStream(path), passphrase: null, replace, by: 'the test', now: Date.UTC(2026, 0, 5, 12) })
  try {
    await backUp(world.house, path)
    await assert.rejects(makeBackup({ place: placeOf(world.house), path, by: 'x', program: 'x', passphrase: null, now: 1 }), /exists already/)
    await world.house.db.write(async (trx) => { await trx.prepare("UPDATE people SET name = 'Somebody else' WHERE id = ?").run(world.people.maya.id) })
    await assert.rejects(restoreBackup(order(false)), /is not empty .*--replace/)
    await assert.rejects(restoreBackup(order(true)), /A server uses/)
    assert.equal((await world.house.rows('SELECT name FROM people WHERE id = ?', world.people.maya.id))[0]?.['name'], 'Somebody else')

    writeFileSync(join(world.house.config.dataDir, 'oncekey.json'), '{}')
    const { config } = world.house
    await world.house.app.close()
    await world.house.db.close()
    const { aside } = await restoreBackup(order(true))
    assert.equal(aside, 'before-restore-2026-01-05T120000Z')
    assert.ok(existsSync(join(config.dataDir, aside, 'secrets.json')), 'the keys of before')
    assert.ok(existsSync(join(config.dataDir, 'oncekey.json')), 'settings of this machine stay')
    assert.equal((await world.house.rows('SELECT name FROM people WHERE id = ?', world.people.maya.id))[0]?.['name'], 'Maya')
    if (config.databaseUrl !== null) assert.deepEqual((await world.house.rows('SELECT name FROM before_restore_2026_01_05t120000z.people WHERE id = ?', world.people.maya.id)).map((row) => row['name']), ['Somebody else'])
    if (config.databaseUrl !== null) await world.house.rows('DROP SCHEMA before_restore_2026_01_05t120000z CASCADE')
    world.house = await world.house.restart().catch(() => testHouse({ folder: config.dataDir, now: world.house.clock() }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
    await world.close()
  }
})

testOfFiles('a restore that was cut at any moment of its last step is brought to its end by the next start; one that was cut before is none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-cut-'))
  const place = { dataDir: folder, databaseUrl: null }
  const names = (): string[] => readdirSync(folder).toSorted()
  const begin = (phase: 'out' | 'in', old: string[], fresh: string[], moved: string[] = []): void => {
    rmSync(folder, { recursive: true, force: true })
    for (const path of [STAGE, 'before-restore-1']) mkdirSync(join(folder, path), { recursive: true })
    for (const name of old) writeFileSync(join(folder, name), 'old')
    for (const name of moved) writeFileSync(join(folder, 'before-restore-1', name), 'old')
    for (const name of fresh) writeFileSync(join(folder, STAGE, name), 'new')
    writeFileSync(join(folder, STAGE, 'plan.json'), JSON.stringify({ note: '{}', aside: 'before-restore-1', phase }))
  }
  const whole = (): void => {
    assert.deepEqual([names(), readdirSync(join(folder, 'before-restore-1')).toSorted()], [['before-restore-1', 'oncekey.db', 'secrets.json'], ['oncekey.db', 'secrets.json']])
    for (const name of ['oncekey.db', 'secrets.json']) assert.deepEqual([readFileSync(join(folder, name), 'utf8'), readFileSync(join(folder, 'before-restore-1', name), 'utf8')], ['new', 'old'])
  }
  try {
    const all = ['oncekey.db', 'secrets.json']
    begin('out', all, all)
    assert.equal(await finishRestore(place), true)
    whole()
    begin('out', ['secrets.json'], all, ['oncekey.db'])
    assert.equal(await finishRestore(place), true)
    whole()
    begin('out', [], all, all)
    assert.equal(await finishRestore(place), true)
    whole()
    begin('in', [], all, all)
    assert.equal(await finishRestore(place), true)
    whole()
    begin('in', [], ['secrets.json'], all)
    writeFileSync(join(folder, 'oncekey.db'), 'new')
    assert.equal(await finishRestore(place), true)
    whole()
    assert.equal(await finishRestore(place), false)
    begin('out', all, ['oncekey.db'])
    rmSync(join(folder, STAGE, 'plan.json'))
    assert.equal(await finishRestore(place), false)
    assert.equal(readFileSync(join(folder, 'oncekey.db'), 'utf8'), 'old')
    begin('out', all, all)
    writeFileSync(join(folder, STAGE, 'plan.json'), '{"note":"x","aside":"../..","phase":"out"}')
    await assert.rejects(finishRestore(place), /is damaged\. Restore the backup once more/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
