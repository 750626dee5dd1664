import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { offlineDigits, offlineValue, SLOT_MS, slotAt } from '@oncekey/otp/offline'
import { deriveKey } from '@oncekey/protocol/messages'
import type { CodeIssued } from '@oncekey/protocol/schemas'
import { openWorld, quiet, type LinkedDoor, type World } from '../testing/world.ts'
import { expireCodes } from './sweep.ts'

const HOUR = 3_600_000

let world: World
beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

async function allow (clock: 'off' | 'trusted' | 'persisted' = 'trusted', controllerId = world.controllers.front): Promise<void> {
  const answer = await world.call(world.people.adam, 'PATCH', `controllers/${controllerId}/offline-codes`, { clock })
  assert.equal(answer.status, 204)
}

/** Otto makes a code for Maya. */
async function mint (offline: string, { accessPointId = world.points.front, ...more }: { accessPointId?: string, validFrom?: number } = {}): Promise<CodeIssued> {
  const answer = await world.call(world.people.otto, 'POST', 'codes', { accessPointId, personId: world.people.maya.id, offline, ...more })
  assert.equal(answer.status, 201, answer.said)
  return answer.body
}

/** The front door, on line, with every code of its slot computed. */
async function readyDoor (): Promise<LinkedDoor> {
  const door = await world.door(world.controllers.front)
  await world.wait(6000, door)
  return door
}

/** Types at a door without a network. */
function opens (door: LinkedDoor, digits: string): boolean {
  const before = door.moves()
  door.type(digits + '#')
  door.wait(1000)
  return door.moves() > before
}

test('network cut, an offline code opens; network back, and the record names holder and code, with the time at the door', async () => {
  await allow()
  const door = await readyDoor()
  const issued = await mint('once')
  assert.equal(issued.digits.length, 9)
  assert.equal(issued.offline?.opensOnce, true)
  assert.equal(issued.offline?.firstUseUntil, issued.code.expiresAt)
  door.unplug()
  await quiet()
  assert.equal(opens(door, issued.digits), true)
  const at = world.house.clock()
  await world.wait(61_000, door)
  assert.equal(opens(door, issued.digits), false)
  world.house.wait(2 * HOUR)
  door.wait(2 * HOUR)
  door.plug()
  await world.wait(1000, door)
  const [moved] = (await world.record('lock.actuated')).filter((row) => row.details['source'] === 'offlineCode')
  assert.ok(moved)
  assert.deepEqual([moved.actor?.name, moved.accessPoint?.name, moved.details['mode'], moved.details['codeId'], moved.details['trust']], ['Maya', 'Front door', 'unlock', issued.code.id, 'synced'])
  assert.ok(Math.abs(Number(moved.details['at']) - at) < 2000, 'its own time')
  assert.ok(moved.time - Number(moved.details['at']) > HOUR)
  await world.signIn(world.people.otto)
  const [code] = (await world.call(world.people.otto, 'GET', `codes?personId=${world.people.maya.id}`)).body.codes
  assert.deepEqual([code?.state, Math.abs(Number(code?.openedAt) - at) < 2000], ['used', true])
  assert.deepEqual((await world.record()).filter((row) => row.event === 'access.unexplained' || row.event === 'access.notOpened'), [])
})

test('on line the same code opens through the server, once, whichever way it was used first', async () => {
  await allow()
  const door = await readyDoor()
  const first = await mint('once')
  await door.enter(first.digits)
  assert.equal(door.isLocked(), false)
  await world.wait(61_000, door)
  door.unplug()
  assert.equal(opens(door, first.digits), false)
  const second = await mint('once', { accessPointId: world.points.front })
  assert.equal(opens(door, second.digits), true)
  const moves = door.moves()
  door.wait(61_000)
  // Back on line the server has not heard of it when it is asked.
  door.plug()
  door.type(second.digits + '#')
  await quiet()
  await world.wait(1000, door)
  assert.equal(door.moves(), moves + 1, 'it only locked again')
  const granted = await world.record('access.granted')
  assert.ok(granted.length >= 1)
  const moved = (await world.record('lock.actuated')).filter((row) => row.details['source'] === 'offlineCode' && row.details['mode'] === 'unlock')
  assert.deepEqual(moved.map((row) => row.details['codeId']), [first.code.id, second.code.id])
})

