import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { ProblemError } from '@oncekey/client'
import type { HealthReport } from '@oncekey/protocol/schemas'
import { sqlite } from './support/databases.ts'
import { newLoad } from './support/load.ts'
import { dice, isFull, seedFor } from './support/seed.ts'
import { openSite, type Site } from './support/site.ts'
import { smallDisk } from './support/small-disk.ts'

const FILLS = isFull ? 60 : 4
/** So often first the write-ahead log is left as it comes, until it begins again in its full length more than once. */
const LEFT_ALONE = FILLS / 5

test(`a disk that fills up ${FILLS} times in the middle of the work: refused in words, nothing lost, nothing half done, and on it goes`, { timeout: isFull ? 1_800_000 : 600_000 }, async () => {
  const disk = smallDisk(80)
  if (disk === null) return await withinALimit()
  const random = dice(seedFor('full disk'))
  const site = await openSite(disk, { people: isFull ? 400 : 40 })
  const keypad = await site.keypad('Bank A')
  let refused = 0
  let acceptedWhenFull = 0
  try {
    const load = newLoad(site, [keypad], random)
    for (let i = 0; i < FILLS; i++) {
      await keypad.ready()
      // A log that begins again in the length it has needs no room until that is used up, and one that was cut needs it at once.
      if (i >= LEFT_ALONE) emptyLog(join(site.place.folder, 'oncekey.db'), i % 2 === 0 ? 'TRUNCATE' : 'RESTART')
      const work = load.run(6)
      await sleep(20 + random.whole(200))
      disk.fill()
      await healthIs(site, ({ status }) => status === 'failing')
      assert.ok((await site.client.codes.list()).codes.length > 0, 'what is there can be read')
      const { kept, accepted } = await renameUntilRefused(site, i)
      acceptedWhenFull += accepted
      refused++
      await work.stop()
      disk.makeRoom()
      assert.equal(await nameOf(site), kept, 'what was accepted is kept, and what was refused was not done')
      await healthIs(site, ({ checks }) => checks.find((one) => one.name === 'database')?.status !== 'failing')
      await load.check()
      await load.askAgain()
      await load.typeAgain()
      assert.ok((await site.client.audit.chain()).intact)
    }
    assert.equal(site.process.process.exitCode, null)
    assert.doesNotMatch(site.process.printed(), /"name":"TypeError"|"name":"RangeError"/)
    console.log(`  disk full ${FILLS} times under load: ${refused + load.figures.lostAnswers} writes refused with 503 storageFull, ${acceptedWhenFull} renames that the log still had room for kept, ${load.figures.issued} codes and ${load.figures.granted} grants that were answered kept, chain intact, no restart needed`)
  } finally {
    keypad.stop()
    await site.end()
  }
})

/** The state is looked at once a second. */
async function healthIs (site: Site, isSo: (health: HealthReport) => boolean): Promise<void> {
  const until = performance.now() + 1_100
  for (let health = await site.client.health(); !isSo(health); health = await site.client.health()) {
    assert.ok(performance.now() < until, JSON.stringify(health))
    await sleep(50)
  }
}

/** Brings the log's content home from another process, with nothing under way: the next write begins it again, or begins a new one. */
function emptyLog (path: string, how: 'RESTART' | 'TRUNCATE'): void {
  const database = new DatabaseSync(path, { timeout: 10_000 })
  try {
    assert.equal(database.prepare(`PRAGMA wal_checkpoint(${how})`).get()?.['busy'], 0)
  } finally {
    database.close()
  }
}

/**
 * Writes on a full disk: a write that finds room inside the log is accepted, until one needs more than there is.
 * @returns the name that has to be there afterwards, and how many were accepted
 */
async function renameUntilRefused (site: Site, round: number): Promise<{ kept: string | undefined, accepted: number }> {
  const [point] = site.points
  let kept = await nameOf(site)
  const until = performance.now() + 120_000
  for (let accepted = 0; ; accepted++) {
    assert.ok(performance.now() < until, `${accepted} writes on a full disk, and none was refused`)
    const name = `Half ${round}.${accepted}`
    try {
      await site.client.places.renameAccessPoint(point?.id ?? '', { name })
    } catch (error) {
      assert.ok(error instanceof ProblemError && error.code === 'storageFull' && error.status === 503 && (error.retryAfterSeconds ?? 0) > 0, String(error))
      return { kept, accepted }
    }
    kept = name
  }
}

/** What the first access point is called now; a bank's come in the order of their names. */
async function nameOf (site: Site): Promise<string | undefined> {
  const { banks } = await site.client.places.get()
  return banks.flatMap((bank) => bank.accessPoints).find((one) => one.id === site.points[0]?.id)?.name
}

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
