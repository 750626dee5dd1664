import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { standAlone } from '../../scripts/stand-alone.ts'
import { COOKIE } from '../sessions/cookies.ts'
import { testOfFiles } from '../testing/database.ts'
import { openWorld, type World } from '../testing/world.ts'
import { GENESIS, checkpointLine, endLine, endText, headerLine, nextDigest, parsed, payloadHash, readCheckpoint, rowLine, type ExportedRow, type Header } from './format.ts'
import { createSigner } from './signer.ts'
import { verifyBytes, verifyExport, type ExportVerifyOptions } from './verify-export.ts'
import { signWhatIsNew } from './work.ts'

const bin = join(import.meta.dirname, '../../bin')
let world: World
let folder: string
/** Rows 1 to 230 and their checkpoints, as lines without their ends. */
let lines: string[]

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'oncekey-'))
  world = await openWorld()
  await happen(200)
  await world.house.db.write(async (trx) => { await trx.sql.updateTable('audit').set({ payload: null, actor_id: null, subject_id: null, access_point_id: null, controller_id: null, reason: null }).where('seq', 'in', [4, 7]).execute() })
  await signWhatIsNew(world.house)
  await happen(30)
  lines = (await exported()).split('\n').slice(0, -1)
})
after(async () => {
  await world.close()
  rmSync(folder, { recursive: true, force: true })
})

const happen = (count: number, details: Record<string, string> = {}): Promise<void> => world.house.db.write(async (trx) => {
  for (let i = 0; i < count; i++) world.house.audit.append(trx, world.house.clock(), { event: 'door.changed', subject: { id: null, name: 'Zoë "Z" Müller\n\u2028💥' }, details: { i, ...details } })
})

async function exported (query = ''): Promise<string> {
  const answer = await world.house.app.inject({ method: 'GET', url: `/api/v1/audit/export${query}`, headers: { cookie: `${COOKIE}=${world.people.otto.cookie}` } })
  assert.equal(answer.statusCode, 200, answer.body)
  return answer.body
}

/** Somebody with the database in their hands. */
function tamper (sql: string): void {
  const database = new DatabaseSync(join(world.house.config.dataDir, 'oncekey.db'))
  database.exec(sql)
  database.close()
}
const file = (text: string): string => {
  const path = join(folder, 'file.ndjson')
  writeFileSync(path, text)
  return path
}
const check = (text: string, options: ExportVerifyOptions = {}) => verifyExport(file(text), options)
const fault = async (changed: readonly string[], options: ExportVerifyOptions = {}): Promise<string | null> => (await check(changed.join('\n') + '\n', options)).fault
const at = (seq: number): number => lines.findIndex((line) => line.startsWith(`{"type":"row","seq":${seq},`))
const with_ = (index: number, ...put: string[]): string[] => [...lines.slice(0, index), ...put, ...lines.slice(index + 1)]
const edited = (seq: number, change: (row: Record<string, unknown>) => object): string[] => with_(at(seq), JSON.stringify({ ...parsed(lines[at(seq)] ?? ''), ...change(parsed(lines[at(seq)] ?? '') ?? {}) }))

/** The whole text of what somebody made who knows the format, but not the key: digests and hashes fit again. */
function madeAnew (change: (rows: ExportedRow[]) => ExportedRow[]): string[] {
  const rows = change(lines.filter((line) => line.startsWith('{"type":"row"')).map((line): ExportedRow => JSON.parse(line)))
  const marks = new Map(lines.map(readCheckpoint).filter((one) => one !== null).map((one) => [one.seq, checkpointLine(one)]))
  let digest = GENESIS
  const body = rows.flatMap((row, i) => {
    const signed = { ...row, seq: i + 1, payloadHash: row.payload === null ? row.payloadHash : payloadHash(row.salt, row.payload) }
    digest = nextDigest(digest, signed)
    const mark = marks.get(i + 1)
    return [rowLine({ ...signed, digest }), ...mark === undefined ? [] : [mark]]
  })
  return [lines[0] ?? '', ...body, lines.at(-1) ?? '']
}

