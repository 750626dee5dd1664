import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createServer, type AddressInfo, type Server, type Socket, connect as dial } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, test } from 'node:test'
import { Client } from 'pg'
import { sharedPostgres } from '../../../../scripts/postgres.mjs'
import { migratedDatabase } from '../testing/migrated.ts'
import { createDb, type Db, type Trx } from './db.ts'
import { migratePostgres } from './migrate-postgres.ts'
import { shipped, type Migration } from './migrate.ts'
import { checkPostgres } from './postgres-session.ts'
import { openPostgres } from './postgres.ts'
import { Problem } from './problems.ts'

const cluster = sharedPostgres()
let url: string
let db: Db
const open: { close: () => Promise<void> }[] = []

function opened (at = url): Db {
  const db = createDb(openPostgres(at))
  open.push(db)
  return db
}

beforeEach(async () => {
  url = await migratedDatabase(`db_${randomBytes(6).toString('hex')}`)
  db = opened()
})

afterEach(async () => { while (open.length > 0) await open.pop()?.close() })

async function put (trx: Trx, key: string, value: string): Promise<void> {
  await trx.sql.insertInto('settings').values({ key, value }).execute()
}
const values = async (): Promise<string[]> => (await db.read.selectFrom('settings').select('value').orderBy('key').execute()).map((row) => row.value)

