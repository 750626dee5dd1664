import assert from 'node:assert/strict'
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, test } from 'node:test'
import { moreChecks } from '../platform/health.ts'
import { testOfFiles } from '../testing/database.ts'
import { openWorld, type World } from '../testing/world.ts'
import { checkpointLine, readCheckpoint } from './format.ts'
import { verifyFolder } from './open-chain.ts'
import { writeWitnessFile } from './witness-file.ts'
import { signWhatIsNew, startAuditWork } from './work.ts'

let disk: string
let path: string
let world: World

beforeEach(async () => {
  disk = mkdtempSync(join(tmpdir(), 'oncekey-'))
  path = join(disk, 'witness.jsonl')
  world = await openWorld({ env: { ONCEKEY_WITNESS_FILE: path, ONCEKEY_SMTP_URL: 'smtp://127.0.0.1:9?from=keys@gym.example' } })
})
afterEach(async () => {
  await world.close()
  rmSync(disk, { recursive: true, force: true })
})

const happen = (count: number): Promise<void> => world.house.db.write(async (trx) => {
  for (let i = 0; i < count; i++) world.house.audit.append(trx, world.house.clock(), { event: 'door.changed', details: { i } })
})
const turn = async (): Promise<void> => {
  await signWhatIsNew(world.house)
  await writeWitnessFile(world.house)
}
/** Somebody with the database in their hands. */
function tamper (sql: string): void {
  const database = new DatabaseSync(join(world.house.config.dataDir, 'oncekey.db'))
  database.exec(sql)
  database.close()
}
const macOf = async (seq: number): Promise<string> => String((await world.house.rows('SELECT mac FROM audit WHERE seq = ?', seq))[0]?.['mac'])
const lines = (): string[] => readFileSync(path, 'utf8').split('\n').filter((line) => line !== '')
const stored = async (): Promise<string[]> => (await world.house.db.read.selectFrom('audit_checkpoints').selectAll().orderBy('seq').execute()).map(checkpointLine)
const health = () => moreChecks(world.house).map((one) => one()).filter((one) => one.name === 'witness' || one.name === 'record').map((one) => one.status)
const state = async () => (await world.call(world.people.otto, 'GET', 'audit/witness')).body
const mails = () => world.house.db.read.selectFrom('outbox').selectAll().where('dedupe_key', 'like', 'witness%').orderBy('id').execute()

testOfFiles('the file gets each checkpoint once, is private, and goes on after a restart', async () => {
  await happen(230)
  await turn()
  await turn()
  assert.deepEqual(lines(), await stored())
  assert.ok(lines().length >= 3)
  assert.equal(statSync(path).mode & 0o777, 0o600)
  await world.restart()
  await happen(150)
  await turn()
  assert.deepEqual(lines(), await stored())
  const { file, lastCheckpoint, broken, publicKey } = await state()
  assert.deepEqual([file, broken, publicKey], [{ path, seq: lastCheckpoint?.seq, fault: null }, null, world.house.signer.publicKey])
  assert.equal((await verifyFolder(world.house.config.dataDir, { checkpoints: [path] })).fault, null)
})

test('a disk that is away: it is told, nothing is made in its place, and everything follows when it is back', async () => {
  const work = startAuditWork(world.house)
  await happen(150)
  await turn()
  renameSync(disk, disk + '-away')
  await happen(300)
  for (let i = 0; i < 3; i++) await turn()
  assert.equal((await state()).file?.fault, 'ENOENT')
  assert.deepEqual(health(), ['ok', 'degraded'])
  assert.equal(world.house.logged.filter((line) => line.includes('can not be written')).length, 1, 'logged once, not each second')
  renameSync(disk + '-away', disk)
  await turn()
  assert.deepEqual(lines(), await stored())
  assert.deepEqual(health(), ['ok', 'ok'])
  await work.stop()
})

test('a path that can not be written: a folder', async () => {
  mkdirSync(path)
  await happen(1)
  await turn()
  assert.match((await state()).file?.fault ?? '', /^E[A-Z]+$/)
  rmSync(path, { recursive: true })
  await turn()
  assert.deepEqual(lines(), await stored())
})