/** A whole file of one row, by somebody with a key of their own. */
function madeByStranger (change: Partial<Header> = {}): string[] {
  const stranger = createSigner(generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' }))
  const old: Header = JSON.parse(lines[0] ?? '')
  const header = { ...old, publicKey: stranger.publicKey, key: stranger.key, from: 1, to: 1, last: 1, ...change }
  const row: ExportedRow = JSON.parse(lines[1] ?? '')
  const head = [headerLine(header), lines[1] ?? '', checkpointLine(stranger.signCheckpoint({ house: header.house, generation: 1, seq: 1, time: 1, mac: row.mac, digest: row.digest }))]
  const end = { rows: 1, checkpoints: 1, sha256: createHash('sha256').update(head.join('\n') + '\n').digest('hex') }
  return [...head, endLine({ ...end, signature: stranger.sign(endText(header, end)) })]
}

/** A program as people call it. */
function command (node: string, ...words: string[]): Promise<{ code: number | null, out: string, err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(node, words, { env: {}, stdio: ['ignore', 'pipe', 'pipe'] })
    const said = { out: '', err: '' }
    child.stdout.on('data', (chunk) => { said.out += String(chunk) })
    child.stderr.on('data', (chunk) => { said.err += String(chunk) })
    child.once('error', reject)
    child.once('close', (code) => { resolve({ code, ...said }) })
  })
}

test('an export holds every row, is checked with nothing but itself, and says who made it', async () => {
  const { fault, header, ...found } = await check(lines.join('\n') + '\n', { publicKey: world.house.signer.publicKey })
  assert.equal(fault, null)
  const record = await world.record()
  const noted = record.findIndex((row) => row.event === 'audit.exported')
  assert.equal(record[noted]?.actor?.name, 'Otto')
  assert.deepEqual([found.rows, found.erased, header?.from, header?.to], [noted, 2, 1, noted])
  assert.ok(found.checkpoints >= 3)
  const rowOf = (seq: number): ExportedRow => JSON.parse(lines[at(seq)] ?? '')
  assert.deepEqual(record.slice(0, noted).map((row) => row.event), Array.from({ length: noted }, (_, i) => rowOf(i + 1).event))
  assert.equal(JSON.parse(rowOf(noted).payload ?? '').subject.name, 'Zoë "Z" Müller\n\u2028💥')
})

test('edited, removed, moved, added, cut off: the row is named', async () => {
  const last = Number(JSON.parse(lines.at(-2) ?? '').seq)
  const cases: [string[], string | RegExp][] = [
    [edited(9, (row) => ({ time: Number(row['time']) + 1 })), /^Row 9 was edited/],
    [edited(9, () => ({ event: 'person.removed' })), /^Row 9 was edited/],
    [edited(9, () => ({ mac: GENESIS })), /^Row 9 was edited/],
    [edited(9, () => ({ digest: GENESIS })), /^Row 9 was edited/],
    [edited(9, (row) => ({ payload: String(row['payload']).replace('Bank A', 'Bank B').replace('info', 'infx') })), 'The content of row 9 was edited.'],
    [edited(9, () => ({ salt: 'x' })), 'The content of row 9 was edited.'],
    [edited(9, () => ({ payloadHash: GENESIS })), 'The content of row 9 was edited.'],
    [edited(4, () => ({ payload: '{}' })), 'The content of row 4 was edited.'],
    [edited(9, () => ({ more: 1 })), 'Row 9 is not written as it was exported.'],
    [edited(9, () => ({ seq: 10 })), 'Row 9 was removed or put elsewhere: row 10 is in its place.'],
    [edited(9, () => ({ seq: '9' })), /where row 9 belongs, was edited: it is no row/],
    [with_(at(9)), 'Row 9 was removed or put elsewhere: row 10 is in its place.'],
    [with_(at(9), lines[at(9)] ?? '', lines[at(9)] ?? ''), 'Row 9 is where row 10 belongs: it was put there, or its number was edited.'],
    [with_(at(9), lines[at(10)] ?? '', lines[at(9)] ?? ''), 'Row 9 was removed or put elsewhere: row 10 is in its place.'],
    [[...lines.slice(0, at(50)), lines.at(-1) ?? ''], `Rows 50 to ${last} were cut off.`],
    [lines.slice(0, at(50)), `The file was cut off, or the export was interrupted: rows 50 to ${last} are missing.`],
    [lines.slice(0, -1), 'The file was cut off, or the export was interrupted: its signed last line is missing.'],
    [[...lines, lines[at(9)] ?? ''], 'Something was added after the last line.'],
    [[...lines.slice(0, -1), lines[at(9)] ?? '', lines.at(-1) ?? ''], `Row 9 was added after the last one, ${last}.`],
    [lines.filter((line) => readCheckpoint(line)?.seq !== 200 && readCheckpoint(line)?.seq !== 100), /^Checkpoints were removed/],
    [with_(at(9), lines[at(9)] ?? '', lines.at(-2) ?? ''), new RegExp(`^The checkpoint of row ${last} is not at its place, but after row 9`)],
    [lines.slice(1), /^The file does not begin with the first line/],
    [[], /^The file does not begin with the first line/]
  ]
  for (const [changed, expected] of cases) {
    const said = await fault(changed)
    if (typeof expected === 'string') assert.equal(said, expected)
    else assert.match(said ?? 'intact', expected)
  }
})

