import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { verifyEntry } from '../apps/server/src/access/verify.ts'
import { verifyFolder } from '../apps/server/src/audit/open-chain.ts'
import { testHouse } from '../apps/server/src/testing/house.ts'
import { openWorld, quiet, type World } from '../apps/server/src/testing/world.ts'
import { figure } from './support/size.ts'

const MINUTE = 60_000

/**
 * Somebody puts yesterday's database file back: an operator after a mishap, or a thief who was let in yesterday. This is
 * what is true today, said as it is.
 */
test('an old database file: what is lost, what the controllers notice, and what comes back to life', async () => {
  const copy = mkdtempSync(join(tmpdir(), 'oncekey-copy-'))
  const world = await openWorld({ demonstration: false })
  try {
    // The box at the door is a real one: simulated ones may lose their memory without an alarm.
    await world.house.db.write(async (trx) => { await trx.prepare('UPDATE controllers SET simulated = 0 WHERE id = ?').run(world.controllers.bank) })
    const door = await world.door()
    const short = await world.code(world.people.maya, world.points.a01)
    await world.wait(1000, door)
    door.unplug()
    await quiet()

    // The copy is taken.
    await world.restart()
    cpSync(world.house.config.dataDir, copy, { recursive: true })

    // Life goes on: the code opens, its holder is removed.
    door.plug()
    await quiet()
    await world.wait(3000, door)
    await door.enter(short.digits)
    assert.equal(door.isLocked(1), false)
    await world.wait(20_000, door)
    const rows = (await world.record()).length
    assert.equal((await world.call(world.people.adam, 'DELETE', `people/${world.people.maya.id}`)).status, 200)
    door.unplug()
    await quiet()

    // The copy is put back.
    const lived = world.house
    await lived.transport.close()
    await quiet()
    world.house = await testHouse({ folder: copy, now: lived.clock() })
    door.plug()
    await quiet()
    await world.wait(3000, door)

    // Lost: every row since, and the old file alone does not show it.
    assert.ok((await world.record()).length < rows)
    assert.equal((await verifyFolder(copy)).fault, null)
    // Back to life, until it expires: a code that was used since, and its holder.
    const again = await enter(world, short.digits)
    assert.equal(again.granted, true)
    // Noticed: the box has numbered its records on, so the first one that it sends is a gap in the server's.
    await door.enter('0000000')
    await world.wait(20_000, door)
    door.openDoor(1)
    await world.wait(1000, door)
    assert.ok((await world.record('controller.recordGap')).length > 0, 'the gap raised no alarm')

    // What had expired stays dead.
    await world.wait(6 * MINUTE, door)
    assert.equal((await enter(world, short.digits)).granted, false)
    // The box goes on: it takes new settings and opens for a new code.
    await world.signIn(world.people.maya)
    const fresh = await world.code(world.people.maya, world.points.a02)
    await door.enter(fresh.digits)
    assert.equal(door.isLocked(2), false)
    figure('old database file put back: rows since then are lost; a code used since then opens once more until it expires (at most 5 minutes for a holder\'s own, 7 days for an operator\'s); the controller\'s next record raises the gap alarm')
    await world.close()
    world.house = lived
  } finally {
    rmSync(copy, { recursive: true, force: true })
    await world.close()
  }
})

function enter ({ house, controllers }: World, digits: string): ReturnType<typeof verifyEntry> {
  return house.db.write((trx) => verifyEntry(trx, house, { controller: { id: controllers.bank, name: 'Bank A' }, requestId: randomUUID(), lock: 0, digits }))
}