test('a write that was torn by a power cut, a file that was lost, one that others write to as well', async () => {
  await happen(250)
  await turn()
  const whole = readFileSync(path, 'utf8')
  for (const left of ['', whole.slice(0, 100), whole.slice(0, -1), whole.slice(0, -200), `${whole}not ours\n{"type":"checkpoint"}\n`]) {
    writeFileSync(path, left)
    await world.restart()
    await happen(100)
    await turn()
    const found = new Set(lines().map(readCheckpoint).filter((one) => one !== null).map(checkpointLine))
    assert.deepEqual([...found], await stored(), `after ${left.length} of ${whole.length}`)
  }
  rmSync(path)
  await world.restart()
  await turn()
  assert.deepEqual(lines(), await stored())
  chmodSync(path, 0o600)
})

testOfFiles('rows, head and checkpoints taken back together: the server says so at its next start, and the verifier by the file', async () => {
  await happen(150)
  await turn()
  const back = 60
  const mac = await macOf(back)
  await happen(150)
  await turn()
  const seen = lines()
  tamper(`DELETE FROM audit WHERE seq > ${back}; DELETE FROM audit_checkpoints WHERE seq > ${back};
    UPDATE audit_head SET seq = ${back}, mac = '${mac}', head_mac = '${world.house.audit.macs.head(back, mac)}'`)
  await world.restart()
  const work = startAuditWork(world.house)
  await happen(500)
  await turn()
  assert.equal((await verifyFolder(world.house.config)).fault, null, 'by itself the record looks whole')
  assert.match((await verifyFolder(world.house.config.dataDir, { checkpoints: [path] })).fault?.what ?? 'intact', /^Row \d+ is not the one that a witness saw/)
  assert.match((await state()).broken ?? '', /^The record was taken back to an earlier moment: the witness file has a checkpoint of row \d+ that the record does not have/)
  assert.deepEqual(health(), ['degraded', 'ok'])
  // The file keeps what it had, and what came after.
  assert.deepEqual(lines(), [...seen, ...(await stored())])
  await work.stop()
})

testOfFiles('by mail: the newest checkpoint, at most once an hour, only when there is a new one', async () => {
  const { adam, otto } = world.people
  assert.equal((await world.call(otto, 'PATCH', 'audit/witness', { mail: 'x@example.org' })).problem.code, 'notAllowed')
  assert.equal((await world.call(adam, 'PATCH', 'audit/witness', { mail: 'nobody' })).problem.code, 'badRequest')
  const changed = await world.call(adam, 'PATCH', 'audit/witness', { mail: 'auditor@example.org' })
  assert.deepEqual(changed.body.mail, { address: 'auditor@example.org', seq: 0, sentAt: null })
  assert.deepEqual((await world.record('audit.witnessChanged')).map((row) => [row.actor?.name, row.details['mail']]), [['Adam', 'auditor@example.org']])
  await turn()
  await happen(300)
  await turn()
  const [first, ...more] = await mails()
  assert.ok(first)
  assert.equal(more.length, 0, 'not a second one within the hour')
  assert.equal(first.recipient, 'auditor@example.org')
  const kept = join(disk, 'mail.txt')
  writeFileSync(kept, `Received: x\n\n${first.text}\n`)
  assert.equal((await verifyFolder(world.house.config.dataDir, { checkpoints: [kept] })).fault, null)
  assert.match(first.text ?? '', new RegExp(world.house.signer.publicKey))
  world.house.wait(3_600_000)
  await turn()
  const both = await mails()
  assert.equal(both.length, 2)
  appendFileSync(kept, both[1]?.text ?? '')
  assert.equal((await verifyFolder(world.house.config.dataDir, { checkpoints: [kept] })).fault, null)
  world.house.wait(3_600_000)
  await turn()
  assert.equal((await mails()).length, 2, 'nothing new, no mail')
})

test('a witness is not removed in silence', async () => {
  const { olga } = world.people
  await world.call(olga, 'PATCH', 'audit/witness', { mail: 'auditor@example.org' })
  await world.call(olga, 'PATCH', 'audit/witness', { mail: 'auditor@example.org' })
  await world.call(olga, 'PATCH', 'audit/witness', { mail: null })
  const told = await mails()
  assert.deepEqual(told.map((one) => [one.recipient, one.subject]), [['auditor@example.org', 'You no longer get checkpoints']])
  assert.match(told[0]?.text ?? '', /Olga changed who gets the checkpoints/)
  assert.equal((await state()).mail, null)
  assert.equal((await world.record('audit.witnessChanged')).length, 2)
})