test('a stay opens again and again, with and without the server, and is over when its time is', async () => {
  await allow()
  const door = await readyDoor()
  const { digits, code, offline } = await mint('hours4')
  assert.equal(offline?.opensOnce, false)
  await door.enter(digits)
  assert.equal(door.isLocked(), false)
  await world.wait(61_000, door)
  await door.enter(digits)
  assert.equal(door.isLocked(), false)
  door.unplug()
  door.wait(61_000)
  assert.equal(opens(door, digits), true)
  world.house.wait(4.5 * HOUR)
  await expireCodes(world.house)
  await world.signIn(world.people.otto)
  const [row] = (await world.call(world.people.otto, 'GET', `codes?personId=${world.people.maya.id}`)).body.codes
  assert.deepEqual([row?.id, row?.state], [code.id, 'used'])
})

test('on line a code that begins later opens nothing before', async () => {
  await allow()
  const door = await readyDoor()
  const validFrom = Math.ceil(world.house.clock() / SLOT_MS) * SLOT_MS
  const { digits } = await mint('hours4', { validFrom })
  await world.wait(validFrom - world.house.clock() - 120_000, door)
  await door.enter(digits)
  assert.equal(door.moves(), 0)
  await world.wait(123_000, door)
  await door.enter(digits)
  assert.equal(door.isLocked(), false)
})

test('what nobody used expires, and is not asked for again and again', async () => {
  await allow()
  const { code } = await mint('once')
  world.house.wait(2 * SLOT_MS)
  await expireCodes(world.house)
  await world.signIn(world.people.otto)
  const [row] = (await world.call(world.people.otto, 'GET', `codes?personId=${world.people.maya.id}`)).body.codes
  assert.deepEqual([row?.id, row?.state], [code.id, 'expired'])
})

test('revoked while the door is on line, it opens nothing, then and in the next outage; revoked during an outage, it still does', async () => {
  await allow()
  const door = await readyDoor()
  const first = await mint('hours4')
  await world.call(world.people.otto, 'DELETE', `codes/${first.code.id}`)
  await quiet()
  await world.wait(31_000, door)
  assert.deepEqual(door.controller.settings?.offline?.revoked.length, 1)
  await door.enter(first.digits)
  assert.equal(door.moves(), 0)
  const second = await mint('hours24')
  door.unplug()
  assert.equal(opens(door, first.digits), false)
  await world.call(world.people.otto, 'DELETE', `codes/${second.code.id}`)
  assert.equal(opens(door, second.digits), true)
  await world.wait(61_000, door)
  door.plug()
  await world.wait(3000, door)
  const [moved] = (await world.record('lock.actuated')).filter((row) => row.details['source'] === 'offlineCode')
  assert.equal(moved?.details['codeId'], second.code.id)
  door.unplug()
  assert.equal(opens(door, second.digits), false)
})

test('suspending the holder and ending the access end offline codes as all others', async () => {
  await allow('trusted', world.controllers.bank)
  const grants = (await world.call(world.people.otto, 'GET', `grants?personId=${world.people.maya.id}&accessPointId=${world.points.a01}`)).body.grants
  const own = await world.call(world.people.maya, 'POST', 'codes', { accessPointId: world.points.a01, offline: 'once' })
  assert.equal(own.status, 201)
  assert.match(own.body.digits, /^1\d{9}$/)
  const made = await mint('days7', { accessPointId: world.points.a02 })
  await world.call(world.people.otto, 'DELETE', `grants/${grants[0]?.id}`)
  const door = await world.door()
  assert.equal(door.controller.settings?.offline?.revoked.length, 1)
  await world.call(world.people.otto, 'PATCH', `people/${world.people.maya.id}`, { suspended: true })
  await world.wait(1000, door)
  assert.deepEqual(door.controller.settings?.offline?.revoked.length, 2)
  await door.enter(made.digits)
  assert.equal(door.moves(), 0)
})

