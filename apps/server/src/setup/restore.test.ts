import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { restorePartBytes, type RestoreState } from '@oncekey/protocol/schemas'
import { verifyFolder } from '../audit/open-chain.ts'
import { writeItems } from '../backup/format.ts'
import { sealParts } from '../backup/frame.ts'
import { makeBackup } from '../backup/make.ts'
import { STAGE, UPLOAD } from '../backup/place.ts'
import { checkBackup, putInPlace, type StagedBackup } from '../backup/restore.ts'
import { isPostgres, testOfFiles } from '../testing/database.ts'
import { testHouse, type TestHouse } from '../testing/house.ts'
import { checkDone, startSetupWork } from './restore.ts'
import { setupToken } from './token.ts'
import { forgetIdleUpload } from './upload.ts'

const WORDS = 'seven quiet lanterns'
const form = { name: 'Rosa Vale', email: 'rosa@example.org', password: 'a quiet river at noon', siteName: 'Harbour Hall', timeZone: 'Europe/Lisbon', demonstration: true }
const octets = { 'content-type': 'application/octet-stream' }

/** A backup of an installation that was worked in, sealed and not. */
const made = mkdtempSync(join(tmpdir(), 'oncekey-made-'))
let sealed: Buffer
let plain: Buffer
/** Of more than one part. */
let large: Buffer
let house: TestHouse
let token: string
let staged: StagedBackup[]

before(async () => {
  const lived = await testHouse()
  const answer = await lived.app.inject({ method: 'POST', url: '/api/v1/setup', payload: { ...form, token: await setupToken(lived) } })
  assert.equal(answer.statusCode, 201, answer.body)
  const { dataDir, databaseUrl } = lived.config
  writeFileSync(join(dataDir, 'oncekey.json'), JSON.stringify({ ONCEKEY_WEB_DIR: '/etc' }), { mode: 0o600 })
  const backUp = async (name: string, passphrase: string | null): Promise<Buffer> => {
    await makeBackup({ place: { dataDir, databaseUrl }, path: join(made, name), by: 'the test', program: '0.0.0-test', passphrase, now: lived.clock() })
    return readFileSync(join(made, name))
  }
  sealed = await backUp('sealed', WORDS)
  plain = await backUp('plain', null)
  await lived.db.write(async (trx) => {
    for (let i = 0; i < 300; i++) await trx.prepare('INSERT INTO settings (key, value) VALUES (?, ?)').run(`bulk.${i}`, randomBytes(6000).toString('base64'))
  })
  large = await backUp('large', WORDS)
  await lived.close()
})
after(() => { rmSync(made, { recursive: true, force: true }) })

beforeEach(async () => {
  staged = []
  house = await testHouse({ putBack: (ready) => { staged.push(ready) } })
  token = await setupToken(house) ?? ''
})
afterEach(async () => {
  await checkDone(house)
  await house.close()
})

const post = async (path: string, payload: object | Buffer, headers: Record<string, string> = {}) => house.app.inject({ method: 'POST', url: '/api/v1/setup' + path, payload, headers })
const begin = async (bytes: number, more: object = {}): Promise<string> => {
  const answer = await post('/restore', { token, bytes, ...more })
  assert.equal(answer.statusCode, 201, answer.body)
  return answer.json().upload
}
const part = async (upload: string, from: number, bytes: Buffer) => post(`/restore/${upload}/parts?from=${from}`, bytes, octets)
const bring = async (file: Buffer): Promise<string> => {
  const upload = await begin(file.length)
  for (let from = 0; from < file.length; from += restorePartBytes) assert.equal((await part(upload, from, file.subarray(from, from + restorePartBytes))).statusCode, 200)
  return upload
}
const check = async (upload: string, passphrase?: string): Promise<RestoreState> => {
  const answer = await post(`/restore/${upload}/check`, passphrase === undefined ? {} : { passphrase })
  assert.equal(answer.statusCode, 202, answer.body)
  await checkDone(house)
  return (await house.app.inject(`/api/v1/setup/restore/${upload}`)).json()
}
const rest = (): string[] => readdirSync(house.config.dataDir).filter((name) => name === STAGE || name === UPLOAD)
const setUp = async () => post('', { token, ...form })