/** Somebody else at the same database. */
async function sql (text: string, at = url): Promise<Record<string, unknown>[]> {
  const client = new Client(at)
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

test('PostgreSQL: writes that arrive together share one commit; a write that throws undoes itself and nobody else', async () => {
  const transactions = new Map<number, unknown>()
  const told: number[] = []
  const done = await Promise.allSettled(Array.from({ length: 50 }, (_, i) => db.write(async (trx) => {
    await put(trx, `k${String(i).padStart(2, '0')}`, String(i))
    transactions.set(i, (await trx.prepare('SELECT pg_current_xact_id()::text AS id').get())?.['id'])
    trx.after(() => { told.push(i) })
    if (i % 10 === 7) throw new Problem('notFound')
    return i
  })))
  assert.equal(done.filter((one) => one.status === 'fulfilled').length, 45)
  assert.deepEqual(await values(), Array.from({ length: 50 }, (_, i) => i).filter((i) => i % 10 !== 7).map(String))
  assert.equal(told.length, 45)
  assert.equal(new Set(transactions.values()).size, 1, 'the last try of all of them')
})

test('PostgreSQL: a failed query undoes its own write only', async () => {
  const done = await Promise.allSettled([
    db.write((trx) => put(trx, 'a', '1')), db.write((trx) => put(trx, 'a', 'again')),
    db.write(async (trx) => { await trx.prepare('SELECT * FROM nowhere').all() }), db.write((trx) => put(trx, 'b', '2'))
  ])
  assert.deepEqual(done.map((one) => one.status), ['fulfilled', 'rejected', 'rejected', 'fulfilled'])
  assert.deepEqual(await values(), ['1', '2'])
})

test('PostgreSQL: a write that fails before it has changed anything does not have the others done again', async () => {
  const runs: string[] = []
  const group = (fail: (trx: Trx) => unknown): Promise<unknown> => {
    runs.length = 0
    return Promise.allSettled([
      db.write(async (trx) => { runs.push('a'); await trx.prepare('SELECT 1').all() }),
      db.write(async (trx) => {
        runs.push('b')
        await trx.prepare('SELECT 1').all()
        await fail(trx)
        throw new Problem('notFound')
      }),
      db.write(async (trx) => { runs.push('c'); await put(trx, 'c', String(runs.length)) })
    ])
  }
  await group(async () => {})
  assert.deepEqual(runs, ['a', 'b', 'c'])
  assert.deepEqual(await values(), ['3'])
  await db.write(async (trx) => { await trx.prepare('DELETE FROM settings').run() })
  for (const fail of [
    (trx: Trx) => put(trx, 'b', 'y'),
    (trx: Trx) => trx.prepare('SELECT * FROM nowhere').all(),
    async (trx: Trx) => { void trx.prepare("INSERT INTO settings (key, value) VALUES ('b', 'left behind')").run() }
  ]) {
    await group(fail)
    assert.deepEqual(runs, ['a', 'b', 'a', 'b', 'c'])
    assert.deepEqual(await values(), ['5'])
    await db.write(async (trx) => { await trx.prepare('DELETE FROM settings').run() })
  }
})

test('PostgreSQL: a write that waits for something else, or leaves a query behind, is refused', async () => {
  await assert.rejects(db.write(async (trx) => {
    await put(trx, 'a', 'x')
    await sleep(50)
  }), /waited for something else/)
  await assert.rejects(db.write(async (trx) => { void trx.prepare('SELECT pg_sleep(0.1)').all() }), /ended before its queries/)
  await db.write((trx) => put(trx, 'b', 'goes on'))
  assert.deepEqual(await values(), ['goes on'])
})

test('PostgreSQL: numbers come back as numbers, and what is read outside a write can not write', async () => {
  await db.write(async (trx) => {
    const row = await trx.prepare('SELECT count(*) AS n, 1767603600000::bigint AS at, NULL AS nothing FROM settings WHERE key <> ?').get('x')
    assert.deepEqual({ ...row }, { n: 0, at: 1767603600000, nothing: null })
    assert.equal((await trx.prepare("INSERT INTO settings (key, value) VALUES ('a', ?), ('b', ?)").run('1', '2')).changes, 2)
    assert.equal(await trx.prepare('SELECT value FROM settings WHERE key = ?').get('none'), undefined)
  })
  await assert.rejects(db.read.insertInto('settings').values({ key: 'c', value: 'y' }).execute(), { code: 'storageFull' })
  await assert.rejects(db.write((trx) => put(trx, 'nul', 'a\u0000b')), { code: 'badRequest' })
})

test('PostgreSQL: two processes: a write alone sees all others; writes beside each other meet only at their own subjects', async () => {
  const other = opened()
  await db.write((trx) => put(trx, 'n', '0'))
  const add = (at: Db, options?: { beside: string[] }) => at.write(async (trx) => {
    const row = await trx.prepare("SELECT value FROM settings WHERE key = 'n'").get()
    await trx.prepare("UPDATE settings SET value = ? WHERE key = 'n'").run(String(Number(row?.['value']) + 1))
  }, options)
  await Promise.all(Array.from({ length: 200 }, (_, i) => add(i % 2 === 0 ? db : other)))
  await Promise.all(Array.from({ length: 200 }, (_, i) => add(i % 2 === 0 ? db : other, { beside: ['n', `other ${i}`] })))
  assert.deepEqual(await values(), ['400'])
  // While one holds its subject, another subject's write goes through, and the same one's waits.
  let release = (): void => {}
  const order: string[] = []
  const isHeld = new Promise<void>((resolve) => {
    void db.write(async (trx) => {
      await put(trx, 'held', '1')
      resolve()
      await trx.prepare('SELECT pg_sleep(0.4)').all()
      trx.after(() => { order.push('first') })
    }, { beside: ['r1'] }).then(() => { release() })
  })
  const isDone = new Promise<void>((resolve) => { release = resolve })
  await isHeld
  await Promise.all([isDone, other.write(async () => { order.push('other subject') }, { beside: ['r2'] })])
  await other.write(async () => { order.push('same subject') }, { beside: ['r1'] })
  assert.deepEqual(order, ['other subject', 'first', 'same subject'])
})

test('PostgreSQL: locks that were taken crosswise are undone by the server, and the group runs again', async () => {
  const other = opened()
  await db.write(async (trx) => { for (const key of ['a', 'b']) await put(trx, key, '0') })
  const runs = { count: 0 }
  const holding = new Set<Db>()
  const cross = (at: Db, keys: string[]) => at.write(async (trx) => {
    runs.count++
    for (const key of keys) {
      await trx.prepare("UPDATE settings SET value = value || 'x' WHERE key = ?").run(key)
      // Until the other one has its first lock, too, however busy the machine is.
      holding.add(at)
      while (holding.size < 2) await trx.prepare('SELECT pg_sleep(0.01)').all()
    }
  }, { beside: [] })
  await Promise.all([cross(db, ['a', 'b']), cross(other, ['b', 'a'])])
  assert.deepEqual(await values(), ['0xx', '0xx'])
  assert.ok(runs.count > 2, 'one of them ran twice')
})

test('PostgreSQL: a connection that is lost before the commit: the group runs again, and everything is there once', async () => {
  const writing = Array.from({ length: 20 }, (_, i) => db.write(async (trx) => {
    await put(trx, `k${i}`, 'v')
    await trx.prepare('SELECT pg_sleep(0.02)').all()
  }))
  await sleep(120)
  await sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'")
  await Promise.all(writing)
  assert.equal((await values()).length, 20)
})

/** A line to the server that can be cut; before the answer to COMMIT, when wanted. */
async function cuttable (): Promise<{ url: string, cut: () => void, cutAtCommit: () => void, mend: () => Promise<void>, close: () => Promise<void> }> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  let atCommit = false
  let server: Server
  const cut = (): void => { for (const socket of sockets) socket.destroy() }
  const listen = (port: number): Promise<void> => new Promise((resolve) => {
    server = createServer((near) => {
      const far = dial(Number(target.port), target.hostname)
      for (const [from, to] of [[near, far], [far, near]] as const) {
        sockets.add(from)
        from.on('error', () => {})
        from.on('close', () => { sockets.delete(from); to.destroy() })
        from.on('data', (bytes) => {
          if (from === far && atCommit && bytes.includes('COMMIT')) return cut()
          to.write(bytes)
        })
      }
    }).listen(port, '127.0.0.1', resolve)
  })
  await listen(0)
  const { port } = server!.address() as AddressInfo
  const via = new URL(url)
  via.port = String(port)
  const shut = (): Promise<void> => new Promise((resolve) => { cut(); server.close(() => { resolve() }) })
  return { url: via.href, cut: () => { void shut() }, cutAtCommit () { atCommit = true }, async mend () { atCommit = false; if (!server.listening) await listen(port) }, close: async () => { if (server.listening) await shut() } }
}

