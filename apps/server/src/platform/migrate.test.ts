import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, test } from 'node:test'
import { sqliteSchema } from '@oncekey/otp/sqlite'
import { migrate, shipped, type Migration } from './migrate.ts'

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
  assert.equal(statSync(path + '.before-0002-two').mode & 0o777, 0o600, 'as private as the database')
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

/** Columns and indexes of the code engine's tables. */
function codeTables (from: DatabaseSync): unknown[] {
  return from.prepare(`SELECT m.name, c.name AS part, c.type, c."notnull", c.pk FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name LIKE 'otp%'
    UNION ALL SELECT m.name, c.name, replace(m.sql, ' IF NOT EXISTS', ''), c.seqno, 0 FROM sqlite_schema m JOIN pragma_index_info(m.name) c WHERE m.type = 'index' AND m.name LIKE 'otp%' ORDER BY 1, 2`).all()
}

test('the code engine finds the tables that it asks for', async () => {
  await migrate(database, path, 1)
  const own = new DatabaseSync(':memory:')
  own.exec(sqliteSchema)
  assert.ok(codeTables(own).length > 20)
  assert.deepEqual(codeTables(database), codeTables(own))
  own.close()
})

test('codes that live and codes that are spent go into one table', async () => {
  await migrate(database, path, 1, shipped.slice(0, 3))
  database.exec(`INSERT INTO otp_codes (tenant, scope, id, slot, hash, generation, valid_from, expires_at, data) VALUES ('t', 'r', 'a', 's', 'h1', 1, 5, 9, 'd');
    INSERT INTO otp_spent (tenant, scope, id, hash, generation, reason, at) VALUES ('t', 'r', 'b', 'h2', 2, 'used', 7)`)
  await migrate(database, path, 2)
  assert.deepEqual(database.prepare('SELECT * FROM otp_codes ORDER BY generation').all().map((row) => Object.values(row)), [
    ['t', 'r', 'h1', 1, 'a', 's', 5, 9, 'd', null, null], ['t', 'r', 'h2', 2, 'b', '', 0, 7, '', 'used', 7]
  ])
})

test('the code and the tries of a verification that waits go into its row', async () => {
  await migrate(database, path, 1, shipped.slice(0, 4))
  database.exec("INSERT INTO sites (id, name, time_zone, created_at) VALUES ('s', 'Gym', 'UTC', 1)")
  const code = database.prepare("INSERT INTO otp_codes (tenant, scope, hash, generation, id, slot, valid_from, expires_at, data, spent) VALUES ('main', ?, ?, ?, ?, 'code', 0, 9, '', ?)")
  for (const [id, status] of [['waits', 'pending'], ['over', 'approved'], ['spent', 'pending']] as const) {
    database.exec(`INSERT INTO verifications (id, site_id, channel, recipient, recipient_key, purpose, status, created_at, expires_at) VALUES ('${id}', 's', 'email', 'a@b', 'k', 'p', '${status}', 1, 9);
      INSERT INTO otp_budgets (tenant, scope, generation, run, failures, lockouts, locked_until, forget_at) VALUES ('main', 'verification/${id}', 2, 3, '', '', 0, 9)`)
    code.run(`verification/${id}`, 'older', 1, `${id}1`, 'superseded')
    code.run(`verification/${id}`, 'newer', 2, `${id}2`, id === 'spent' ? 'revoked' : null)
  }
  code.run('keypad', 'h', 1, 'k', null)
  await migrate(database, path, 2)
  assert.deepEqual(database.prepare('SELECT id, generation, failures, code_hash, superseded FROM verifications ORDER BY id').all().map((row) => Object.values(row)), [
    ['over', 0, 0, null, ''], ['spent', 2, 3, null, ''], ['waits', 2, 3, 'newer', '']
  ])
  assert.deepEqual(database.prepare('SELECT scope FROM otp_codes UNION ALL SELECT scope FROM otp_budgets').all().map((row) => row['scope']), ['keypad'])
})

test('from each schema that was ever shipped to this one, with what was in it', async () => {
  for (let known = 1; known < shipped.length; known++) {
    const older = join(folder, `from-${known}.db`)
    const one = new DatabaseSync(older)
    await migrate(one, older, 1, shipped.slice(0, known))
    one.exec("INSERT INTO sites (id, name, time_zone, created_at) VALUES ('s', 'Gym', 'UTC', 1); INSERT INTO audit_head (id, seq, mac, head_mac) VALUES (1, 7, 'm', 'h')")
    one.exec("INSERT INTO outbox (id, dedupe_key, channel, recipient, subject, state, attempts, next_at, created_at) VALUES ('m', 'k', 'email', 'a@b', 'Hello', 'waiting', 0, 1, 1)")
    one.exec("INSERT INTO people (id, site_id, name, email, role, created_at) VALUES ('p', 's', 'Ana', 'a@b', 'owner', 1)")
    if (known < 7) one.exec("INSERT INTO sessions (token_hash, person_id, created_at, last_seen_at, address, agent) VALUES ('t', 'p', 5, 6, '', '')")
    assert.deepEqual(await migrate(one, older, 2), shipped.slice(known).map(({ name }) => name))
    assert.deepEqual(one.prepare('SELECT s.name, h.seq, o.state FROM sites s, audit_head h, outbox o').all().map((row) => ({ ...row })), [{ name: 'Gym', seq: 7, state: 'waiting' }])
    if (known < 7) assert.deepEqual({ ...one.prepare('SELECT person_id, idle_ms, ends_at, proven_at FROM sessions').get() }, { person_id: 'p', idle_ms: 3_600_000, ends_at: 43_200_005, proven_at: 0 })
    assert.deepEqual(one.prepare('PRAGMA foreign_key_check').all(), [])
    one.close()
  }
})