testOfFiles('a backup is brought in parts, checked, and put back by whoever runs the house: the owner signs in as before, in a new generation', async () => {
  const work = startSetupWork(house)
  assert.deepEqual((await house.app.inject('/api/v1/setup/restore')).json(), { by: 'page', mostBytes: 2 ** 40, partBytes: restorePartBytes })
  const upload = await begin(sealed.length)
  assert.equal(statSync(join(house.config.dataDir, UPLOAD)).mode & 0o777, 0o600)
  const [one, two] = [sealed.subarray(0, 700), sealed.subarray(700)]
  assert.equal((await part(upload, 0, one)).json().received, 700)
  // An answer was lost and the part came again; another one came too early.
  assert.equal((await part(upload, 0, one)).json().received, 700)
  assert.equal((await part(upload, 900, two)).json().received, 700)
  assert.equal((await post(`/restore/${upload}/check`, {})).json().code, 'badRequest', 'not all of it is here')
  assert.equal((await part(upload, 700, Buffer.concat([two, two]))).json().code, 'tooLarge')
  assert.equal((await part(upload, 700, two)).json().received, sealed.length)

  assert.equal((await check(upload)).fault?.kind, 'passphrase')
  assert.equal((await check(upload, 'five wrong words by chance')).fault?.kind, 'passphrase')
  assert.deepEqual([rest(), staged], [[UPLOAD], []], 'it need not be brought again')
  const state = await check(upload, WORDS)
  assert.deepEqual([state.is, state.fault, rest(), staged.length], ['restoring', null, [STAGE], 1])
  assert.equal((await setUp()).json().code, 'setupLinkWrong', 'from here on no form makes an owner')
  assert.equal((await post('/restore', { token, bytes: 1 })).json().code, 'setupLinkWrong')

  await work.stop()
  assert.equal((await house.app.inject(`/api/v1/setup/restore/${upload}`)).json().is, 'restoring', 'to its last answer')
  const { dataDir } = house.config
  const [ready] = staged
  assert.ok(ready !== undefined)
  await assert.rejects(putInPlace(dataDir, ready), /A server uses the data folder/)
  await house.app.close()
  await house.db.close()
  await putInPlace(dataDir, ready)
  house = await testHouse({ folder: dataDir, now: house.clock() + 1000 })
  assert.deepEqual(rest(), [])
  assert.equal((await house.app.inject(`/api/v1/setup/restore/${upload}`)).json().code, 'alreadySetUp', 'which is what the page waits for')
  assert.equal(await setupToken(house), null)
  const entered = await house.app.inject({ method: 'POST', url: '/api/v1/sessions', payload: { login: form.email, password: form.password } })
  assert.equal(entered.statusCode, 200, entered.body)
  const [row] = await house.rows("SELECT payload FROM audit WHERE event = 'backup.restored'")
  assert.equal(JSON.parse(String(row?.['payload'])).actor.name, 'set-up page')
  assert.deepEqual((await verifyFolder({ dataDir, databaseUrl: null })).fault, null)
  assert.ok(existsSync(join(dataDir, ready.aside, 'secrets.json')), 'what was there is kept')
  // Whoever has the link is no more than an owner: settings of a machine are those of whoever has the machine.
  assert.notEqual(house.config.webDir, '/etc')
  assert.equal(existsSync(join(dataDir, 'oncekey.json')), false)
  assert.equal(statSync(join(dataDir, 'oncekey.json.restored')).mode & 0o777, 0o600)
})

/** A whole file that says something else than the plain one. */
async function withHeader (change: (header: Awaited<ReturnType<typeof checkBackup>>) => object): Promise<Buffer> {
  const header = await checkBackup({ file: Readable.from([plain]), passphrase: null })
  const lines = await buffer(Readable.from(writeItems(Readable.from([{ is: 'header', header: { ...header, ...change(header) } }]))))
  return await buffer(Readable.from(sealParts(Readable.from([gzipSync(lines)]), null)))
}

