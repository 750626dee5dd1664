import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AuditRow } from '@oncekey/protocol/schemas'
import { parseTopic } from '@oncekey/protocol/topics'
import type { SimulatedDoor } from '@oncekey/simulator'
import { databases } from './support/databases.ts'
import type { Keypad } from './support/keypad.ts'
import { openSite } from './support/site.ts'

const COMPUTED_MS = 8000

/** 212 codes with a pause of 20 ms each. Counted in pauses of this process, which the door is in, so that it has longer on a machine that is busy. */
async function computes (): Promise<void> {
  for (let i = 0; i < 400; i++) await sleep(COMPUTED_MS / 400 + 1)
}

/** The newest settings that the door has, as they travelled: they name the codes that were revoked. */
const settingsOf = (door: SimulatedDoor): string | undefined => door.heard.findLast(({ topic }) => parseTopic(topic)?.name === 'settings')?.payload

for (const database of databases) {
  test(`network cut, server killed, power cut: offline codes open, each as often as it may, and the record has it all on ${database.name}`, { timeout: 300_000 }, async () => {
    const site = await openSite(database, { people: 0 })
    const keypad = await site.keypad('Front door')
    const { door } = keypad
    try {
      await keypad.ready()
      await site.client.controllers.offlineCodes(keypad.controllerId, { clock: 'persisted' })
      const point = site.points.find((one) => one.controllerId === keypad.controllerId)
      assert.ok(point !== undefined)
      const other = site.points.find((one) => one.controllerId !== keypad.controllerId)
      assert.ok(other !== undefined)
      await assert.rejects(site.client.codes.issue({ accessPointId: other.id, offline: 'once' }), { code: 'offlineOff' })
      const me = await site.client.me.get()
      await site.client.grants.give({ personId: me.id, accessPointIds: [point.id] })
      const stay = await site.client.codes.issue({ accessPointId: point.id, offline: 'hours4' })
      await computes()

      door.cutNetwork()
      await site.process.kill()
      assert.match(door.rows()[1], /^Enter code/)
      door.type('123456789#')
      assert.match(door.rows()[0], /^Not accepted/)
      const opened = await opens(keypad, stay.digits)
      door.cutPower()
      door.restorePower()
      await computes()
      await opens(keypad, stay.digits)

      await site.start()
      door.restoreNetwork()
      const moves: AuditRow[] = []
      for (const until = Date.now() + 30_000; moves.length < 2 && Date.now() < until; await sleep(100)) {
        moves.push(...(await site.readRecord()).filter((row) => row.event === 'lock.actuated' && row.details['source'] === 'offlineCode'))
      }
      assert.deepEqual(moves.map((row) => [row.actor?.name, row.accessPoint?.name, row.details['codeId'], row.details['trust']]), [
        [me.name, point.name, stay.code.id, 'synced'], [me.name, point.name, stay.code.id, 'persisted']
      ])
      const [first] = moves
      assert.ok(first !== undefined && Math.abs(Number(first.details['at']) - opened) < 3000, 'its own time')
      assert.ok(first.time > Number(first.details['at']) + COMPUTED_MS, 'told later')
      const [code] = (await site.client.codes.list()).codes
      assert.ok(code?.openedAt === Number(first.details['at']))

      // Revoked while there is a network: nothing in the next outage.
      const known = settingsOf(door)
      await site.client.codes.revoke(stay.code.id)
      await door.until((one) => settingsOf(one) !== known, 20_000)
      door.cutNetwork()
      const before = keypad.unlocks()
      door.type(stay.digits + '#')
      assert.match(door.rows()[0], /^Not accepted/)
      assert.equal(keypad.unlocks(), before)
      assert.ok((await site.client.audit.chain()).intact)
    } finally {
      keypad.stop()
      await site.end()
    }
  })
}

/** Types it at a door without a network, which opens and can be closed again. @returns when */
async function opens ({ door, unlocks }: Keypad, digits: string): Promise<number> {
  const before = unlocks()
  const at = Date.now()
  door.type(digits + '#')
  assert.match(door.rows()[0], /^Open: /)
  await door.until((one) => one.lock(1).lockState === 'unlocked', 5000)
  assert.equal(unlocks(), before + 1)
  return at
}
