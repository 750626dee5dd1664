import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, test } from 'node:test'
import { migrate, type Migration } from './migrate.ts'

let folder: string
let path: string
let database: DatabaseSync

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'oncekey-'))
  path = join(folder, 'oncekey.db')
  database = new DatabaseSync(path)
})

afterEach(() => {
  database.close()
  rmSync(folder, { recursive: true, force: true })
})

const one: Migration = { name: '0001-one', sqlite: 'CREATE TABLE one (a TEXT) STRICT' }
const two: Migration = { name: '0002-two', sqlite: 'ALTER TABLE one ADD COLUMN b TEXT; INSERT INTO one (a, b) VALUES (\'x\', \'y\')' }

test('each migration is applied once, in order, and the second one after a snapshot', async () => {
  assert.deepEqual(await migrate(database, path, 1, [one]), ['0001-one'])
  assert.deepEqual(await migrate(database, path, 2, [one]), [])
  assert.equal(existsSync(path + '.before-0002-two'), false)
  assert.deepEqual(await migrate(database, path, 3, [one, two]), ['0002-two'])
  assert.equal(database.prepare('SELECT b FROM one').get()?.['b'], 'y')
  const snapshot = new DatabaseSync(path + '.before-0002-two', { readOnly: true })
  assert.throws(() => snapshot.prepare('SELECT b FROM one'), /no such column/)
  snapshot.close()
})

test('a migration that breaks off leaves the database as it was', async () => {
  await migrate(database, path, 1, [one])
  const broken: Migration = { name: '0002-two', sqlite: 'ALTER TABLE one ADD COLUMN b TEXT; SELECT * FROM nowhere' }
  await assert.rejects(migrate(database, path, 2, [one, broken]), /as it was before/)
  assert.throws(() => database.prepare('SELECT b FROM one'), /no such column/)
  assert.deepEqual(await migrate(database, path, 3, [one, two]), ['0002-two'])
})

test('a database from a newer version is refused and not touched', async () => {
  await migrate(database, path, 1, [one, two])
  await assert.rejects(migrate(database, path, 2, [one]), /newer version of Oncekey \(it has 0002-two\)/)
})

test('the shipped migrations make a database from nothing', async () => {
  assert.ok((await migrate(database, path, 1)).length > 0)
  assert.deepEqual(database.prepare('PRAGMA foreign_key_check').all(), [])
  assert.equal(database.prepare('PRAGMA integrity_check').get()?.['integrity_check'], 'ok')
})
