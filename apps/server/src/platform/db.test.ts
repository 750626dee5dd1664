import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, test } from 'node:test'
import { createDb, type Db, type Ledger, type Sheet, type Trx } from './db.ts'
import { migrate } from './migrate.ts'
import { Problem } from './problems.ts'
import { checkSqliteVersion, openConnection, openSqlite, type Sqlite } from './sqlite.ts'

let folder: string
let path: string
let sqlite: Sqlite
let db: Db

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'oncekey-'))
  path = join(folder, 'oncekey.db')
  open()
  await migrate(sqlite.writer, path, 1)
})

afterEach(async () => {
  await db.close()
  rmSync(folder, { recursive: true, force: true })
})

function open (): void {
  sqlite = openSqlite(path)
  db = createDb(sqlite)
}

async function put (trx: Trx, key: string, value: string): Promise<void> {
  await trx.sql.insertInto('settings').values({ key, value }).execute()
}

const nextTurn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve) })

const values = async (): Promise<string[]> => (await db.read.selectFrom('settings').select('value').orderBy('key').execute()).map((row) => row.value)

test('writes that arrive together share one commit, in order', async () => {
  const outside = openConnection(path)
  const version = (): number => Number(outside.prepare('PRAGMA data_version').get()?.['data_version'])
  const seen = new Set<number>([version()])
  const done = await Promise.all(Array.from({ length: 50 }, (_, i) => db.write(async (trx) => {
    await put(trx, `k${String(i).padStart(2, '0')}`, String(i))
    trx.after(() => { seen.add(version()) })
    return i
  })))
  outside.close()
  assert.deepEqual(done, Array.from({ length: 50 }, (_, i) => i))
  assert.equal((await values()).length, 50)
  assert.equal(seen.size, 2, 'one commit for all fifty, seen from outside')
})

test('a write that throws undoes itself and nobody else, and tells nobody', async () => {
  let told = 0
  const good = db.write(async (trx) => {
    await put(trx, 'a', 'good')
    trx.after(() => { told++ })
  })
  const bad = db.write(async (trx) => {
    await put(trx, 'b', 'bad')
    trx.after(() => { told += 100 })
    throw new Problem('notFound')
  })
  const alsoGood = db.write((trx) => put(trx, 'c', 'also good'))
  await good
  await assert.rejects(bad, { code: 'notFound' })
  await alsoGood
  assert.deepEqual(await values(), ['good', 'also good'])
  assert.equal(told, 1)
})

test('one that fails before it has changed anything costs the others nothing; one that fails later has the group done again', async () => {
  const runs: string[] = []
  const group = (fail: (trx: Trx) => Promise<void>): Promise<unknown> => {
    runs.length = 0
    return Promise.allSettled([
      db.write(async (trx) => { runs.push('a'); await put(trx, 'a', 'x') }),
      db.write(async (trx) => { runs.push('b'); await fail(trx) }),
      db.write(async (trx) => { runs.push('c'); await trx.sql.deleteFrom('settings').where('key', '=', 'a').execute() })
    ])
  }
  await group(async () => { throw new Problem('notFound') })
  assert.deepEqual(runs, ['a', 'b', 'c'])
  await group(async (trx) => {
    await put(trx, 'b', 'y')
    throw new Problem('notFound')
  })
  assert.deepEqual(runs, ['a', 'b', 'a', 'b', 'c'])
  assert.deepEqual(await values(), [])
})

test('a defect in what follows a commit is told to its own write and holds nobody else up', async () => {
  const told: string[] = []
  const group = ['a', 'b', 'c'].map((key) => db.write(async (trx) => {
    await put(trx, key, key)
    trx.after(() => {
      if (key === 'b') throw new Error('a broken listener')
      told.push(key)
    })
  }))
  const done = await Promise.allSettled(group)
  assert.deepEqual(done.map((one) => one.status), ['fulfilled', 'rejected', 'fulfilled'])
  await db.write((trx) => put(trx, 'd', 'd'))
  assert.deepEqual([told, await values()], [['a', 'c'], ['a', 'b', 'c', 'd']])
})

test('a write that comes alone is not kept waiting for others', async () => {
  await db.write((trx) => put(trx, 'a', 'alone'))
  await nextTurn()
  let isNextTurn = false
  setImmediate(() => { isNextTurn = true })
  await db.write((trx) => put(trx, 'b', 'alone, too'))
  assert.equal(isNextTurn, false)
})

test('a write that waits for anything but queries is refused', async () => {
  await assert.rejects(db.write(async (trx) => {
    await put(trx, 'a', 'before')
    await sleep(50)
    await put(trx, 'b', 'after')
  }), /waited for something else/)
  await sleep(60)
  assert.deepEqual((await values()).filter((value) => value === 'before'), [])
})

test('a query that nobody awaited is found, and not done in the name of another write', async () => {
  let late: Promise<void> | undefined
  await db.write(async (trx) => { late = Promise.resolve().then(() => nextTurn()).then(() => put(trx, 'a', 'late')) })
  await assert.rejects(late ?? Promise.resolve(), /after the end of the write/)
  await db.write((trx) => put(trx, 'b', 'in time'))
  assert.deepEqual(await values(), ['in time'])
})