test('PostgreSQL: lost while COMMIT was on its way: "busy", nobody does it twice, and it goes on by itself', async () => {
  const line = await cuttable()
  open.push(line)
  const mine = opened(line.url)
  await mine.write((trx) => put(trx, 'a', '1'))
  line.cutAtCommit()
  let runs = 0
  await assert.rejects(mine.write(async (trx) => {
    runs++
    await put(trx, 'b', '2')
  }), { code: 'busy' })
  await line.mend()
  await mine.write((trx) => put(trx, 'c', '3'))
  assert.equal(runs, 1)
  assert.deepEqual(await values(), ['1', '2', '3'], 'the server had done it')
})

test('PostgreSQL: away for a while: reads and writes are "busy", and go on when it is back', async () => {
  const line = await cuttable()
  open.push(line)
  const mine = opened(line.url)
  await mine.write((trx) => put(trx, 'a', '1'))
  line.cut()
  await assert.rejects(mine.write((trx) => put(trx, 'b', '2')), { code: 'busy' })
  await assert.rejects(mine.read.selectFrom('settings').selectAll().execute(), { code: 'busy' })
  await line.mend()
  await mine.write((trx) => put(trx, 'c', '3'))
  assert.equal((await mine.read.selectFrom('settings').selectAll().execute()).length, 2)
})

