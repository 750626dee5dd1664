import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseTopic } from '@oncekey/protocol/topics'
import { identityFrom, mqttLink, nodeHmac, simulateDoor, type SimulatedDoor } from '@oncekey/simulator'
import { databases } from './support/databases.ts'
import { controllerNamed, honestDoor } from './support/doors.ts'
import { startFleet, type Fleet } from './support/servers.ts'
import { isFull } from './support/size.ts'
import { enter, type Loot } from './support/thief.ts'

/** Counters of messages and records stay within 31 bits. */
const MOST = 2_147_483_647

for (const database of isFull ? databases : databases.slice(0, 1)) {
  void describe(`the ends of counters, and two boxes with one key, ${database.name}`, () => {
    let fleet: Fleet
    let front: Loot
    let point: string

    before(async () => {
      fleet = await startFleet(database, 1)
      front = (await controllerNamed(fleet.owner, 'Front door')).loot
      point = (await fleet.owner.places.get()).doors[0]?.id ?? ''
    })
    after(async () => { await fleet.end() })

    test('a session\'s counter ends at 2^31 - 1: nothing is heard beyond it, nor from its start again, and a new session begins anew', async () => {
      const thief = await enter(port(), front)
      thief.n = MOST - 2
      assert.notEqual(await thief.ask('1111111'), null)
      assert.notEqual(await thief.ask('1111112'), null)
      assert.equal(thief.n, MOST)
      for (const n of [MOST, MOST + 1, 0, 1, -1, -MOST, 0.5, 2 ** 32, 2 ** 53]) {
        thief.n = n
        assert.equal(await thief.ask('1111113', {}, 400), null, `heard at ${n}`)
      }
      thief.raw.end()
      const again = await enter(port(), front)
      assert.notEqual(await again.ask('1111114'), null)
      again.raw.end()
      assert.equal((await fleet.record({ event: 'access.denied' })).filter((row) => row.reason === 'wrong').length, 3)
      await fleet.owner.controllers.clearLockout(front.address.controller, { reason: 'The next attack' })
    })

    test('a thief who numbers a record 2^31 - 1 does not keep the true box\'s records out', async () => {
      const thief = await enter(port(), front)
      const record = JSON.stringify({ seq: MOST, bootId: 'thief', time: 0, trust: 'none', prev: '', type: 'door.changed', lock: 1, doorState: 'open' })
      thief.raw.send(thief.packet('event', { records: [record] }))
      for (let waited = 0; !thief.heard.some((one) => one.name === 'ack') && waited < 100; waited++) await sleep(50)
      assert.ok(thief.heard.some((one) => one.name === 'ack' && one.body.includes(String(MOST))))
      thief.raw.end()
      await opensByCode()
    })

    test('a thief who claims settings of version 2^31 - 1 does not keep the true box from its settings', async (t) => {
      const thief = await enter(port(), front, { settingsVersion: MOST })
      thief.raw.send(thief.packet('health', { uptimeMs: 1, freeBytes: 1, queued: 0 }))
      await sleep(300)
      thief.raw.end()
      await fleet.owner.places.renameAccessPoint(point, { name: 'North gate' })
      const door = await honestDoor(fleet.owner, port(), 'Front door')
      t.after(() => { door.stop() })
      await door.until((one) => one.heard.some((message) => parseTopic(message.topic)?.name === 'settings' && message.payload.includes('North gate')), 5000)
      const answer = await fleet.owner.accessPoints.unlock(point, { reason: 'To read its display' })
      assert.equal(answer.status, 'succeeded')
      await door.until((one) => one.rows()[0].includes('North gate'), 3000)
    })

    test('two boxes with one key take the line from each other, which is an alarm; a code that is typed at both opens one', async (t) => {
      const simulation = await fleet.owner.controllers.simulation(front.address.controller)
      const boxes: SimulatedDoor[] = Array.from({ length: 2 }, () => simulateDoor({ identity: identityFrom(simulation), locks: 1, link: mqttLink({ url: `mqtt://127.0.0.1:${port()}`, firstMs: 50, maxMs: 400 }), hmac: nodeHmac }))
      t.after(() => { for (const box of boxes) box.stop() })
      for (let waited = 0; (await fleet.record({ event: 'controller.duplicated' })).length === 0 && waited < 100; waited++) await sleep(200)
      assert.ok((await fleet.record({ event: 'controller.duplicated' })).length > 0)
      await fleet.setAhead(31_000)
      const { digits } = await fleet.owner.codes.issue({ accessPointId: point })
      for (let i = 0; i < 20; i++) {
        for (const box of boxes) if (box.connected) box.type('*' + digits + '#')
        await sleep(100)
      }
      const unlocked = boxes.map((box) => box.locks().filter((lock) => lock.lockState === 'unlocked').length)
      assert.ok(unlocked.reduce((a, b) => a + b) <= 1)
      // The one of the test before, and this one.
      assert.ok((await fleet.record({ event: 'access.granted' })).length <= 2)
    })

    function port (): number {
      return fleet.processes[0]?.mqttPort ?? 0
    }

    async function opensByCode (): Promise<void> {
      const door = await honestDoor(fleet.owner, port(), 'Front door')
      const known = (await fleet.record({ event: 'lock.actuated' })).length
      const { digits } = await fleet.owner.codes.issue({ accessPointId: point })
      door.type(digits + '#')
      await door.until((one) => one.lock(1).lockState === 'unlocked', 5000)
      for (let waited = 0; (await fleet.record({ event: 'lock.actuated' })).length === known; waited++) {
        assert.ok(waited < 100, 'the record of the opening never arrived')
        await sleep(50)
      }
      door.stop()
    }
  })
}
