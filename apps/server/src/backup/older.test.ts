import assert from 'node:assert/strict'
import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Client } from 'pg'
import { migrate, shipped } from '../platform/migrate.ts'
import { migratePostgres } from '../platform/migrate-postgres.ts'
import { configOf } from '../platform/postgres-session.ts'
import { openSecrets } from '../platform/secrets.ts'
import { openConnection } from '../platform/sqlite.ts'
import { emptyPlace, isPostgres } from '../testing/database.ts'
import { testHouse } from '../testing/house.ts'
import { backUpBeforeUpgrade } from './before-upgrade.ts'
import { makeBackup } from './make.ts'
import { restoreBackup } from './restore.ts'

const now = Date.UTC(2026, 0, 5)
/** Every schema that ever was on SQLite; on PostgreSQL, where each takes a database of its own, the first, one of the middle and the last. */
const schemas = shipped.map((_, i) => i + 1).filter((count) => !isPostgres || [1, 12, shipped.length].includes(count))
const row = `INSERT INTO sites (id, name, time_zone, demonstration, created_at) VALUES ('s', 'Gym', 'UTC', 0, 1);
  INSERT INTO people (id, site_id, name, email, role, created_at) VALUES ('p', 's', 'Olga', 'olga@gym.example', 'owner', 1)`

test(`a backup of each of ${schemas.length} earlier schemas is brought to this one`, async () => {
  for (const count of schemas) {
    const folder = mkdtempSync(join(tmpdir(), 'oncekey-older-'))
    const target = mkdtempSync(join(tmpdir(), 'oncekey-newer-'))
    const [from, to] = [await emptyPlace(folder), await emptyPlace(target)]
    try {
      openSecrets(folder)
      await put(folder, from.databaseUrl, count)
      const path = join(folder, 'old.backup')
      const place = { dataDir: folder, databaseUrl: from.databaseUrl }
      const { header } = await makeBackup({ place, path, by: 'the test', program: 'older', passphrase: null, now })
      assert.equal(header.migrations.length, count)
      await restoreBackup({ place: { dataDir: target, databaseUrl: to.databaseUrl }, file: createReadStream(path), passphrase: null, replace: false, by: 'the test', now })
      const house = await testHouse({ folder: target, database: to, now })
      assert.deepEqual((await house.rows('SELECT name FROM people')).map((one) => one['name']), ['Olga'], shipped[count - 1]?.name)
      assert.equal((await house.rows('SELECT name FROM migrations')).length, shipped.length)
      assert.equal((await house.rows("SELECT seq FROM audit WHERE event = 'backup.restored'")).length, 1)
      assert.ok(!existsSync(join(target, 'restoring')))
      await house.close()
    } finally {
      await from.drop()
      rmSync(folder, { recursive: true, force: true })
      rmSync(target, { recursive: true, force: true })
    }
  }
})

testOfPostgres('before an upgrade there is a backup of what was there; none of a new database, and none a second time', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-upgrade-'))
  const target = mkdtempSync(join(tmpdir(), 'oncekey-back-'))
  const [from, to] = [await emptyPlace(folder), await emptyPlace(target)]
  const { databaseUrl } = from
  try {
    openSecrets(folder)
    assert.ok(databaseUrl !== null)
    const place = { dataDir: folder, databaseUrl }
    assert.equal(await backUpBeforeUpgrade(place, { program: 'newer', now }), null)
    await put(folder, databaseUrl, shipped.length - 1)
    const path = await backUpBeforeUpgrade(place, { program: 'newer', now })
    assert.equal(path, join(folder, `before-${shipped.at(-1)?.name}.backup`))
    assert.equal(await backUpBeforeUpgrade(place, { program: 'newer', now: now + 1 }), path, 'the upgrade failed and is tried again: the first one stays')
    await restoreBackup({ place: { dataDir: target, databaseUrl: to.databaseUrl }, file: createReadStream(String(path)), passphrase: null, replace: false, by: 'the test', now })
    assert.deepEqual((await to.rows('SELECT name FROM people')).map((one) => one['name']), ['Olga'])
    await migratePostgres(databaseUrl, now)
    rmSync(String(path))
    assert.equal(await backUpBeforeUpgrade(place, { program: 'newer', now }), null)
  } finally {
    await from.drop()
    await to.drop()
    rmSync(folder, { recursive: true, force: true })
    rmSync(target, { recursive: true, force: true })
  }
})

testOfPostgres('a backup of PostgreSQL is put into SQLite, and one of that into PostgreSQL: the same rows, the same record', async () => {
  const folders = ['a', 'b', 'c'].map((name) => mkdtempSync(join(tmpdir(), `oncekey-moves-${name}-`)))
  const [first = '', second = '', third = ''] = folders
  const [from, to] = [await emptyPlace(first), await emptyPlace(third)]
  const restore = (path: string, dataDir: string, databaseUrl: string | null): Promise<unknown> =>
    restoreBackup({ place: { dataDir, databaseUrl }, file: createReadStream(path), passphrase: null, replace: false, by: 'the test', now })
  try {
    const house = await testHouse({ folder: first, database: from, now })
    await house.db.write(async (trx) => {
      await trx.sql.insertInto('sites').values({ id: 's', name: 'Haus "Süd"\n\\ 雪', time_zone: 'UTC', demonstration: 0, created_at: now }).execute()
      house.audit.append(trx, now, { event: 'site.created', details: { name: 'é' } })
    })
    const paths = [join(first, 'one.backup'), join(second, 'two.backup')] as const
    await makeBackup({ place: { dataDir: first, databaseUrl: from.databaseUrl }, path: paths[0], by: 'x', program: 'x', passphrase: null, now })
    await restore(paths[0], second, null)
    await makeBackup({ place: { dataDir: second, databaseUrl: null }, path: paths[1], by: 'x', program: 'x', passphrase: null, now })
    await restore(paths[1], third, to.databaseUrl)
    for (const table of ['sites', 'audit', 'audit_head']) assert.deepEqual(await to.rows(`SELECT * FROM ${table}`), await from.rows(`SELECT * FROM ${table}`), table)
    assert.ok((await to.rows('SELECT seq FROM audit')).length > 0)
    await house.close()
  } finally {
    await to.drop()
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  }
})

/** SQLite's file is copied by the migration itself: migrate.test.ts. */
function testOfPostgres (title: string, run: () => Promise<void>): void {
  if (isPostgres) test(title, run)
  else process.stdout.write(`  of PostgreSQL, so not on SQLite: ${title}\n`)
}

async function put (folder: string, url: string | null, count: number): Promise<void> {
  if (url === null) {
    const database = openConnection(join(folder, 'oncekey.db'))
    await migrate(database, join(folder, 'oncekey.db'), 1, shipped.slice(0, count))
    database.exec(row)
    database.close()
    return
  }
  await migratePostgres(url, 1, shipped.slice(0, count))
  const client = new Client(configOf(url))
  await client.connect()
  await client.query(row)
  await client.end()
}
