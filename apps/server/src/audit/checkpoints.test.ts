import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, test } from 'node:test'
import { testOfFiles } from '../testing/database.ts'
import { openWorld, type World } from '../testing/world.ts'
import { EVERY_MS } from './cadence.ts'
import { checkpointLine, checkpointText, isSigned, nextDigest, readCheckpoint, readPublicKey, GENESIS, type Checkpoint } from './format.ts'
import { verifyFolder } from './open-chain.ts'
import { createSigner } from './signer.ts'
import { signWhatIsNew } from './work.ts'

let world: World

beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

const happen = (count: number): Promise<void> => world.house.db.write(async (trx) => {
  for (let i = 0; i < count; i++) world.house.audit.append(trx, world.house.clock(), { event: 'door.changed', details: { i } })
})
const stored = (): Promise<Checkpoint[]> => world.house.db.read.selectFrom('audit_checkpoints').selectAll().orderBy('seq').execute()
/** Somebody with the database in their hands. */
function tamper (sql: string): void {
  const database = new DatabaseSync(join(world.house.config.dataDir, 'oncekey.db'))
  database.exec(sql)
  database.close()
}
const macOf = async (seq: number): Promise<string> => String((await world.house.rows('SELECT mac FROM audit WHERE seq = ?', seq))[0]?.['mac'])
const rowCount = async (): Promise<number> => (await world.record()).length