test('made anew by somebody who knows the format and not the key: the rows between two checkpoints are named, and the row with the record\'s key', async () => {
  const span = /^Rows 1 to 100 are not those that were signed/
  const changes: [string, (rows: ExportedRow[]) => ExportedRow[], RegExp][] = [
    ['edited', (rows) => rows.map((row) => row.seq === 9 ? { ...row, event: 'person.removed' } : row), /^Row 9 was edited/],
    ['other content', (rows) => rows.map((row) => row.seq === 9 ? { ...row, payload: '{}' } : row), /^Row 9 was edited/],
    ['removed', (rows) => rows.filter((row) => row.seq !== 9), /^Row 9 was edited, or the one before it was removed/],
    ['swapped', (rows) => [...rows.slice(0, 8), rows[9], rows[8], ...rows.slice(10)].filter((row) => row !== undefined), /^Row 9 was edited/]
  ]
  for (const [what, change, exactly] of changes) {
    assert.match(await fault(madeAnew(change)) ?? 'intact', span, what)
    assert.match(await fault(madeAnew(change), { rowMac: world.house.audit.macs.row }) ?? 'intact', exactly, what)
  }
  assert.equal(await fault(madeAnew((rows) => rows)), null, 'the forger\'s tool changes nothing by itself')
})

test('every byte counts: whichever is altered, taken or added, it is found', async () => {
  const small = Buffer.from(await exported('?from=5&to=8'))
  const isRight = async (bytes: Uint8Array): Promise<boolean> => (await verifyBytes([bytes], { publicKey: world.house.signer.publicKey })).fault === null
  assert.ok(await isRight(small))
  const full = process.env['ONCEKEY_TEST_SIZE'] === 'full'
  const seed = Number(process.env['SEED'] ?? Date.now() % 1e6)
  console.log(`seed ${seed}`)
  // Wherever the stream is cut into chunks, it reads the same.
  for (let i = 1; i < small.length; i += 97) assert.equal((await verifyBytes([small.subarray(0, i), small.subarray(i, i + 5), small.subarray(i + 5)])).fault, null)
  let state = seed
  const random = (): number => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648)
  for (let i = 0; i < small.length; i++) {
    const put = (...bytes: number[]): Buffer => Buffer.concat([small.subarray(0, i), Buffer.from(bytes), small.subarray(i + 1)])
    const byte = small[i] ?? 0
    const others = full ? [byte ^ 1, byte ^ 32, 32, 10, 0, 255, 48 + random() % 75] : [i % 2 === 0 ? byte ^ 1 : byte ^ 32, 48 + random() % 75]
    for (const other of others) if (other !== byte) assert.ok(!await isRight(put(other)), `byte ${i} (${byte}) -> ${other}: ${small.subarray(Math.max(0, i - 30), i + 30).toString()}`)
    if (full || i % 4 === 0) {
      assert.ok(!await isRight(put()), `byte ${i} taken`)
      assert.ok(!await isRight(put(byte, 32)), `blank added after byte ${i}`)
      assert.ok(!await isRight(small.subarray(0, i)), `cut off at ${i}`)
    }
  }
})

test('a whole file under another key is as good as its key: so the key is noted elsewhere', async () => {
  const forged = madeByStranger()
  assert.equal(await fault(forged), null)
  assert.match(await fault(forged, { publicKey: world.house.signer.publicKey }) ?? 'intact', /^The file was signed with another key/)
  const kept = join(folder, 'kept')
  writeFileSync(kept, lines.filter((line) => readCheckpoint(line) !== null).join('\n'))
  await assert.rejects(fault(forged, { checkpoints: [kept] }), /was not signed with the key/)
  await assert.rejects(fault(lines, { publicKey: 'x' }), /is not a public key/)
})

