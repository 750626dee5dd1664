import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, test } from 'node:test'
import { openConnection } from './sqlite.ts'
import { LOG_PAGES, layOutLog } from './sqlite-log.ts'

const WHOLE = Math.ceil(LOG_PAGES * 1.1) * (4096 + 24)
const plenty = (): number => 1e12

let folder: string
let path: string
let writer: DatabaseSync

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'oncekey-'))
  path = join(folder, 'oncekey.db')
  writer = openConnection(path)
  writer.exec('CREATE TABLE one (id INTEGER PRIMARY KEY, text TEXT) STRICT')
})

afterEach(() => {
  writer.close()
  rmSync(folder, { recursive: true, force: true })
})

const length = (): number => statSync(path + '-wal').size
const write = (text: string, into = writer): void => { into.prepare('INSERT INTO one (text) VALUES (?)').run(text) }
const read = (from: DatabaseSync): unknown[] => from.prepare('SELECT text FROM one ORDER BY id').all().map((row) => row['text'])

/** What a power cut leaves: the files as they are. */
function asLeft (): { rows: unknown[], isSound: boolean } {
  const to = join(folder, 'left')
  for (const end of ['', '-wal']) cpSync(path + end, join(to, 'oncekey.db' + end))
  const database = openConnection(join(to, 'oncekey.db'))
  const left = { rows: read(database), isSound: database.prepare('PRAGMA integrity_check').get()?.['integrity_check'] === 'ok' }
  database.close()
  rmSync(to, { recursive: true })
  return left
}

test('the log gets its whole length behind what is in it, and keeps it over more writes than it has room for', () => {
  write('before')
  layOutLog(writer, path)
  assert.equal(length(), WHOLE)
  assert.equal(statSync(path + '-wal').mode, statSync(path).mode)
  assert.deepEqual(asLeft(), { rows: ['before'], isSound: true })
  write('after')
  assert.deepEqual(asLeft(), { rows: ['before', 'after'], isSound: true })
  // One page each at least.
  for (let i = 0; i < LOG_PAGES * 2; i++) write(`${i}`)
  assert.equal(length(), WHOLE, 'never a page longer')
  assert.equal(asLeft().rows.length, LOG_PAGES * 2 + 2)
})

test('a log that has its length is left alone', () => {
  layOutLog(writer, path)
  for (let i = 0; i < 20; i++) write('x'.repeat(4000))
  const before = readFileSync(path + '-wal')
  layOutLog(writer, path)
  assert.ok(readFileSync(path + '-wal').equals(before))
})

test('another connection reads and writes on', () => {
  const other = openConnection(path)
  write('ours')
  layOutLog(writer, path)
  write('theirs', other)
  write('ours again')
  assert.deepEqual(read(other), ['ours', 'theirs', 'ours again'])
  layOutLog(other, path)
  other.close()
  assert.deepEqual(asLeft(), { rows: ['ours', 'theirs', 'ours again'], isSound: true })
})

test('on a disk with little room, and while another process writes, the log stays as it is', () => {
  write('before')
  const before = length()
  layOutLog(writer, path, () => WHOLE * 4 - 1)
  assert.equal(length(), before)
  const other = openConnection(path)
  writer.exec('PRAGMA busy_timeout = 10')
  other.exec('BEGIN IMMEDIATE')
  layOutLog(writer, path, plenty)
  other.exec('ROLLBACK')
  other.close()
  assert.equal(length(), before)
  write('after')
  assert.deepEqual(read(writer), ['before', 'after'])
})

test('a disk that ends in the middle gets back what was taken', () => {
  // Another process, whose files may have 1.5 MB (Linux counts halves of a kilobyte here): the second megabyte does not fit.
  const done = spawnSync('sh', ['-c', 'trap "" XFSZ; ulimit -f 3000; exec "$0" "$@"', process.execPath, '--input-type=module', '-e', `
    import { statSync } from 'node:fs'
    const { openConnection } = await import(process.argv[1])
    const { layOutLog } = await import(process.argv[2])
    const writer = openConnection(process.argv[3])
    const write = (text) => { writer.prepare('INSERT INTO one (text) VALUES (?)').run(text) }
    write('before')
    const before = statSync(process.argv[3] + '-wal').size
    layOutLog(writer, process.argv[3])
    if (statSync(process.argv[3] + '-wal').size !== before) throw new Error('it kept some')
    write('after')
    process.exit()
  `, new URL('sqlite.ts', import.meta.url).href, new URL('sqlite-log.ts', import.meta.url).href, path], { encoding: 'utf8' })
  assert.equal(done.status, 0, done.stderr)
  assert.deepEqual(read(writer), ['before', 'after'])
})
