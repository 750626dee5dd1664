import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { databases } from './support/databases.ts'
import { keypadOf } from './support/keypad.ts'
import { newLoad } from './support/load.ts'
import { runCommand } from './support/process.ts'
import { dice, isFull, seedFor } from './support/seed.ts'
import { openSite } from './support/site.ts'
import { openWire } from './support/wire.ts'

const KILLS = isFull ? 200 : 6

for (const database of databases) {
  test(`kill -9 at ${KILLS} random moments under load on ${database.name}: what was answered is kept, nothing opens twice`, { timeout: isFull ? 3_600_000 : 600_000 }, async () => {
    const random = dice(seedFor(`kill -9 on ${database.name}`))
    const begun = performance.now()
    const site = await openSite(database, { people: isFull ? 1000 : 60 })
    const keypads = [await site.keypad('Bank A'), await site.keypad('Front door')]
    try {
      const load = newLoad(site, keypads, random)
      for (let kill = 0; kill < KILLS; kill++) {
        for (const keypad of keypads) await keypad.ready()
        const work = load.run(6)
        await sleep(30 + random.whole(500))
        await site.process.kill()
        await work.stop()
        await site.start()
        await load.check()
        await load.askAgain()
        for (const keypad of keypads) await keypad.ready()
        await load.typeAgain()
        const chain = await site.client.audit.chain()
        assert.ok(chain.intact, JSON.stringify(chain))
        if ((kill + 1) % 50 === 0) console.log(`  ${database.name}: ${kill + 1} kills so far, ${((performance.now() - begun) / 1000).toFixed(0)} s`)
      }
      await load.check()
      const verdict = await runCommand(['audit', 'verify'], site.env)
      assert.equal(verdict.code, 0, verdict.printed)
      const { figures } = load
      assert.ok(figures.issued > KILLS && figures.granted > KILLS / 2, JSON.stringify(figures))
      console.log(`  ${database.name}: ${KILLS} kills under load, ${site.record.length} rows intact; answered and kept: ${figures.issued} codes, ${figures.granted} grants, ${figures.revoked} revocations, ${figures.records} actuations; lost answers asked again: ${figures.lostAnswers}, lost verdicts: ${figures.lostVerdicts} (${figures.usedUnheard} of them used up), opened twice: 0 (${((performance.now() - begun) / 1000).toFixed(0)} s)`)
    } finally {
      for (const keypad of keypads) keypad.stop()
      await site.end()
    }
  })
}

for (const database of databases) {
  test(`a grant whose answer died with the server is shown and made good on ${database.name}`, { timeout: 600_000 }, async () => {
    const site = await openSite(database, { people: 0 })
    const wire = await openWire(site.mqttPort)
    const keypad = await keypadOf(site.client, wire.port, 'Bank A')
    try {
      await keypad.ready()
      const point = site.points.find((one) => one.name === 'A03')
      assert.ok(point !== undefined)
      const { code, digits } = await site.client.codes.issue({ accessPointId: point.id })
      wire.holdDown()
      const entry = keypad.enter(digits, 6000)
      while ((await site.client.codes.list()).codes.find((one) => one.id === code.id)?.state !== 'used') await sleep(20)
      const usedAt = Date.now()
      await site.process.kill()
      wire.passAgain()
      await site.start()
      assert.equal((await entry).is, 'unanswered')
      await keypad.ready()
      assert.equal(keypad.unlocks(), 0, 'a verdict that was lost opens nothing later')
      // The door owes it: after ten seconds everybody can see so, and the holder need not wait for the next code.
      while (!(await site.readRecord()).some((row) => row.event === 'access.notOpened' && row.details['codeId'] === code.id)) {
        assert.ok(Date.now() - usedAt < 20_000, 'told within 20 s')
        await sleep(200)
      }
      const shownMs = Date.now() - usedAt
      const mine = (await site.client.me.access()).access.find((one) => one.accessPoint.id === point.id)
      assert.deepEqual([mine?.code, mine?.mayGetCodeAt], [null, 0])
      const again = await site.client.codes.issue({ accessPointId: point.id })
      assert.deepEqual(await keypad.enter(again.digits), { is: 'granted', lock: point.lock })
      assert.equal((await keypad.enter(digits)).is, 'refused', 'the first code stays used')
      await keypad.door.until((one) => one.lock(point.lock).lockState === 'unlocked')
      console.log(`  ${database.name}: a grant whose answer was lost is in the record as not opened after ${(shownMs / 1000).toFixed(1)} s; the next code came at once and opened`)
    } finally {
      keypad.stop()
      wire.close()
      await site.end()
    }
  })
}