test('a row that many writes of a group change is read once and written once, and none sees what one that threw has put', async () => {
  const written: string[][] = []
  let reads = 0
  const sheet: Sheet<number> = {
    async write (trx, changed) {
      written.push([...changed].map(([name, value]) => `${name}=${value}`))
      for (const [name, value] of changed) await trx.prepare('INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value').run(name, String(value))
    }
  }
  const valueOf = async (trx: Trx, name: string): Promise<number> => {
    const known = trx.look(sheet, name)
    if (known !== undefined) return known
    reads++
    const value = Number((await trx.prepare('SELECT value FROM settings WHERE key = ?').get(name))?.['value'] ?? 0)
    trx.learn(sheet, name, value)
    return value
  }
  const add = (name: string, amount: number, then?: (trx: Trx) => Promise<void>): Promise<number> => db.write(async (trx) => {
    const value = await valueOf(trx, name) + amount
    trx.put(sheet, name, value)
    assert.equal(await valueOf(trx, name), value, 'its own')
    await then?.(trx)
    return value
  })
  const only = db.write((trx) => valueOf(trx, 'c'))
  const results = await Promise.allSettled([
    add('a', 1), add('b', 10), add('a', 1),
    add('a', 1000, async () => { throw new Problem('notFound') }),
    add('a', 1), only
  ])
  assert.deepEqual(results.map((one) => one.status === 'fulfilled' ? one.value : 'threw'), [1, 10, 2, 'threw', 3, 0])
  assert.deepEqual(written, [['a=3', 'b=10']], 'what was only looked up is not written')
  assert.equal(reads, 3)
  assert.deepEqual(await values(), ['3', '10'])

  // One that has changed the database before it throws has the whole group done again: nothing of the first time is left.
  written.length = 0
  await Promise.allSettled([add('a', 1), add('a', 1000, async (trx) => {
    await put(trx, 'lost', 'lost')
    throw new Problem('notFound')
  }), add('a', 1)])
  assert.deepEqual(written, [['a=5']])
  assert.deepEqual(await values(), ['5', '10'])
  assert.equal(await add('a', 1), 6, 'a later group reads what is there')
})

test('what writes note is written once for the group, in order, without those that threw', async () => {
  const written: (readonly string[])[] = []
  const ledger: Ledger<string> = {
    rank: 1,
    async write (trx, items) {
      written.push(items)
      await trx.prepare("INSERT INTO settings (key, value) VALUES ('ledger', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value").run(items.join(' '))
    }
  }
  const first: Ledger<number> = { rank: 0, async write () { written.push(['first']) } }
  await Promise.allSettled([
    db.write(async (trx) => { trx.note(ledger, 'a') }),
    db.write(async (trx) => {
      trx.note(ledger, 'lost')
      throw new Problem('notFound')
    }),
    db.write(async (trx) => {
      trx.note(ledger, 'b')
      trx.note(first, 1)
      trx.note(ledger, 'c')
    })
  ])
  assert.deepEqual(written, [['first'], ['a', 'b', 'c']])
  assert.deepEqual(await values(), ['a b c'])
})

test('what is read outside a write is only what was committed, and can not write', async () => {
  const during = await db.write(async (trx) => {
    await put(trx, 'a', 'x')
    return values()
  })
  assert.deepEqual(during, [])
  assert.deepEqual(await values(), ['x'])
  await assert.rejects(db.read.insertInto('settings').values({ key: 'b', value: 'y' }).execute(), /readonly/)
})

test('beyond a thousand waiting writes the answer is "busy", and the waiting ones are served', async () => {
  const waiting = Array.from({ length: 1024 }, (_, i) => db.write((trx) => put(trx, `k${i}`, 'v')))
  await assert.rejects(db.write((trx) => put(trx, 'late', 'v')), { code: 'busy' })
  await Promise.all(waiting)
  assert.equal((await values()).length, 1024)
})

test('a full disk is a problem that names itself; what was committed stays', async () => {
  await db.write((trx) => put(trx, 'a', 'kept'))
  const pages = Number(sqlite.writer.prepare('PRAGMA page_count').get()?.['page_count'])
  sqlite.writer.exec(`PRAGMA max_page_count = ${pages}`)
  await assert.rejects(db.write((trx) => put(trx, 'b', 'x'.repeat(2_000_000))), { code: 'storageFull' })
  const [written, read] = await Promise.allSettled([
    db.write((trx) => put(trx, 'b', 'x'.repeat(2_000_000))),
    db.write(async (trx) => trx.prepare("SELECT count(*) AS rows FROM settings WHERE key = 'a'").get(), { beside: [] })
  ])
  assert.equal(written.status === 'rejected' && written.reason.code, 'storageFull')
  assert.deepEqual(read.status === 'fulfilled' && { ...read.value }, { rows: 1 }, 'who only reads in the same group is answered')
  sqlite.writer.exec('PRAGMA max_page_count = 1073741823')
  await db.write((trx) => put(trx, 'c', 'goes on'))
  assert.deepEqual(await values(), ['kept', 'goes on'])
})

test('a closed database takes no writes', async () => {
  const other = createDb(openSqlite(join(folder, 'other.db')))
  await other.close()
  await assert.rejects(other.write(async () => 1), { code: 'busy' })
})

test('an SQLite that can lose commits is refused', () => {
  checkSqliteVersion('3.51.3')
  checkSqliteVersion('4.0.0')
  assert.throws(() => { checkSqliteVersion('3.51.2') }, /can lose commits/)
  assert.throws(() => { checkSqliteVersion('3.9') }, /can lose commits/)
})

test('its files are for nobody else on the machine, also in a folder that others may read, and after an older version', async () => {
  const modes = () => ['', '-wal', '-shm'].map((end) => path + end).filter((path) => existsSync(path)).map((path) => (statSync(path).mode & 0o777).toString(8))
  chmodSync(folder, 0o755)
  assert.deepEqual(modes(), ['600', '600', '600'])
  await db.close()
  chmodSync(path, 0o644)
  open()
  await db.write((trx) => put(trx, 'a', '1'))
  assert.deepEqual(modes(), ['600', '600', '600'])
})
