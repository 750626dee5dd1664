import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { Policies } from '@oncekey/protocol/schemas'
import { openWorld, quiet, type LinkedDoor, type World } from '../testing/world.ts'

const plain: Policies = { forcedDoors: true, heldDoorMs: 60_000, lowMillivolts: 3500, criticalMillivolts: 3300, failSafeLocks: [], menu: true }
let world: World
beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

async function set (controllerId: string, change: Partial<Policies>): Promise<number> {
  const { status } = await world.call(world.people.adam, 'PATCH', `controllers/${controllerId}/policies`, { ...plain, ...change })
  await quiet()
  return status
}

async function measure (door: LinkedDoor, millivolts: number): Promise<void> {
  for (let i = 0; i < 2; i++) door.health({ millivolts })
  await world.wait(2000, door)
}

async function events (...names: string[]): Promise<string[]> {
  return (await world.record()).filter(({ event }) => names.includes(event)).map((row) => [row.event, row.accessPoint?.name ?? row.controller?.name].join(' '))
}

test('a door that is forced or held is an alarm that names it, and its end is told', async () => {
  const door = await world.door(world.controllers.front)
  assert.equal(await set(world.controllers.front, {}), 204)
  await world.wait(500, door)
  door.openDoor()
  await world.wait(1000, door)
  const state = async () => (await world.call(world.people.otto, 'GET', 'live')).body.states.find((one) => one.id === world.points.front)
  assert.equal((await state())?.doorState, 'forcedOpen')
  door.closeDoor()
  door.sense(1, { lockState: 'unlocked' })
  door.openDoor()
  await world.wait(61_000, door)
  assert.equal((await state())?.doorState, 'ajar')
  door.closeDoor()
  await world.wait(1000, door)
  assert.equal((await state())?.doorState, 'closed')
  assert.deepEqual(await events('door.forced', 'door.held', 'door.alarmEnded'), [
    'door.forced Front door', 'door.alarmEnded Front door', 'door.held Front door', 'door.alarmEnded Front door'
  ])
  assert.deepEqual((await world.record('door.forced')).map((row) => row.severity), ['alarm'])
})

test('at a low battery no new codes are given, a live one opens, and it is told once', async () => {
  const door = await world.door()
  await set(world.controllers.bank, {})
  await world.wait(500, door)
  const { digits } = await world.code()
  await measure(door, 3450)
  await measure(door, 3440)
  const refused = await world.call(world.people.maya, 'POST', 'codes', { accessPointId: world.points.a02 })
  assert.deepEqual([refused.status, refused.problem.code], [409, 'lowBattery'])
  const forOthers = await world.call(world.people.otto, 'POST', 'codes', { accessPointId: world.points.a02, holderId: world.people.maya.id })
  assert.equal(forOthers.problem.code, 'lowBattery')
  await door.enter(digits)
  assert.equal(door.isLocked(1), false)
  const places = (await world.call(world.people.otto, 'GET', 'places')).body
  assert.deepEqual(places.controllers.map((one) => [one.name, one.battery]), [['Bank A', 'low'], ['Front door', 'ok']])
  assert.deepEqual((await world.call(world.people.otto, 'GET', 'live')).body.states.map((one) => one.battery), ['low', 'low', 'low', 'ok'])
  await measure(door, 3900)
  assert.equal((await world.call(world.people.maya, 'POST', 'codes', { accessPointId: world.points.a02 })).status, 201)
  assert.deepEqual(await events('battery.low', 'battery.critical', 'battery.recovered'), ['battery.low Bank A', 'battery.recovered Bank A'])
})

test('at a critical battery a door that is to fail safe unlocks; a compartment can not be one', async () => {
  assert.equal(await set(world.controllers.bank, { failSafeLocks: [1] }), 400)
  assert.equal(await set(world.controllers.front, { failSafeLocks: [1] }), 204)
  const [door, bank] = [await world.door(world.controllers.front), await world.door()]
  await set(world.controllers.bank, {})
  await world.wait(500, door, bank)
  await measure(door, 3200)
  await measure(bank, 3200)
  await world.wait(20_000, door, bank)
  assert.deepEqual([door.isLocked(1), bank.isLocked(1), door.moves(), bank.moves()], [false, true, 1, 0])
  assert.deepEqual(await events('battery.critical', 'lock.actuated'), ['battery.critical Front door', 'lock.actuated Front door', 'battery.critical Bank A'])
})