test('people hear which of their doors take them, how long they may open those, and which they have, never digits', async () => {
  await allow('trusted', world.controllers.bank)
  const at = world.house.clock()
  for (const endsAt of [at + HOUR, at + 3 * HOUR, at + 2 * HOUR]) await world.call(world.people.otto, 'POST', 'grants', { personId: world.people.maya.id, accessPointIds: [world.points.a03], endsAt })
  await world.call(world.people.otto, 'POST', 'grants', { personId: world.people.maya.id, accessPointIds: [world.points.front] })
  const access = (await world.call(world.people.maya, 'GET', 'me/access')).body.access
  assert.deepEqual(access.map((one) => [one.accessPoint.name, one.takesOffline, one.endsAt]), [['Front door', false, null], ['A01', true, null], ['A02', true, null], ['A03', true, at + 3 * HOUR]])
  const begins = (slotAt(at) + 4) * SLOT_MS
  const body = await mint('once', { accessPointId: world.points.a01, validFrom: begins })
  const stay = await mint('days7', { accessPointId: world.points.a02 })
  await world.code(world.people.maya, world.points.a03)
  const mine = await world.call(world.people.maya, 'GET', 'codes')
  assert.deepEqual(mine.body.codes.map((one) => [one.accessPointName, one.state, one.offline]).sort(), [
    ['A01', 'issued', { firstUseUntil: begins + SLOT_MS, opensOnce: true }], ['A02', 'issued', { firstUseUntil: stay.offline?.firstUseUntil, opensOnce: false }], ['A03', 'issued', null]
  ])
  assert.deepEqual([body.code.validFrom, body.code.expiresAt], [begins, begins + SLOT_MS])
  for (const digits of [body.digits, stay.digits]) assert.equal(mine.said.includes(digits), false)
})

test('who may make which: people one that opens once, with access; operators all; nobody at a door that takes none', async () => {
  const order = { accessPointId: world.points.a01, offline: 'once' }
  const refused = async (who: keyof World['people'], body: object): Promise<string> => {
    const answer = await world.call(world.people[who], 'POST', 'codes', body)
    return answer.problem.code
  }
  assert.equal(await refused('maya', order), 'offlineOff')
  await allow('trusted', world.controllers.bank)
  assert.equal(await refused('maya', { ...order, offline: 'hours4' }), 'notAllowed')
  assert.equal(await refused('maya', { ...order, personId: world.people.otto.id }), 'notAllowed')
  assert.equal(await refused('maya', { ...order, accessPointId: world.points.a03 }), 'noGrant')
  assert.equal(await refused('otto', { ...order, personId: world.people.maya.id, expiresAt: world.house.clock() + 1000 }), 'badRequest')
  assert.equal(await refused('otto', { ...order, personId: world.people.maya.id, validFrom: world.house.clock() + 31 * 24 * HOUR }), 'badRequest')
  // Not for later: who is about to lose access would take a month of them along, and fill the controller's 120 in three days.
  assert.equal(await refused('maya', { ...order, validFrom: world.house.clock() + 29 * 24 * HOUR }), 'badRequest')
  assert.equal((await world.call(world.people.maya, 'POST', 'codes', order)).status, 201)
  assert.equal(await refused('maya', order), 'coolingDown')
  await world.call(world.people.otto, 'POST', 'grants', { personId: world.people.maya.id, accessPointIds: [world.points.a03], endsAt: world.house.clock() + 600_000 })
  assert.equal(await refused('maya', { ...order, accessPointId: world.points.a03 }), 'noGrant')
  await allow('off', world.controllers.bank)
  world.house.wait(31_000)
  assert.equal(await refused('maya', order), 'offlineOff')
  assert.deepEqual((await world.record('controller.changed')).map((row) => row.details['offlineCodes']), ['trusted', 'off'])
  const { body } = await world.call(world.people.otto, 'GET', 'places')
  assert.deepEqual(body.controllers.map((one) => one.offlineCodes), ['off', 'off'])
})

test('four of a kind begin in a slot at a lock, and no two are the same; the fifth is refused', async () => {
  await allow('persisted')
  const digits = new Set<string>()
  for (let i = 0; i < 4; i++) {
    digits.add((await mint('hours24')).digits)
    world.house.wait(31_000)
  }
  assert.equal(digits.size, 4)
  const fifth = await world.call(world.people.otto, 'POST', 'codes', { accessPointId: world.points.front, personId: world.people.maya.id, offline: 'hours24' })
  assert.deepEqual([fifth.status, fifth.problem.code], [409, 'offlineFull'])
  const later = await mint('hours24', { validFrom: world.house.clock() + HOUR })
  assert.equal(digits.has(later.digits), false)
  assert.ok(later.code.validFrom > world.house.clock())
})