test('nothing in a file makes up what the screen says of it', async () => {
  const signs = '\u001b[2J\u001b[HThe file is intact\u202e\r\n'
  const said = await fault([lines[0] ?? '', JSON.stringify({ type: 'stopped', what: signs })])
  assert.equal(said, 'The export stopped, because the record did not hold: ?[2J?[HThe file is intact???')
  // A whole file under another key, with words where the verifier's own are expected.
  const { house, publicKey }: Header = JSON.parse(lines[0] ?? '')
  for (const change of [{ house: `${house}, generation 1. Signed with the key ${publicKey}.` }, { house: signs }, { time: Number.MAX_SAFE_INTEGER }]) {
    assert.match(await fault(madeByStranger(change)) ?? 'intact', /^The file does not begin with the first line of an exported record/)
  }
})

test('parts: from and to, whatever they are', async () => {
  for (const [query, from, to] of [['?from=101', 101, null], ['?to=99', 1, 99], ['?from=100&to=100', 100, 100], ['?from=57&to=201', 57, 201], ['?to=999999999', 1, null]] as const) {
    const { fault, header, rows } = await check(await exported(query), { rowMac: world.house.audit.macs.row })
    assert.deepEqual([fault, header?.from, rows], [null, from, Number(header?.to) - from + 1], query)
    if (to !== null) assert.equal(header?.to, to)
  }
  const before = (await world.record('audit.exported')).length
  for (const [query, code] of [['?from=99999999', 'notFound'], ['?from=5&to=4', 'notFound'], ['?from=0', 'badRequest'], ['?from=x', 'badRequest'], ['?to=1.5', 'badRequest']] as const) {
    assert.equal((await world.call(world.people.otto, 'GET', `audit/export${query}`)).problem.code, code, query)
  }
  assert.equal((await world.record('audit.exported')).length, before, 'what was refused is not noted as exported')
  assert.equal((await world.call(world.people.maya, 'GET', 'audit/export')).problem.code, 'notAllowed')
})

test('a witness\'s checkpoint finds a file that was made after rows were taken back', async () => {
  const kept = join(folder, 'kept.txt')
  const all = lines.map(readCheckpoint).filter((one) => one !== null)
  writeFileSync(kept, all.map(checkpointLine).join('\n'))
  const checked = await check(lines.join('\n') + '\n', { checkpoints: [kept] })
  assert.deepEqual([checked.fault, checked.compared], [null, all.length])
  const { signer } = world.house
  const one = all.at(-1)
  assert.ok(one)
  writeFileSync(kept, checkpointLine(signer.signCheckpoint({ ...one, seq: 5000 })))
  assert.match(await fault(lines, { checkpoints: [kept] }) ?? 'intact', /^The record was taken back to an earlier moment: a witness saw 5000 rows/)
  writeFileSync(kept, checkpointLine(signer.signCheckpoint({ ...one, seq: 5000, time: one.time + 1e9 })))
  assert.equal(await fault(lines, { checkpoints: [kept] }), null, 'a checkpoint from after the export says nothing about it')
  writeFileSync(kept, checkpointLine(signer.signCheckpoint({ ...one, seq: 60, digest: GENESIS })))
  assert.match(await fault(lines, { checkpoints: [kept] }) ?? 'intact', /^Row 60 is not the one that a witness saw/)
})

test('rows that are written during the export are not in it, and both go on; huge values pass', async () => {
  await happen(40, { text: 'x'.repeat(200_000), odd: '\u0000"\\\ud800' })
  const [text] = await Promise.all([exported(), happen(3_000), happen(10)])
  const { fault, rows, header } = await check(text, { publicKey: world.house.signer.publicKey })
  assert.deepEqual([fault, rows], [null, header?.to])
  await signWhatIsNew(world.house)
  assert.equal((await check(await exported())).fault, null)
})