test('PostgreSQL: what stops a start is a sentence with its cure, without the password', async () => {
  const said = async (at: string): Promise<string> => {
    const error: unknown = await checkPostgres(at, () => {}, 0).then(() => null, (error: unknown) => error)
    assert.ok(error instanceof Error, 'it is refused')
    assert.ok(!error.message.includes(new URL(url).password), 'no password in it')
    return error.message
  }
  const but = (change: (at: URL) => void): string => {
    const at = new URL(url)
    change(at)
    return at.href
  }
  assert.match(await said(but((at) => { at.port = '1' })), /does not answer \(ECONNREFUSED\)\. Start it, or correct ONCEKEY_DATABASE_URL/)
  assert.match(await said(but((at) => { at.password = 'wrong' })), /does not let this user in.*Correct user and password/)
  assert.match(await said(but((at) => { at.pathname = '/nowhere' })), /does not exist .*Make it: CREATE DATABASE nowhere OWNER \w+ ENCODING 'UTF8' TEMPLATE template0\. Nothing/)
  assert.match(await said(but((at) => { at.password = '' })), /wants a password, and ONCEKEY_DATABASE_URL has none/)
  assert.match(await said(but((at) => { at.search = '?sslmode=verify-full' })), /does not speak TLS, and the sslmode/)
  const name = `latin_${randomBytes(4).toString('hex')}`
  await sql(`CREATE DATABASE ${name} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' LOCALE_PROVIDER libc TEMPLATE template0`)
  assert.match(await said(but((at) => { at.pathname = `/${name}` })), /has the encoding LATIN1; Oncekey needs UTF8/)
  await sql(`CREATE ROLE ${name} LOGIN PASSWORD 'p' CONNECTION LIMIT 0`)
  const asRole = but((at) => { at.username = name; at.password = 'p' })
  assert.match(await said(asRole), /has no connection left/)
  await sql(`ALTER ROLE ${name} CONNECTION LIMIT 5; ALTER ROLE ${name} SET default_transaction_read_only = on`)
  assert.match(await said(asRole), /only reads: it is a standby, or set to read only/)
  await sql(`ALTER ROLE ${name} RESET default_transaction_read_only`)
  assert.match(await said(asRole), new RegExp(`The user ${name} may not make tables .*GRANT CREATE`))
  const lines: string[] = []
  await assert.rejects(checkPostgres(but((at) => { at.port = '1' }), (line) => { lines.push(line) }, 1_500))
  assert.match(lines[0] ?? '', /does not answer yet \(ECONNREFUSED\); trying again/)
})

const one: Migration = { name: '0001-one', sqlite: 'CREATE TABLE one (a TEXT, b INTEGER) STRICT;' }
const two: Migration = { name: '0002-two', sqlite: 'ALTER TABLE one ADD COLUMN c TEXT; CREATE TABLE two (id INTEGER PRIMARY KEY) STRICT, WITHOUT ROWID;' }

test('PostgreSQL: migrations: in order, once, also by two at once; one that breaks off leaves nothing; a newer schema is refused', async () => {
  url = await (await cluster).url(`db_${randomBytes(6).toString('hex')}`)
  assert.deepEqual((await Promise.all([migratePostgres(url, 1, [one]), migratePostgres(url, 2, [one])])).flat(), ['0001-one'])
  const broken: Migration = { name: '0003-broken', sqlite: 'SELECT * FROM nowhere' }
  await assert.rejects(migratePostgres(url, 3, [one, two, broken]), /0003-broken failed; the database is as it was before/)
  await assert.rejects(sql('SELECT c FROM one'), /does not exist/)
  await sql("INSERT INTO one (a, b) VALUES ('kept', 3000000000)")
  assert.deepEqual(await migratePostgres(url, 4, [one, two]), ['0002-two'])
  assert.deepEqual(await sql('SELECT * FROM one'), [{ a: 'kept', b: '3000000000', c: null }])
  await assert.rejects(migratePostgres(url, 5, [one]), /newer version of Oncekey \(it has 0002-two\).*restore the backup that was made before the upgrade/)
})

test('PostgreSQL: from each schema that was ever shipped to this one, with what was in it', async () => {
  for (let known = 1; known < shipped.length; known++) {
    url = await (await cluster).url(`db_${randomBytes(6).toString('hex')}`)
    await migratePostgres(url, 1, shipped.slice(0, known))
    await sql("INSERT INTO sites (id, name, time_zone, created_at) VALUES ('s', 'Gym', 'UTC', 1); INSERT INTO audit_head (id, seq, mac, head_mac) VALUES (1, 7, 'm', 'h')")
    await sql("INSERT INTO outbox (id, dedupe_key, channel, recipient, subject, state, attempts, next_at, created_at) VALUES ('m', 'k', 'email', 'a@b', 'Hello', 'waiting', 0, 1, 1)")
    await sql("INSERT INTO people (id, site_id, name, email, role, created_at) VALUES ('p', 's', 'Ana', 'a@b', 'owner', 1)")
    if (known < 7) await sql("INSERT INTO sessions (token_hash, person_id, created_at, last_seen_at, address, agent) VALUES ('t', 'p', 5, 6, '', '')")
    assert.deepEqual(await migratePostgres(url, 2), shipped.slice(known).map(({ name }) => name))
    assert.deepEqual(await sql('SELECT s.name, h.seq, o.state FROM sites s, audit_head h, outbox o'), [{ name: 'Gym', seq: '7', state: 'waiting' }])
    if (known < 7) assert.deepEqual(await sql('SELECT person_id, idle_ms, ends_at, proven_at FROM sessions'), [{ person_id: 'p', idle_ms: '3600000', ends_at: '43200005', proven_at: '0' }])
  }
})

