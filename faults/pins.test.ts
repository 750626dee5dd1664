import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AuditRow } from '@oncekey/protocol/schemas'
import { parseTopic } from '@oncekey/protocol/topics'
import type { SimulatedDoor } from '@oncekey/simulator'
import { databases } from './support/databases.ts'
import { openSite } from './support/site.ts'

/** The newest list of pins that the door has, as it travelled. */
const listOf = (door: SimulatedDoor): string | undefined => door.heard.findLast(({ topic }) => parseTopic(topic)?.name === 'pins')?.payload

for (const database of databases) {
  test(`network cut and server killed: a known pin opens, one that was revoked meanwhile until its door is back, and the record has it all on ${database.name}`, { timeout: 300_000 }, async () => {
    const site = await openSite(database, { people: 0 })
    const keypad = await site.keypad('Front door')
    const { door } = keypad
    const unlocksBy = (digits: string): boolean => {
      const before = keypad.unlocks()
      door.type('*' + digits + '#')
      return keypad.unlocks() > before
    }
    const locked = (): Promise<unknown> => door.until((one) => one.lock(1).lockState === 'locked' && /Enter code/.test(one.rows()[1]), 30_000)
    const told = async (ms = 30_000): Promise<AuditRow[]> => {
      for (const until = Date.now() + ms; Date.now() < until; await sleep(200)) {
        await site.readRecord()
        const rows = site.record.filter((row) => row.event === 'lock.actuated' && row.details['source'] === 'offlineCode')
        if (rows.length >= 2) return rows
      }
      return []
    }
    try {
      await keypad.ready()
      const point = site.points.find((one) => one.controllerId === keypad.controllerId)
      assert.ok(point !== undefined)
      await site.client.controllers.offlinePins(keypad.controllerId, { days: 7 })
      const kept = await site.client.doors.makePin(point.id, { label: 'Fire brigade' })
      const lost = await site.client.doors.makePin(point.id, { label: 'Lift company' })
      assert.deepEqual(await keypad.enter(lost.digits), { is: 'granted', lock: 1 })
      await locked()

      const known = listOf(door)
      door.cutNetwork()
      while ((await site.client.places.get()).controllers.find(({ id }) => id === keypad.controllerId)?.online !== false) await sleep(20)
      await site.client.doors.revokePin(lost.pin.id)
      const still = (await site.client.doors.pins(point.id)).pins.find((one) => one.id === lost.pin.id)
      assert.ok(still !== undefined && still.opensUntil !== null && still.opensUntil > Date.now() + 6 * 86_400_000)
      await site.process.kill()
      assert.equal(unlocksBy('99999999'), false)
      assert.equal(unlocksBy(lost.digits), true)
      await locked()

      await site.start()
      door.restoreNetwork()
      await keypad.ready()
      await site.process.kill()
      await site.start()
      await keypad.ready()
      await door.until((one) => listOf(one) !== known, 20_000)
      door.cutNetwork()
      assert.equal(unlocksBy(lost.digits), false)
      assert.equal(unlocksBy(kept.digits), true)
      await locked()
      door.restoreNetwork()
      assert.deepEqual((await told()).map((row) => [row.accessPoint?.name, row.details['pin'], row.details['revokedBefore'] ?? false, row.details['trust']]), [
        [point.name, 'Lift company', true, 'synced'], [point.name, 'Fire brigade', false, 'synced']
      ])
      assert.deepEqual((await site.client.doors.pins(point.id)).pins.map((one) => one.label), ['Fire brigade'])
      assert.equal(JSON.stringify(site.record).includes(kept.digits), false)
      assert.equal(site.record.some((row) => row.event === 'access.unexplained'), false)
      assert.ok((await site.client.audit.chain()).intact)
    } finally {
      keypad.stop()
      await site.end()
    }
  })
}