/** A copy of the data folder after somebody's work on its database; keys are copied, too, because the server would have them. */
async function copyOf (name: string, ...sqls: string[]): Promise<string> {
  const folder = join(world.house.config.dataDir, name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  copyFileSync(join(world.house.config.dataDir, 'secrets.json'), join(folder, 'secrets.json'))
  await world.house.rows(`VACUUM INTO '${join(folder, 'oncekey.db')}'`)
  const database = new DatabaseSync(join(folder, 'oncekey.db'))
  for (const sql of sqls) assert.notEqual(database.prepare(sql).run().changes, 0, `"${sql}" changes something`)
  database.close()
  return folder
}
const said = async (...sqls: string[]): Promise<string> => (await verifyFolder(await copyOf('copy', ...sqls))).fault?.what ?? 'intact'

test('a checkpoint at the first event, then at each hundredth row, and after ten minutes when something is new', async () => {
  await signWhatIsNew(world.house)
  const first = await rowCount()
  const seqs = async (): Promise<number[]> => (await stored()).map((one) => one.seq)
  assert.deepEqual(await seqs(), [first])
  await happen(99)
  await signWhatIsNew(world.house)
  assert.deepEqual(await seqs(), [first], 'ninety-nine rows and no time')
  await happen(1)
  await signWhatIsNew(world.house)
  assert.deepEqual(await seqs(), [first, first + 100])
  world.house.wait(EVERY_MS)
  await signWhatIsNew(world.house)
  assert.deepEqual(await seqs(), [first, first + 100], 'nothing new, nothing signed')
  await happen(1)
  await signWhatIsNew(world.house)
  assert.deepEqual(await seqs(), [first, first + 100, first + 101])
  await happen(2_345)
  await signWhatIsNew(world.house)
  assert.deepEqual(await seqs(), [first, first + 100, ...Array.from({ length: 24 }, (_, i) => first + 101 + 100 * i)])
  await happen(1)
  world.house.wait(-3_600_000)
  await signWhatIsNew(world.house)
  assert.equal((await seqs()).at(-1), first + 101 + 2_346, 'a clock that was set back holds nothing up')
})

test('a checkpoint stands for the rows and can be checked with the public key alone', async () => {
  await happen(150)
  await signWhatIsNew(world.house)
  const key = readPublicKey(world.house.signer.publicKey)
  assert.ok(key)
  const rows = await world.house.db.read.selectFrom('audit').selectAll().orderBy('seq').execute()
  let digest = GENESIS
  const digests = rows.map((row) => (digest = nextDigest(digest, { ...row, payloadHash: row.payload_hash })))
  for (const one of await stored()) {
    assert.ok(isSigned(key, checkpointText(one), one.signature))
    assert.deepEqual([one.digest, one.mac], [digests[one.seq - 1], rows[one.seq - 1]?.mac])
    assert.deepEqual(readCheckpoint(checkpointLine(one)), { ...one })
    for (const changed of [{ house: 'x' }, { generation: 2 }, { seq: one.seq + 1 }, { time: one.time + 1 }, { mac: GENESIS }, { digest: GENESIS }, { key: 'x' }]) {
      assert.ok(!isSigned(key, checkpointText({ ...one, ...changed }), one.signature), JSON.stringify(changed))
    }
  }
  assert.equal(new Set((await stored()).map((one) => one.house)).size, 1)
})

testOfFiles('the same key and house after a restart; a folder from before gets its key at the start', async () => {
  await happen(1)
  await signWhatIsNew(world.house)
  const { publicKey } = world.house.signer
  await world.restart()
  assert.equal(world.house.signer.publicKey, publicKey)
  const path = join(world.house.config.dataDir, 'secrets.json')
  const { checkpointKey, check: _check, ...older } = JSON.parse(readFileSync(path, 'utf8'))
  assert.equal(typeof checkpointKey, 'string')
  writeFileSync(path, JSON.stringify(older))
  assert.match(await said(), /^The checkpoint of row \d+ was edited/, 'without its key nothing is vouched for')
  await world.restart()
  const { checkpointKey: fresh, check: _again, ...kept } = JSON.parse(readFileSync(path, 'utf8'))
  assert.deepEqual(kept, older)
  assert.notEqual(fresh, checkpointKey)
})

testOfFiles('what was done to rows or checkpoints is named', async () => {
  await signWhatIsNew(world.house)
  await happen(350)
  await signWhatIsNew(world.house)
  const all = await stored()
  const [first, second, third] = all.map((one) => one.seq)
  const last = await rowCount()
  assert.equal(await said(), 'intact')
  for (const change of ["mac = 'x'", "digest = 'x'", 'time = time + 1', 'generation = 2', "house = 'x'", "key = 'x'", "signature = 'x'", "signature = signature || 'A'"]) {
    assert.equal(await said(`UPDATE audit_checkpoints SET ${change} WHERE seq = ${second}`), `The checkpoint of row ${second} was edited.`, change)
  }
  assert.equal(await said(`UPDATE audit_checkpoints SET seq = seq + 1 WHERE seq = ${second}`), `The checkpoint of row ${Number(second) + 1} was edited.`)
  assert.equal(await said(`UPDATE audit_checkpoints SET seq = 0 WHERE seq = ${first}`), 'The checkpoint of row 0 was edited.')
  assert.equal(await said(`DELETE FROM audit_checkpoints WHERE seq = ${second}`), `A checkpoint between rows ${Number(first) + 1} and ${Number(third) - 1} was removed.`)
  // Rows and head go back together, the checkpoints stay.
  const target = Number(first) + 5
  const mac = await macOf(target)
  const back = [`DELETE FROM audit WHERE seq > ${target}`, `UPDATE audit_head SET seq = ${target}, mac = '${mac}', head_mac = '${world.house.audit.macs.head(target, mac)}'`]
  assert.equal(await said(...back), `The record was taken back to an earlier moment: a signed checkpoint says that there were ${all.at(-1)?.seq} rows, and there are ${target}.`)
  // With the checkpoints gone as well, nothing in the folder tells: that is what witnesses are for.
  assert.equal(await said(...back, `DELETE FROM audit_checkpoints WHERE seq > ${target}`), 'intact')
  assert.ok(last > target)
})

testOfFiles('somebody with the record\'s own key who writes rows anew is found by the checkpoint', async () => {
  await happen(200)
  await signWhatIsNew(world.house)
  const { macs } = world.house.audit
  const rows = await world.house.db.read.selectFrom('audit').selectAll().orderBy('seq').execute()
  let previous = rows[49]?.mac ?? ''
  const sqls: string[] = []
  for (const row of rows.slice(50)) {
    previous = macs.row(previous, { ...row, time: row.time + (row.seq === 51 ? 1 : 0) })
    sqls.push(`UPDATE audit SET mac = '${previous}', time = time + ${row.seq === 51 ? 1 : 0} WHERE seq = ${row.seq}`)
  }
  sqls.push(`UPDATE audit_head SET mac = '${previous}', head_mac = '${macs.head(rows.length, previous)}'`)
  assert.match(await said(...sqls), /^Rows up to \d+ are not those that were there when its checkpoint was signed: from row 1 on/)
})

testOfFiles('nothing is signed over a record that does not hold; an alarm is raised once, and health says so', async () => {
  await happen(150)
  await signWhatIsNew(world.house)
  const before = (await stored()).length
  await happen(50)
  tamper(`UPDATE audit SET time = time + 1 WHERE seq = ${await rowCount()}`)
  await happen(150)
  for (let i = 0; i < 3; i++) await signWhatIsNew(world.house)
  assert.equal((await stored()).length, before)
  const alarms = await world.record('audit.broken')
  assert.equal(alarms.length, 1)
  assert.match(String(alarms[0]?.details['why']), /is not as it was written/)
  assert.match((await world.call(world.people.otto, 'GET', 'audit/witness')).body.broken ?? '', /is not as it was written/)
  assert.equal(world.house.logged.filter((line) => line.includes('no checkpoint is signed')).length, 1)
})

testOfFiles('an edited checkpoint is not built upon', async () => {
  await happen(150)
  await signWhatIsNew(world.house)
  const before = (await stored()).length
  tamper("UPDATE audit_checkpoints SET digest = 'x'")
  await happen(150)
  await signWhatIsNew(world.house)
  assert.equal((await stored()).length, before)
  assert.equal((await world.record('audit.broken')).length, 1)
})

testOfFiles('two that sign at the same time: each row is signed once', async () => {
  await happen(500)
  await Promise.all([signWhatIsNew(world.house), signWhatIsNew(world.house), happen(300), signWhatIsNew(world.house)])
  assert.equal(await said(), 'intact')
})

testOfFiles('a checkpoint that was kept elsewhere finds what was rolled back together', async () => {
  await happen(150)
  await signWhatIsNew(world.house)
  const old = await copyOf('backup')
  const kept = join(world.house.config.dataDir, 'kept.txt')
  await happen(120)
  await signWhatIsNew(world.house)
  const newest = (await stored()).at(-1)
  assert.ok(newest)
  writeFileSync(kept, `From: oncekey\n\n> ${checkpointLine(newest)}\nbye\n`)
  const verdict = async (folder: string, checkpoints = [kept]): Promise<string> => (await verifyFolder(folder, { checkpoints })).fault?.what ?? 'intact'
  assert.equal(await verdict(await copyOf('copy')), 'intact')
  assert.equal((await verifyFolder(old)).fault, null, 'the backup itself is whole')
  assert.match(await verdict(old), new RegExp(`^The record was taken back to an earlier moment: a witness saw ${newest.seq} rows, and there are \\d+\\.`))
  // Taken back and lived on: other rows under the same numbers.
  const { house } = world
  const back = newest.seq - 110
  const mac = await macOf(back)
  tamper(`DELETE FROM audit WHERE seq > ${back}; DELETE FROM audit_checkpoints WHERE seq > ${back};
    UPDATE audit_head SET seq = ${back}, mac = '${mac}', head_mac = '${house.audit.macs.head(back, mac)}'`)
  await happen(200)
  await signWhatIsNew(house)
  assert.equal((await verifyFolder(house.config.dataDir)).fault, null)
  assert.match(await verdict(house.config.dataDir), new RegExp(`^Row ${newest.seq} is not the one that a witness saw`))
  // A witness's file that is none, or of somebody else.
  writeFileSync(kept, 'nothing\n')
  await assert.rejects(verdict(house.config.dataDir), /holds no checkpoint/)
  const { privateKey } = await import('node:crypto').then((crypto) => crypto.generateKeyPairSync('ed25519'))
  const stranger = createSigner(privateKey.export({ format: 'der', type: 'pkcs8' }))
  writeFileSync(kept, checkpointLine(stranger.signCheckpoint({ ...newest })))
  await assert.rejects(verdict(house.config.dataDir), /was not signed with the key/)
  await assert.rejects(verifyFolder(house.config.dataDir, { publicKey: stranger.publicKey }), /another installation's folder/)
})

testOfFiles('a record that can not be read: a sentence with the cure', async () => {
  await happen(1)
  for (const [sql, says] of [['DROP TABLE audit', /"audit" is missing from the database/], ['DROP TABLE audit_head', /"audit_head" is missing/], ['DROP TABLE audit_checkpoints', /Start the server once/]] as const) {
    const folder = await copyOf('copy')
    const database = new DatabaseSync(join(folder, 'oncekey.db'))
    database.exec(sql)
    database.close()
    await assert.rejects(verifyFolder(folder), says)
  }
  const folder = await copyOf('copy')
  writeFileSync(join(folder, 'oncekey.db'), 'no database at all, but long enough to be looked at as one'.repeat(20))
  await assert.rejects(verifyFolder(folder), /can not be read .* Restore the data folder/)
})
