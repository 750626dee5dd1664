import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { open, linkKeys, parseSettings, type Settings } from '@oncekey/protocol/messages'
import { openWorld, quiet, type World } from '../testing/world.ts'
import { addSimulatedController } from './commission.ts'
import { followClocks, settingsChanged, utcOffsetMinutes } from './settings.ts'

let world: World
beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

async function lastSettings (controllerId = world.controllers.bank): Promise<Settings> {
  const sent = world.house.transport.sent.findLast((one) => one.topic.endsWith(`${controllerId}/down/settings`))
  assert.ok(sent)
  assert.deepEqual([sent.retain, sent.qos], [true, 1])
  const body = open(linkKeys((await world.identity(controllerId)).rootKey, 1).macDown, sent.topic, sent.payload)
  const settings = parseSettings(body ?? '')
  assert.ok(settings)
  return settings
}

test('a door shows the names and the time of its site, and hears of a new name', async () => {
  const door = await world.door()
  const settings = await lastSettings()
  assert.deepEqual([settings.name, settings.utcOffsetMinutes, settings.wrongCodeEntryLimit, settings.lockoutMs], ['Bank A', 60, 3, 120_000])
  assert.deepEqual(settings.locks.map((one) => one.label), ['A01', 'A02', 'A03'])
  assert.match(door.rows[0], /^Bank A +10:00$/)
  await world.house.db.write(async (trx) => {
    await trx.prepare("UPDATE access_points SET name = 'Küche' WHERE id = ?").run(world.points.a02)
    await settingsChanged(trx, world.house, world.controllers.bank)
  })
  await quiet()
  assert.deepEqual((await lastSettings()).locks[1], { lock: 2, label: 'Küche', kind: 'compartment' })
  assert.equal(door.controller.settings?.version, (await lastSettings()).version)
})

test('a server that was restored from a backup goes past what it once sent', async () => {
  const door = await world.door()
  door.unplug()
  await quiet()
  await world.house.db.write(async (trx) => { await trx.prepare('UPDATE controllers SET settings_version = 1').run() })
  door.plug()
  await quiet()
  await world.wait(500, door)
  assert.equal((await lastSettings()).version, 3)
  assert.equal(door.controller.settings?.version, 3)
})

test('when the site\'s clocks change, its doors hear of it', async () => {
  const before = world.house.transport.sent.length
  await followClocks(world.house, world.house.clock() - 60_000)
  await quiet()
  assert.equal(world.house.transport.sent.length, before)
  await followClocks(world.house, Date.UTC(2025, 6, 1))
  await quiet()
  assert.equal(world.house.transport.sent.length, before + 2)
})

test('offsets of zones, also those of half an hour, and of one that is not known', () => {
  const summer = Date.UTC(2026, 6, 1)
  assert.deepEqual(['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'UTC', 'Mars/Olympus'].map((zone) => utcOffsetMinutes(zone, summer)), [120, -240, 330, 0, 0])
})

test('ninety-six long names in a wide script still fit into one message', async () => {
  const { house } = world
  const id = await house.db.write(async (trx) => {
    const id = await addSimulatedController(trx, house, { siteId: world.siteId, name: '🗝'.repeat(60), locks: 96 })
    for (let lock = 1; lock <= 90; lock++) {
      await trx.prepare("INSERT INTO access_points (id, site_id, kind, name, controller_id, lock, created_at) VALUES (?, ?, 'compartment', ?, ?, ?, 0)")
        .run(house.newId(), world.siteId, '🗝'.repeat(40) + lock, id, lock)
    }
    await settingsChanged(trx, house, id)
    return id
  })
  await quiet()
  const settings = await lastSettings(id)
  assert.equal(settings.locks.length, 96)
  assert.equal(settings.locks[95]?.label, 'Lock')
  assert.ok(Buffer.byteLength(world.house.transport.sent.at(-1)?.payload ?? '') <= 8192)
})