test('a session that was stolen later opens no door by a bound above what its battery has', async () => {
  const door = await world.door(world.controllers.front)
  const lies = { ...plain, lowMillivolts: 60_000, criticalMillivolts: 60_000, failSafeLocks: [1] }
  world.house.wait(16 * 60_000)
  const answer = await world.call(world.people.adam, 'PATCH', `controllers/${world.controllers.front}/policies`, lies)
  assert.equal(answer.refusal, 'proofNeeded')
  assert.equal(await set(world.controllers.front, { menu: false }), 204, 'what moves nothing asks for none')
  await world.wait(500, door)
  await measure(door, 3900)
  await measure(door, 3900)
  assert.equal(door.moves(), 0)
})

test('policies are an administrator\'s, make sense, and are told', async () => {
  assert.equal((await world.call(world.people.otto, 'PATCH', `controllers/${world.controllers.bank}/policies`, plain)).status, 403)
  assert.equal(await set(world.controllers.bank, { criticalMillivolts: 3600 }), 400)
  assert.equal(await set(world.controllers.bank, {}), 204)
  assert.equal(await set(world.controllers.bank, {}), 204)
  assert.equal((await world.record('controller.changed')).length, 1)
  const door = await world.door()
  assert.deepEqual(door.controller.settings?.doorAlarms, { forced: true, heldMs: 60_000 })
  assert.deepEqual([door.controller.settings?.battery, door.controller.settings?.menu], [{ lowMillivolts: 3500, criticalMillivolts: 3300 }, true])
  await set(world.controllers.bank, { forcedDoors: false, heldDoorMs: 0, lowMillivolts: 0, criticalMillivolts: 0, menu: false })
  await world.wait(500, door)
  const { doorAlarms, battery, menu } = door.controller.settings ?? {}
  assert.deepEqual([doorAlarms, battery, menu], [undefined, undefined, undefined])
})

test('without a battery to watch nothing stays refused', async () => {
  const door = await world.door()
  await set(world.controllers.bank, {})
  await world.wait(500, door)
  await measure(door, 3450)
  await set(world.controllers.bank, { lowMillivolts: 0, criticalMillivolts: 0 })
  assert.equal((await world.call(world.people.maya, 'POST', 'codes', { accessPointId: world.points.a01 })).status, 201)
})

test('a box that is made to forget everything says so before it does', async () => {
  const door = await world.door()
  door.openDoor(2)
  door.step({ is: 'factoryReset' })
  await quiet()
  await world.wait(1000)
  assert.deepEqual(await events('controller.wiped', 'door.forced'), ['door.forced A02', 'controller.wiped Bank A'])
  assert.deepEqual(door.saved, {})
  assert.equal(door.moves(), 0)
})

test('a gap in the records of a controller is shown with it for a while', async () => {
  const doubted = async () => (await world.call(world.people.otto, 'GET', 'places')).body.controllers.map((one) => one.recordsDoubted)
  assert.deepEqual(await doubted(), [false, false])
  await world.house.db.write(async (trx) => {
    world.house.audit.append(trx, world.house.clock(), { event: 'controller.recordFork', controller: { id: world.controllers.bank, name: 'Bank A' } })
  })
  assert.deepEqual(await doubted(), [true, false])
  world.house.wait(31 * 86_400_000)
  await world.signIn(world.people.otto)
  assert.deepEqual(await doubted(), [false, false])
})

test('of two who change what a controller does the second is told; the same twice is no change', async () => {
  const { adam } = world.people
  const send = (change: Partial<Policies>, before?: Policies) => world.call(adam, 'PATCH', `controllers/${world.controllers.bank}/policies`, { ...plain, ...change, ...before && { before } })
  const seen = (await world.call(adam, 'GET', 'places')).body.controllers.find((one) => one.id === world.controllers.bank)?.policies
  assert.equal((await send({ heldDoorMs: 120_000 }, seen)).status, 204)
  const second = await send({ menu: false }, seen)
  assert.equal(second.refusal, 'changedMeanwhile')
  assert.match(second.problem.detail ?? '', /by now/)
  assert.equal((await send({ heldDoorMs: 120_000 }, seen)).status, 204, 'what both want')
  assert.equal((await send({ menu: false }, { ...plain, heldDoorMs: 120_000 })).status, 204)
})