testOfFiles('a file that is broken, foreign, newer or without keys is refused by its kind; nothing is left of it, and the house is set up as if it had never come', async () => {
  const changed = Buffer.from(plain)
  changed[plain.length - 30] = (changed[plain.length - 30] ?? 0) ^ 1
  const files: [string, Buffer, NonNullable<RestoreState['fault']>['kind'], RegExp][] = [
    ['cut', plain.subarray(0, plain.length - 40), 'damaged', /not whole/],
    ['changed', changed, 'damaged', /not whole, or was changed/],
    ['from tomorrow', await withHeader(({ migrations }) => ({ migrations: [...migrations, '9999-tomorrow'] })), 'newer', /newer version of Oncekey/],
    ['without what it says', await withHeader(() => ({})), 'damaged', /is missing/],
    ['without keys', await withHeader(() => ({ tables: [], files: [] })), 'damaged', /has no keys/],
    ['with a way out', await withHeader(() => ({ tables: [], files: [{ path: '../x', bytes: 1 }] })), 'foreign', /made by somebody else/]
  ]
  for (const [what, file, kind, says] of files) {
    const { is, fault } = await check(await bring(file))
    assert.deepEqual([is, fault?.kind], ['refused', kind], what)
    assert.match(fault?.says ?? '', says)
    assert.deepEqual(rest(), [], what)
  }
  // What is none is refused at its first bytes, before the rest of it travels.
  for (const [head, kind] of [[Buffer.from('\x89PNG\r\n' + 'x'.repeat(5000), 'latin1'), 'foreign'], [Buffer.from(plain.toString('latin1').replace('"version":1', '"version":2'), 'latin1').subarray(0, 5000), 'newer']] as const) {
    const upload = await begin(2 ** 20)
    const refused = (await part(upload, 0, head)).json()
    assert.deepEqual([refused.code, refused.errors[0].field], ['backupRefused', kind])
    assert.equal((await part(upload, 0, head)).json().code, 'notFound')
    assert.deepEqual(rest(), [])
  }
  assert.deepEqual(staged, [])
  assert.equal((await setUp()).statusCode, 201)
})

testOfFiles('only whoever has the link brings anything, and only so much: a wrong link, a file larger than any, one that has no room, a part that is too long, a stranger\'s part', async () => {
  for (const wrong of ['', token.slice(1), token + 'A']) assert.equal((await post('/restore', { token: wrong, bytes: 10 })).json().code, 'setupLinkWrong')
  assert.equal((await post('/restore', { token, bytes: 2 ** 40 + 1 })).json().code, 'tooLarge')
  const { bavail, bsize } = statfsSync(house.config.dataDir)
  const twice = Math.min(2 * bavail * bsize, 2 ** 40 + 1)
  const noRoom = (await post('/restore', { token, bytes: twice })).json()
  assert.deepEqual([noRoom.code, rest()], [twice > 2 ** 40 ? 'tooLarge' : 'storageFull', []], 'twice as much as there is room for')
  assert.equal((await part('A'.repeat(43), 0, plain)).json().code, 'notFound')
  const upload = await begin(2 ** 22)
  assert.equal((await part(upload, 0, Buffer.alloc(restorePartBytes + 1))).statusCode, 413)
  assert.equal((await part(upload, 0, plain.subarray(0, 255))).json().code, 'badRequest', 'too little to see what it is')
  assert.equal((await post(`/restore/${upload}/parts?from=0`, plain, { ...octets, origin: 'https://evil.example' })).json().code, 'originRefused')
  // Guessing at the link is slowed down together with the form's; whoever has it is not counted.
  for (let i = 0; i < 40; i++) await begin(10)
  for (let i = 0; i < 30; i++) await post('/restore', { token: 'guess', bytes: 10 })
  assert.equal((await setUp()).json().code, 'tooManyTries')
})

testOfFiles('of two who bring a backup the later one counts; while one is read nobody begins another', async () => {
  const first = await begin(sealed.length)
  await part(first, 0, sealed.subarray(0, 500))
  const second = await begin(plain.length)
  assert.equal((await part(first, 500, sealed.subarray(500))).json().code, 'notFound')
  assert.equal((await part(second, 0, plain)).json().received, plain.length)
  const [a, b] = await Promise.all([post('/restore', { token, bytes: 5 }), post('/restore', { token, bytes: plain.length })])
  const states = await Promise.all([a, b].map((answer) => house.app.inject(`/api/v1/setup/restore/${answer.json().upload}`)))
  assert.deepEqual(states.map((answer) => answer.statusCode).toSorted(), [200, 404], 'of two at the same moment, too')
  const upload = await bring(plain)
  const [going, again, other] = await Promise.all([post(`/restore/${upload}/check`, {}), post(`/restore/${upload}/check`, {}), post('/restore', { token, bytes: 10 })])
  assert.deepEqual([going.statusCode, again.json().code, other.json().code], [202, 'coolingDown', 'coolingDown'])
  await checkDone(house)
  assert.equal(staged.length, 1)
})

