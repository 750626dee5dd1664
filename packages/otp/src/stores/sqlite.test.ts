import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { Worker } from 'node:worker_threads'
import { storeContract } from './contract.ts'
import { sqliteSchema, sqliteStore } from './sqlite.ts'
import type { Guesses } from './testing/guesser.ts'
import { count, door, minute, reasonOf, web, world } from './testing/world.ts'

storeContract({
  name: 'SQLite',
  async open () {
    const db = new DatabaseSync(':memory:')
    db.exec(sqliteSchema)
    return { store: sqliteStore(db, { transaction: 'own' }), close: () => db.close() }
  }
})

function folder (t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'oncekey-otp-'))
  t.after(() => rmSync(path, { recursive: true }))
  return path
}

function openFile (file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: 10_000 })
  db.exec('PRAGMA journal_mode = WAL')
  db.exec(sqliteSchema)
  return db
}

test('SQLite: codes, reasons, budgets and lockouts survive closing and opening the file', async t => {
  const file = join(folder(t), 'codes.db')
  let db = openFile(file)
  const before = world(sqliteStore(db, { transaction: 'own' }))
  const used = await before.code({ slot: 'a' })
  const live = await before.code({ slot: 'b', data: 'kept' })
  await before.type(used.code)
  await before.guess(3)
  db.close()

  db = openFile(file)
  const after = world(sqliteStore(db, { transaction: 'own' }))
  assert.equal(await after.lockedFor(), 2 * minute)
  after.wait(2 * minute)
  assert.equal(reasonOf(await after.type(used.code)), 'alreadyUsed')
  const verdict = await after.type(live.code)
  assert.deepEqual([verdict.granted, verdict.data], [true, 'kept'])
  await after.guess(3)
  assert.equal(await after.lockedFor(), 4 * minute)
  db.close()
})

async function race (t: TestContext, kind: Guesses['kind'], codesOf: (right: string) => string[][]): Promise<{ reasons: string[], afterwards: string }> {
  const file = join(folder(t), 'codes.db')
  const db = openFile(file)
  const w = world(sqliteStore(db, { transaction: 'own' }))
  const where = { ...(kind === 'reader' ? door : web), purpose: 'unlock' }
  const { code } = await w.code(where)
  const start = new SharedArrayBuffer(4)
  const workers = codesOf(code).map(codes => {
    const workerData: Guesses = { file, scope: where.scope, kind, codes, now: w.now(), start }
    return new Worker(new URL('./testing/guesser.ts', import.meta.url), { workerData })
  })
  const results = workers.map(worker => new Promise<string[]>((resolve, reject) => { worker.on('message', resolve).on('error', reject) }))
  await Promise.all(workers.map(worker => new Promise(resolve => { worker.on('online', resolve) })))
  Atomics.store(new Int32Array(start), 0, 1)
  Atomics.notify(new Int32Array(start), 0)
  const reasons = (await Promise.all(results)).flat()
  await Promise.all(workers.map(worker => worker.terminate()))
  const afterwards = reasonOf(await w.type(code, where))
  db.close()
  return { reasons, afterwards }
}

const zeros = (times: number): string[] => Array.from({ length: times }, () => '0000')

test('SQLite: several connections on one file evaluate exactly the three tries of a reader', async t => {
  const { reasons, afterwards } = await race(t, 'reader', () => [zeros(100), zeros(100), zeros(100)])
  assert.deepEqual([count(reasons, 'wrong'), count(reasons, 'lockedOut'), afterwards], [3, 297, 'lockedOut'])
})

test('SQLite: several connections on one file evaluate exactly the five tries of a challenge', async t => {
  const { reasons, afterwards } = await race(t, 'challenge', () => [zeros(100), zeros(100), zeros(100)])
  assert.deepEqual([count(reasons, 'wrong'), count(reasons, 'lockedOut'), afterwards], [5, 295, 'lockedOut'])
})

test('SQLite: of many right codes over several connections one is granted', async t => {
  const { reasons } = await race(t, 'challenge', right => Array.from({ length: 3 }, () => Array.from({ length: 50 }, () => right)))
  assert.equal(count(reasons, 'granted'), 1)
})

test('SQLite: an honest right code that races wrong ones over several connections is granted', async t => {
  const { reasons } = await race(t, 'challenge', right => [[right], ['0000', '0000'], ['0000', '0000']])
  assert.deepEqual([count(reasons, 'granted'), count(reasons, 'wrong')], [1, 4])
})

test("SQLite: inside the caller's transaction everything is kept or undone together with it", async () => {
  const db = new DatabaseSync(':memory:')
  db.exec(sqliteSchema)
  const w = world(sqliteStore(db, { transaction: 'caller' }))
  db.exec('BEGIN IMMEDIATE')
  const { code } = await w.code()
  db.exec('COMMIT')

  db.exec('BEGIN IMMEDIATE')
  assert.equal(reasonOf(await w.type(code)), 'granted')
  assert.equal(reasonOf(await w.type(code)), 'alreadyUsed')
  assert.deepEqual(await w.otp.sweep(), { expired: [], forgotten: 0, scopes: 0 })
  assert.equal((await w.otp.status(door)).failuresInWindow, 1)
  db.exec('ROLLBACK')

  assert.equal((await w.otp.status(door)).failuresInWindow, 0)
  assert.equal(reasonOf(await w.type(code)), 'granted')
  db.close()
})

test('SQLite: when the transaction is gone already, the first error is told', () => {
  const db = new DatabaseSync(':memory:')
  db.exec(sqliteSchema)
  const store = sqliteStore(db, { transaction: 'own' })
  assert.throws(() => store.change({ tenant: 't', scope: 's', now: 0 }, () => {
    db.exec('ROLLBACK')
    throw new Error('disk full')
  }), /^Error: disk full$/)
  db.close()
})

test('SQLite: no digits reach the file, its WAL or its free pages, raw or in hex', async t => {
  const path = folder(t)
  const db = openFile(join(path, 'codes.db'))
  const w = world(sqliteStore(db, { transaction: 'own' }))
  // Twelve digits do not turn up by chance.
  const canaries: string[] = []
  for (const where of [door, web]) {
    for (let i = 0; i < 4; i++) {
      const { code } = await w.code({ ...where, digits: 12 })
      canaries.push(code)
      await w.type(code, { ...where, purpose: i === 0 ? 'other' : where.purpose })
    }
  }
  const planted = '314159265358'
  await w.code({ data: planted })
  const files = (): Buffer => Buffer.concat(readdirSync(path).map(name => readFileSync(join(path, name))))
  const found = (digits: string): boolean => [digits, Buffer.from(digits).toString('hex')].some(text => files().includes(text))
  assert.equal(found(planted), true, 'the search finds what is there')
  for (const code of canaries) assert.equal(found(code), false)
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  for (const code of canaries) assert.equal(found(code), false)
  db.close()
})

test('SQLite: every statement finds its rows by an index', () => {
  const db = new DatabaseSync(':memory:')
  db.exec(sqliteSchema)
  const statements: string[] = []
  sqliteStore({ exec: sql => db.exec(sql), prepare: sql => { statements.push(sql); return db.prepare(sql) } }, { transaction: 'own' })
  assert.ok(statements.length > 10)
  const plan = (sql: string): string => db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...Array.from(sql.matchAll(/\?/g), () => 0)).map(row => row.detail).join('; ')
  assert.match(plan('SELECT * FROM otp_codes WHERE data = ?'), /SCAN otp_codes/)
  for (const sql of statements) assert.doesNotMatch(plan(sql), /SCAN/, sql)
  db.close()
})