test('PostgreSQL: codes move with the schema: live and spent ones into one table, those of verifications into their rows', async () => {
  url = await (await cluster).url(`db_${randomBytes(6).toString('hex')}`)
  await migratePostgres(url, 1, shipped.slice(0, 3))
  await sql(`INSERT INTO sites (id, name, time_zone, created_at) VALUES ('s', 'Gym', 'UTC', 1);
    INSERT INTO otp_codes (tenant, scope, id, slot, hash, generation, valid_from, expires_at, data) VALUES ('main', 'keypad', 'a', 's', 'h1', 1, 5, 9, 'd');
    INSERT INTO otp_spent (tenant, scope, id, hash, generation, reason, at) VALUES ('main', 'keypad', 'b', 'h2', 2, 'used', 7)`)
  for (const [id, status] of [['waits', 'pending'], ['over', 'approved'], ['spent', 'pending']] as const) {
    const scope = `verification/${id}`
    await sql(`INSERT INTO verifications (id, site_id, channel, recipient, recipient_key, purpose, status, created_at, expires_at) VALUES ('${id}', 's', 'email', 'a@b', 'k', 'p', '${status}', 1, 9);
      INSERT INTO otp_budgets (tenant, scope, generation, run, failures, lockouts, locked_until, forget_at) VALUES ('main', '${scope}', 2, 3, '', '', 0, 9);
      INSERT INTO otp_spent (tenant, scope, id, hash, generation, reason, at) VALUES ('main', '${scope}', '${id}1', 'older', 1, 'superseded', 7)`)
    if (id === 'spent') await sql(`INSERT INTO otp_spent (tenant, scope, id, hash, generation, reason, at) VALUES ('main', '${scope}', '${id}2', 'newer', 2, 'revoked', 7)`)
    else await sql(`INSERT INTO otp_codes (tenant, scope, id, slot, hash, generation, valid_from, expires_at, data) VALUES ('main', '${scope}', '${id}2', 'code', 'newer', 2, 5, 9, '')`)
  }
  assert.deepEqual(await migratePostgres(url, 2), shipped.slice(3).map(({ name }) => name))
  assert.deepEqual(await sql('SELECT id, generation, failures, code_hash, superseded FROM verifications ORDER BY id'), [
    { id: 'over', generation: '0', failures: '0', code_hash: null, superseded: '' },
    { id: 'spent', generation: '2', failures: '3', code_hash: null, superseded: '' },
    { id: 'waits', generation: '2', failures: '3', code_hash: 'newer', superseded: '' }
  ])
  assert.deepEqual(await sql('SELECT scope, hash, generation, slot, valid_from, expires_at, data, spent, spent_at FROM otp_codes ORDER BY generation'), [
    { scope: 'keypad', hash: 'h1', generation: '1', slot: 's', valid_from: '5', expires_at: '9', data: 'd', spent: null, spent_at: null },
    { scope: 'keypad', hash: 'h2', generation: '2', slot: '', valid_from: '0', expires_at: '7', data: '', spent: 'used', spent_at: '7' }
  ])
  assert.deepEqual(await sql('SELECT scope FROM otp_budgets'), [])
})

test("PostgreSQL: the schema says in its words what SQLite's says in its own", async () => {
  const columns = await sql("SELECT data_type, collation_name FROM information_schema.columns WHERE table_schema = 'public'")
  assert.ok(columns.length > 150)
  assert.deepEqual([...new Set(columns.map((one) => `${String(one['data_type'])} ${String(one['collation_name'])}`))].sort(), ['bigint null', 'text C'])
  const [indexes] = await sql("SELECT count(*)::int AS n, (count(*) FILTER (WHERE indexdef LIKE '% WHERE %'))::int AS partial FROM pg_indexes WHERE schemaname = 'public'")
  assert.ok(Number(indexes?.['n']) > 50 && Number(indexes?.['partial']) > 10, JSON.stringify(indexes))
})