testOfFiles('somebody fills the form in meanwhile: there is either their owner and no restore, or a restore and no owner of theirs', async () => {
  const outcomes: Record<string, number> = {}
  for (let round = 0; round < 4; round++) {
    const upload = await bring(plain)
    const begun = await post(`/restore/${upload}/check`, {})
    assert.equal(begun.statusCode, 202)
    // Now at its beginning, now when it is nearly done.
    while (round % 2 === 1 && (await house.app.inject(`/api/v1/setup/restore/${upload}`)).json().rows === 0 && staged.length === 0) await new Promise((resolve) => { setImmediate(resolve) })
    const [formed] = await Promise.all([setUp(), checkDone(house)])
    const owners = await house.rows("SELECT id FROM people WHERE role = 'owner'")
    assert.deepEqual([formed.statusCode === 201 ? 'owner' : formed.json().code, owners.length, staged.length], formed.statusCode === 201 ? ['owner', 1, 0] : ['setupLinkWrong', 0, 1])
    const word = formed.statusCode === 201 ? 'form' : 'backup'
    outcomes[word] = (outcomes[word] ?? 0) + 1
    assert.deepEqual(rest(), word === 'form' ? [] : [STAGE])
    await house.close()
    staged = []
    house = await testHouse({ putBack: (ready) => { staged.push(ready) } })
    token = await setupToken(house) ?? ''
  }
  console.log(`  figure: won by ${JSON.stringify(outcomes)}`)
})

testOfFiles('a file of several parts arrives as it was', async () => {
  assert.ok(large.length > restorePartBytes, `${large.length} bytes`)
  const state = await check(await bring(large), WORDS)
  assert.deepEqual([state.is, staged.length, state.rows > 300, state.rows === state.of], ['restoring', 1, true, true])
})

testOfFiles('an owner who came before it was checked ends it', async () => {
  const upload = await begin(plain.length)
  await part(upload, 0, plain.subarray(0, 500))
  assert.equal((await setUp()).statusCode, 201)
  assert.deepEqual(rest(), [], 'what was brought may have keys in it')
  assert.equal((await part(upload, 500, plain.subarray(500))).json().code, 'alreadySetUp')
  assert.equal((await post(`/restore/${upload}/check`, {})).json().code, 'alreadySetUp')
  assert.equal((await post('/restore', { token, bytes: 10 })).json().code, 'alreadySetUp')
  assert.deepEqual(rest(), [])
})

testOfFiles('what nobody goes on with is removed after ten minutes, what an end of the server left by the next start, and a stop ends what is being read', async () => {
  const { dataDir } = house.config
  writeFileSync(join(dataDir, UPLOAD), 'half')
  const work = startSetupWork(house)
  assert.deepEqual(rest(), [])
  const left = await begin(sealed.length)
  await part(left, 0, sealed.subarray(0, 500))
  house.wait(599_999)
  assert.equal((await part(left, 500, Buffer.alloc(0))).json().code, 'badRequest', 'nothing keeps nothing')
  forgetIdleUpload(house)
  assert.deepEqual(rest(), [UPLOAD])
  house.wait(1)
  forgetIdleUpload(house)
  assert.deepEqual(rest(), [])
  const upload = await bring(sealed)
  await post(`/restore/${upload}/check`, { passphrase: WORDS })
  await work.stop()
  assert.deepEqual([rest(), staged], [[], []])
  assert.equal(house.logged.filter((line) => line.includes('could not be made ready')).length, 0)
})

test('without anybody who would start it anew, and on PostgreSQL, the command is named', async () => {
  const other = await testHouse(isPostgres ? { putBack: () => {} } : {})
  assert.equal((await other.app.inject('/api/v1/setup/restore')).json().by, 'command')
  const refused = (await other.app.inject({ method: 'POST', url: '/api/v1/setup/restore', payload: { token: await setupToken(other), bytes: 10 } })).json()
  assert.equal(refused.code, 'restoreByCommand')
  assert.match(refused.cure, /oncekey restore FILE --replace/)
  await other.close()
})
