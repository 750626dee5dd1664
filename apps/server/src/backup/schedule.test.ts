import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import type { BackupsAnswer } from '@oncekey/protocol/schemas'
import { COOKIE } from '../sessions/cookies.ts'
import { openWorld, type World } from '../testing/world.ts'
import { checkBackup } from './restore.ts'
import { backUpWhenDue, backupDone } from './run.ts'

const HOUR = 3_600_000
const WORDS = 'seven quiet lanterns'

async function look (world: World): Promise<BackupsAnswer> {
  return (await world.call(world.people.adam, 'GET', 'backups')).body
}

test('an administrator makes a backup and sees it, an owner takes it away, an administrator removes it; each is in the record', async () => {
  const world = await openWorld()
  const { adam, olga, otto } = world.people
  try {
    assert.equal((await world.call(otto, 'GET', 'backups')).status, 403)
    const begun = await world.call(adam, 'POST', 'backups', { passphrase: WORDS })
    assert.equal(begun.status, 202)
    assert.ok(begun.body.running !== null)
    // One at a time.
    assert.equal((await world.call(adam, 'POST', 'backups', {})).status, 429)
    await backupDone(world.house)
    const { backups: [one], running, last } = await look(world)
    assert.ok(one !== undefined)
    assert.deepEqual([running, last?.fault, one.encrypted, one.scheduled], [null, null, true, false])
    const [row] = await world.record('backup.made')
    assert.deepEqual([row?.actor?.name, row?.details['name'], row?.details['bytes']], ['Adam', one.id, one.bytes])

    // It has the keys of the installation in it.
    assert.equal((await world.call(adam, 'GET', `backups/${one.id}`)).status, 403)
    const file = await world.house.app.inject({ method: 'GET', url: '/api/v1/backups/' + one.id, headers: { cookie: `${COOKIE}=${olga.cookie}` } })
    assert.deepEqual([file.statusCode, file.rawPayload.length], [200, one.bytes])
    const header = await checkBackup({ file: Readable.from([file.rawPayload]), passphrase: WORDS })
    assert.equal(header.by, 'Adam')
    assert.equal((await world.record('backup.taken'))[0]?.details['name'], one.id)
    assert.ok(existsSync(join(world.house.config.dataDir, 'last-backup')), 'the doctor sees it')

    // Nothing else of the disk is to be had by this way.
    for (const id of ['secrets', '..%2Fsecrets.json', 'oncekey-2026-01-05T090000Z.backup%2F..%2F..%2Fsecrets.json']) assert.ok([400, 404].includes((await world.call(olga, 'GET', `backups/${id}`)).status), id)
    assert.equal((await world.call(adam, 'DELETE', `backups/${one.id}`)).status, 204)
    assert.equal((await world.call(adam, 'DELETE', `backups/${one.id}`)).status, 404)
    assert.deepEqual([(await look(world)).backups, (await world.record('backup.removed')).length], [[], 1])
  } finally {
    await world.close()
  }
})

test('by themselves every so many hours, the newest of them are kept, and those that somebody made stay', async () => {
  const world = await openWorld()
  const { adam } = world.people
  try {
    await backUpWhenDue(world.house)
    assert.deepEqual([(await look(world)).backups, (await look(world)).schedule.nextAt], [[], null], 'unasked none is made')
    assert.equal((await world.call(adam, 'PATCH', 'backups/schedule', { everyHours: 6, keep: 2, passphrase: WORDS })).status, 200)
    assert.ok(!JSON.stringify(await world.house.rows('SELECT * FROM settings')).includes(WORDS))
    await world.call(adam, 'POST', 'backups', {})
    await backupDone(world.house)
    await backUpWhenDue(world.house)
    assert.equal((await look(world)).backups.length, 1, 'one was just made')
    for (let i = 0; i < 3; i++) {
      world.house.wait(6 * HOUR - 1)
      await backUpWhenDue(world.house)
      world.house.wait(1)
      await Promise.all([backUpWhenDue(world.house), backUpWhenDue(world.house)])
    }
    await world.signIn(adam)
    const { backups, schedule } = await look(world)
    assert.deepEqual(backups.map((one) => [one.scheduled, one.encrypted, one.madeAt]), [[true, true, Date.UTC(2026, 0, 6, 3)], [true, true, Date.UTC(2026, 0, 5, 21)], [false, false, Date.UTC(2026, 0, 5, 9)]])
    assert.deepEqual(schedule, { everyHours: 6, keep: 2, encrypted: true, nextAt: Date.UTC(2026, 0, 6, 9) })
    assert.equal((await world.record('backup.made')).length, 4)
    // The passphrase is in no backup, not even sealed: without it one that is not encrypted opens no other one.
    await world.call(adam, 'PATCH', 'backups/schedule', { everyHours: 0, keep: 2, passphrase: null })
    assert.deepEqual((await look(world)).schedule, { everyHours: 0, keep: 2, encrypted: false, nextAt: null })
    assert.deepEqual((await world.record('backup.scheduled')).map((row) => row.details['passphrase']), ['new', 'none'])
  } finally {
    await world.close()
  }
})

test('a backup that fails tells administrators once, is tried again within the hour, and leaves nothing half', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-disk-'))
  const disk = join(folder, 'disk')
  const world = await openWorld({ env: { ONCEKEY_BACKUP_DIR: disk } })
  const { adam, otto } = world.people
  const told = async (id: string): Promise<number> => (await world.house.rows("SELECT id FROM inbox WHERE person_id = ? AND subject = 'A backup failed'", id)).length
  try {
    await world.call(adam, 'PATCH', 'backups/schedule', { everyHours: 24, keep: 1 })
    for (let i = 0; i < 3; i++) {
      await backUpWhenDue(world.house)
      world.house.wait(HOUR)
    }
    assert.ok(!existsSync(disk), 'a disk that is not mounted is not made')
    assert.deepEqual([await told(adam.id), await told(otto.id), (await world.record('backup.failed')).length], [1, 0, 1])
    await world.signIn(adam)
    assert.match(String((await look(world)).last?.fault), /is not there\. Make it, mount its disk/)
    mkdirSync(disk)
    await backUpWhenDue(world.house)
    assert.equal((await look(world)).last?.fault, null)
    assert.deepEqual(readdirSync(disk).length, 1)
    // The next failure is another one.
    rmSync(disk, { recursive: true })
    writeFileSync(disk, 'a file where a folder was')
    world.house.wait(24 * HOUR)
    await backUpWhenDue(world.house)
    assert.deepEqual([await told(adam.id), (await world.record('backup.failed')).length], [2, 2])
  } finally {
    rmSync(folder, { recursive: true, force: true })
    await world.close()
  }
})
