import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { databases } from './support/databases.ts'
import { newLoad } from './support/load.ts'
import { runCommand, startProcess } from './support/process.ts'
import { dice, isFull, seedFor } from './support/seed.ts'
import { openSite, owner, Site } from './support/site.ts'

const KILLS = isFull ? 20 : 2
const program = join(import.meta.dirname, '../apps/server/bin/oncekey.mjs')

/** Runs a command and kills it `ms` after `isUnderWay` has become true, if it has not ended by then. */
async function killAmid (words: string[], env: Record<string, string>, isUnderWay: () => boolean, ms: number): Promise<'killed' | 'ended'> {
  const child = spawn(process.execPath, [program, ...words], { env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => { child.once('exit', () => { resolve() }) })
  while (child.exitCode === null && !isUnderWay()) await sleep(1)
  await Promise.race([ended, sleep(ms)])
  const outcome = child.exitCode === null ? 'killed' : 'ended'
  child.kill('SIGKILL')
  await ended
  return outcome
}

for (const database of databases) {
  test(`a backup under load, kill -9 amid it, amid the server and amid ${KILLS} restores elsewhere, on ${database.name}: the house goes on there`, { timeout: isFull ? 3_600_000 : 600_000 }, async () => {
    const random = dice(seedFor(`backup on ${database.name}`))
    const folder = mkdtempSync(join(tmpdir(), 'oncekey-backups-'))
    const path = join(folder, 'night.backup')
    const secret = join(folder, 'passphrase')
    writeFileSync(secret, 'seven quiet lanterns\n')
    const words = [path, '--passphrase-file', secret]
    const site = await openSite(database, { people: 120 })
    const there = await database.open()
    const keypads = [await site.keypad('Bank A'), await site.keypad('Front door')]
    let moved: Site | null = null
    try {
      for (const keypad of keypads) await keypad.ready()
      const load = newLoad(site, keypads, random)
      const point = site.points.find((one) => one.name === 'A03')
      const other = site.points.find((one) => one.name === 'A05')
      assert.ok(point !== undefined && other !== undefined)
      const used = await site.client.codes.issue({ accessPointId: point.id })
      const unused = await site.client.codes.issue({ accessPointId: other.id })

      // The backup is taken while people ask for codes and doors open; the first tries are killed.
      const work = load.run(4)
      await sleep(200)
      for (let kill = 0; kill < KILLS; kill++) {
        await killAmid(['backup', ...words], site.env, () => existsSync(join(folder, '.night.backup.part')), random.whole(60))
        if (!existsSync(path)) continue
        // It was quicker: then it is whole.
        assert.equal((await runCommand(['backup', '--check', ...words], {})).code, 0)
        rmSync(path)
      }
      await site.readRecord()
      const before = site.record.map((row) => JSON.stringify(row))
      const made = await runCommand(['backup', ...words], site.env)
      assert.equal(made.code, 0, made.printed)
      await work.stop()
      assert.ok(load.figures.issued > 5, JSON.stringify(load.figures))
      const whole = await runCommand(['backup', '--check', ...words], {})
      assert.equal(whole.code, 0, whole.printed)

      // A code of before is used, and then everything here is lost.
      assert.equal((await keypads[0]?.enter(used.digits))?.is, 'granted')
      await site.readRecord()
      await site.process.kill()

      // Restored elsewhere, at the third try.
      const env = { ...site.env, ...there.env, ONCEKEY_DATA_DIR: there.folder, ...(there.env['ONCEKEY_DATABASE_URL'] === undefined ? {} : { ONCEKEY_DATABASE_URL: there.env['ONCEKEY_DATABASE_URL'] }) }
      let killed = 0
      for (let kill = 0; kill < KILLS && !existsSync(join(there.folder, 'secrets.json')); kill++) if (await killAmid(['restore', ...words], env, () => existsSync(join(there.folder, 'restoring')), random.whole(400)) === 'killed') killed++
      const begun = performance.now()
      const restored = await runCommand(['restore', ...words], env)
      // One of those that were killed may have been whole.
      if (restored.code !== 0) assert.match(restored.printed, /is not empty/)
      const ms = performance.now() - begun
      assert.ok(existsSync(join(there.folder, 'secrets.json')), restored.printed)
      assert.equal((await runCommand(['restore', ...words], env)).code, 1, 'a second one replaces nothing unasked')

      moved = new Site(there, { port: site.port, mqttPort: site.mqttPort }, env, await startProcess({ env }))
      assert.equal(moved.process.url, site.url, moved.process.printed())
      assert.ok(!existsSync(join(there.folder, 'restoring')))
      // Who was signed in there is not here.
      await assert.rejects(moved.client.audit.page({ limit: 1 }), /Nobody is signed in/)
      await moved.client.session.start({ login: owner.email, password: owner.password })
      await moved.readRecord()
      assert.deepEqual(moved.record.slice(0, before.length).map((row) => JSON.stringify(row)), before, 'nothing of before the backup is missing')
      assert.equal(moved.record.filter((row) => row.event === 'backup.restored').length, 1)
      const chain = await moved.client.audit.chain()
      assert.ok(chain.intact, JSON.stringify(chain))
      const verdict = await runCommand(['audit', 'verify'], env)
      assert.equal(verdict.code, 0, verdict.printed)

      // The keypads come back by themselves, with the keys that they have. What worked once, or would have, does not.
      for (const keypad of keypads) await keypad.door.until((one) => one.connected, 20_000)
      const [bank] = keypads
      assert.ok(bank !== undefined)
      const unlocks = bank.unlocks()
      assert.equal((await bank.enter(used.digits, 8000)).is, 'refused')
      assert.equal((await bank.enter(unused.digits)).is, 'refused')
      assert.equal(bank.unlocks(), unlocks)
      // Another compartment: of the same one there was a code a moment ago, and the record remembers.
      const third = site.points.find((one) => one.name === 'A07')
      assert.ok(third !== undefined)
      const fresh = await moved.client.codes.issue({ accessPointId: third.id })
      assert.deepEqual(await bank.enter(fresh.digits), { is: 'granted', lock: third.lock })
      const size = statSync(path).size
      console.log(`  ${database.name}: a backup under load of ${moved.record.length} rows of record, ${(size / 1024).toFixed(0)} kB, encrypted; ${killed} restores killed, the next one took ${(ms / 1000).toFixed(1)} s with its start; ${before.length} rows of before are there, none missing; a used code and a live one opened nothing; the keypads came back and open`)
      assert.deepEqual(readdirSync(folder).toSorted(), ['night.backup', 'passphrase'])
    } finally {
      for (const keypad of keypads) keypad.stop()
      await moved?.end()
      await site.end()
      if (moved === null) await there.remove()
      rmSync(folder, { recursive: true, force: true })
    }
  })
}