test('an export that is left half-way ends its thread and leaves no whole file; two at a time', async () => {
  const { house, people } = world
  await happen(20_000)
  await house.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = house.app.server.address() as AddressInfo
  const begin = () => new Promise<{ part: string, leave: () => void, status: number }>((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port, path: '/api/v1/audit/export', headers: { cookie: `${COOKIE}=${people.otto.cookie}` } }, (answer) => {
      answer.once('data', (chunk) => {
        answer.pause()
        resolve({ part: String(chunk), leave: () => { asking.destroy() }, status: answer.statusCode ?? 0 })
      })
      answer.once('error', () => {})
    })
    asking.once('error', reject)
    asking.end()
  })
  const [one, two] = [await begin(), await begin()]
  assert.deepEqual([one.status, two.status], [200, 200])
  const third = await begin()
  assert.deepEqual([third.status, JSON.parse(third.part).code], [503, 'busy'])
  assert.match((await check(one.part)).fault ?? 'intact', /^The file was cut off, or the export was interrupted: rows \d+ to \d+ are missing/)
  one.leave()
  two.leave()
  for (;;) {
    const again = await begin()
    again.leave()
    if (again.status === 200) break
    await new Promise((resolve) => { setImmediate(resolve) })
  }
})

testOfFiles('a record that does not hold is exported up to where it does, and nothing of the rest is signed', async () => {
  const was = (await world.house.rows('SELECT time FROM audit WHERE seq = 150'))[0]?.['time']
  tamper('UPDATE audit SET time = time + 1 WHERE seq = 150')
  assert.match((await check(await exported())).fault ?? 'intact', /^The export stopped, because the record did not hold: Row 150 is not as it was written/)
  assert.equal((await check(await exported('?to=149'))).fault, null)
  tamper(`UPDATE audit SET time = ${String(was)} WHERE seq = 150; DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)`)
  assert.match((await check(await exported('?from=20000'))).fault ?? 'intact', /^The export stopped, because the record did not hold: Row \d+ is missing/)
})

testOfFiles('by command: export, verify with and without the data folder, and with the program that needs nothing', async () => {
  const oncekey = (...words: string[]) => command(process.execPath, join(bin, 'oncekey.mjs'), 'audit', ...words)
  const data = world.house.config.dataDir
  const path = join(folder, 'by-command.ndjson')
  const made = await oncekey('export', '--data-dir', data, '--to', '120', path)
  assert.deepEqual([made.code, made.err], [0, ''])
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.equal((await oncekey('key', '--data-dir', data)).out.trim(), world.house.signer.publicKey)
  const verified = await oncekey('verify', path, '--public-key', world.house.signer.publicKey)
  assert.equal(verified.code, 0, verified.out + verified.err)
  assert.match(verified.out, /^The file is intact: rows 1 to 120 of \d+, exported on .*, with 2 checkpoints\. The content of 2 of them was erased\.\n/)
  assert.equal((await oncekey('verify', path, '--data-dir', data)).code, 0)
  const alone = await command(process.execPath, join(bin, 'oncekey-verify.mjs'), path, '--public-key', world.house.signer.publicKey)
  assert.deepEqual(alone, verified)
  // Another one's key, and one that begins with a dash, as one in 64 does.
  for (const said of [await oncekey('verify', path, '--public-key', '-'.padEnd(43, 'A')), await command(process.execPath, join(bin, 'oncekey-verify.mjs'), path, '--public-key', '-'.padEnd(43, 'A'))]) {
    assert.equal(said.code, 1, said.err)
    assert.match(said.out, /signed with another key/)
  }
  assert.match((await oncekey('export', '--data-dir', data, path)).err, /exists already/)
  for (const words of [['export', '--data-dir', data, '--from', 'x', path + '2'], ['export', '--data-dir', data, '--from', '99999999', path + '2'], ['export', '--data-dir', data, '--to', '5', join(folder, 'nowhere', 'file')],
    ['verify', path + '2'], ['verify', path, '--checkpoint', path + '2']]) {
    const { code, err } = await oncekey(...words)
    assert.equal(code, 2, words.join(' '))
    assert.doesNotMatch(err, /\n +at /, words.join(' '))
  }
  const text = readFileSync(path, 'utf8')
  writeFileSync(path, text.replace('"seq":77,', '"seq":78,'))
  for (const said of [await oncekey('verify', path), await command(process.execPath, join(bin, 'oncekey-verify.mjs'), path)]) {
    assert.deepEqual([said.code, said.out], [1, 'The file was tampered with, or is not whole. Row 77 was removed or put elsewhere: row 78 is in its place.\nRows that hold: 76.\n'])
  }
})

test('the program that needs nothing is made from the sources as they are', () => {
  assert.equal(readFileSync(join(bin, 'oncekey-verify.mjs'), 'utf8'), standAlone(), 'run: node apps/server/scripts/stand-alone.ts')
})
