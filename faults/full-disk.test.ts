import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ProblemError } from '@oncekey/client'
import { sqlite } from './support/databases.ts'
import { newLoad } from './support/load.ts'
import { dice, isFull, seedFor } from './support/seed.ts'
import { openSite } from './support/site.ts'
import { smallDisk } from './support/small-disk.ts'

const FILLS = isFull ? 60 : 4

test(`a disk that fills up ${FILLS} times in the middle of the work: refused in words, nothing lost, nothing half done, and on it goes`, { timeout: isFull ? 1_800_000 : 600_000 }, async () => {
  const disk = smallDisk(80)
  if (disk === null) return await withinALimit()
  const random = dice(seedFor('full disk'))
  const site = await openSite(disk, { people: isFull ? 400 : 40 })
  const keypad = await site.keypad('Bank A')
  let refused = 0
  try {
    const load = newLoad(site, [keypad], random)
    for (let i = 0; i < FILLS; i++) {
      await keypad.ready()
      const work = load.run(6)
      await sleep(20 + random.whole(200))
      disk.fill()
      // The state is looked at once a second.
      await sleep(1_100)
      const health = await site.client.health()
      assert.equal(health.status, 'failing', JSON.stringify(health))
      assert.ok((await site.client.codes.list()).codes.length > 0, 'what is there can be read')
      const [point] = site.points
      await assert.rejects(site.client.places.renameAccessPoint(point?.id ?? '', { name: `Half ${i}` }), (error) => error instanceof ProblemError && error.code === 'storageFull' && error.status === 503 && (error.retryAfterSeconds ?? 0) > 0)
      refused++
      await work.stop()
      disk.makeRoom()
      assert.notEqual((await site.client.places.get()).banks[0]?.accessPoints[0]?.name, `Half ${i}`)
      await sleep(1_100)
      assert.notEqual((await site.client.health()).checks.find((one) => one.name === 'database')?.status, 'failing', 'it goes on by itself')
      await load.check()
      await load.askAgain()
      await load.typeAgain()
      assert.ok((await site.client.audit.chain()).intact)
    }
    assert.equal(site.process.process.exitCode, null)
    assert.doesNotMatch(site.process.printed(), /"name":"TypeError"|"name":"RangeError"/)
    console.log(`  disk full ${FILLS} times under load: ${refused + load.figures.lostAnswers} writes refused with 503 storageFull, ${load.figures.issued} codes and ${load.figures.granted} grants that were answered kept, chain intact, no restart needed`)
  } finally {
    keypad.stop()
    await site.end()
  }
})

/** Where nothing can be mounted: files of the process may not grow beyond a limit; a start without it is the room that was made. */
async function withinALimit (): Promise<void> {
  const site = await openSite(sqlite, { people: 40, under: ['sh', '-c', 'trap "" XFSZ; ulimit -f 3000; exec "$0" "$@"'] })
  const keypad = await site.keypad('Bank A')
  try {
    await keypad.ready()
    const load = newLoad(site, [keypad], dice(seedFor('full disk, by a limit')))
    const work = load.run(6)
    const full = async (): Promise<boolean> => site.client.places.addDoor({ name: `Door ${Math.random()}` }).then(() => false, (error: unknown) => error instanceof ProblemError && error.code === 'storageFull')
    while (!await full()) await sleep(20)
    await work.stop()
    assert.ok((await site.client.codes.list()).codes.length > 0, 'what is there can be read')
    await site.process.kill()
    await site.start()
    await load.check()
    await load.askAgain()
    await keypad.ready()
    await load.typeAgain()
    assert.ok((await site.client.audit.chain()).intact)
    console.log(`  file size limit reached under load: ${load.figures.lostAnswers + 1} writes refused with 503 storageFull, ${load.figures.issued} codes and ${load.figures.granted} grants that were answered kept, chain intact (no right to mount a small disk here)`)
  } finally {
    keypad.stop()
    await site.end()
  }
}