test('at most 120 at a controller at a time', async () => {
  await allow()
  const now = world.house.clock()
  await world.house.db.write(async (trx) => {
    for (let i = 0; i < 120; i++) {
      const id = world.house.newId()
      await trx.sql.insertInto('codes').values({
        id, access_point_id: world.points.front, controller_id: world.controllers.front, holder_id: world.people.otto.id, grant_id: null, issued_by: world.people.otto.id, mode: 'unlock',
        state: 'revoked', created_at: now - 10 * HOUR * 24, valid_from: now, expires_at: now + HOUR, ended_at: now, opened_at: null, not_opened_at: null, request_id: null, otp_id: 'offline:' + id
      }).execute()
      await trx.sql.insertInto('offline_codes').values({ code_id: id, controller_id: world.controllers.front, lock: 1, kind: 3, slot: slotAt(now) - i, serial: 0, over_slot: slotAt(now) + 1 }).execute()
    }
  })
  const refused = await world.call(world.people.otto, 'POST', 'codes', { accessPointId: world.points.front, personId: world.people.maya.id, offline: 'once' })
  assert.equal(refused.problem.code, 'offlineFull')
  // All of them fit into the one message of settings.
  await allow('persisted')
  const door = await world.door(world.controllers.front)
  assert.equal(door.controller.settings?.offline?.revoked.length, 120)
})

test('the same Idempotency-Key makes the same code; the digits are in no row and no audit', async () => {
  await allow()
  const order = { accessPointId: world.points.front, personId: world.people.maya.id, offline: 'once' }
  const [first, second] = [await world.call(world.people.otto, 'POST', 'codes', order, { 'idempotency-key': 'k' }), await world.call(world.people.otto, 'POST', 'codes', order, { 'idempotency-key': 'k' })]
  assert.deepEqual(second.body, first.body)
  const rows = JSON.stringify([
    await world.record(), await world.house.db.read.selectFrom('codes').selectAll().execute(), await world.house.db.read.selectFrom('offline_codes').selectAll().execute(),
    await world.house.db.read.selectFrom('idempotency_keys').selectAll().execute(), await world.house.db.read.selectFrom('inbox').selectAll().execute()
  ])
  assert.equal(rows.includes(first.body.digits), false)
  const access = (await world.call(world.people.maya, 'GET', 'me/access')).body.access
  assert.deepEqual(access.map((one) => one.code), access.map(() => null))
})

test('the message says how long it is good for, at the site\'s time', async () => {
  await allow()
  const { digits } = await mint('days7')
  const { messages } = (await world.call(world.people.maya, 'GET', 'me/inbox')).body
  const revealed = await world.call(world.people.maya, 'POST', `me/inbox/${messages[0]?.id}/reveal`)
  assert.match(JSON.stringify(revealed.said), new RegExp(`${digits}.*works without a network\\. It opens again and again until \\d+ \\w+ 20\\d\\d, \\d\\d:[03]0 if it is used for the first time before`))
})

test('a door opened by a code that nobody made raises an alarm', async () => {
  await allow()
  const door = await readyDoor()
  const { rootKey } = await world.identity(world.controllers.front)
  const slot = slotAt(world.house.clock())
  door.unplug()
  assert.equal(opens(door, offlineDigits(offlineValue(deriveKey(rootKey, 'offline', 1), { lock: 1, kind: 0, slot, serial: 2 }))), true)
  await world.wait(20_000, door)
  door.plug()
  await world.wait(1000, door)
  const alarms = await world.record('access.unexplained')
  assert.deepEqual(alarms.map((row) => [row.accessPoint?.name, row.details['ref']]), [['Front door', `0.${slot}.2`]])
})

test('during a lockout the server takes no offline code either', async () => {
  await allow()
  const door = await readyDoor()
  const { digits } = await mint('once')
  for (let i = 0; i < 3; i++) await door.enter('000000')
  const before = door.moves()
  door.controller = { ...door.controller, lockout: null }
  await door.enter(digits)
  assert.equal(door.moves(), before)
})
