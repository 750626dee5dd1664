import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { PinMade } from '@oncekey/protocol/schemas'
import { removeController } from '../controllers/remove.ts'
import { openWorld, quiet, type LinkedDoor, type World } from '../testing/world.ts'
import { renewLeases } from './lend.ts'

const DAY = 86_400_000

let world: World
beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

async function make (label = 'Installer', { point = world.points.front, endsAt }: { point?: string, endsAt?: number } = {}): Promise<PinMade> {
  const answer = await world.call(world.people.otto, 'POST', `access-points/${point}/pins`, { label, ...endsAt !== undefined && { endsAt } })
  assert.equal(answer.status, 201, answer.said)
  return answer.body
}

async function revoke (id: string): Promise<void> {
  assert.equal((await world.call(world.people.otto, 'DELETE', `pins/${id}`)).status, 204)
  await quiet()
}

async function lease (days: number, controllerId = world.controllers.front): Promise<void> {
  assert.equal((await world.call(world.people.adam, 'PATCH', `controllers/${controllerId}/offline-pins`, { days })).status, 204)
  await quiet()
}

async function list (point = world.points.front) {
  return (await world.call(world.people.otto, 'GET', `access-points/${point}/pins`)).body
}

/** Types at a door without a network. */
function opens (door: LinkedDoor, digits: string): boolean {
  door.wait(61_000)
  const before = door.moves()
  door.type(digits + '#')
  const moved = door.moves() > before
  door.wait(15_000)
  return moved
}

test('an installer\'s pin opens its door again and again, and the record says which pin it was, never its digits', async () => {
  const { pin, digits } = await make('Lift company')
  assert.match(digits, /^\d{8}$/)
  const door = await world.door(world.controllers.front)
  for (let i = 0; i < 2; i++) {
    await door.enter(digits)
    assert.equal(door.isLocked(), false)
    await world.wait(61_000, door)
  }
  const granted = await world.record('access.granted')
  assert.deepEqual(granted.map((row) => [row.actor ?? null, row.accessPoint?.name, row.details['pin'], row.details['pinId']]), [[null, 'Front door', 'Lift company', pin.id], [null, 'Front door', 'Lift company', pin.id]])
  const [moved] = await world.record('lock.actuated')
  assert.deepEqual([moved?.details['source'], moved?.details['pin']], ['keypad', 'Lift company'])
  const [made] = await world.record('pin.made')
  assert.deepEqual([made?.actor?.name, made?.accessPoint?.name, made?.details['pin']], ['Otto', 'Front door', 'Lift company'])
  const { pins, room } = await list()
  assert.deepEqual([room, pins.map((one) => [one.label, one.madeBy, one.usedAt !== null, one.opensUntil])], [15, [['Lift company', 'Otto', true, null]]])
  assert.equal(JSON.stringify([await world.record(), pins, await world.house.db.read.selectFrom('pins').selectAll().execute()]).includes(digits), false)
})

test('a pin of one compartment opens nothing else, and a bank of up to five has eight digits for it too', async () => {
  const { digits } = await make('Cleaner', { point: world.points.a02 })
  assert.equal(digits.length, 8)
  const bank = await world.door()
  await bank.enter(digits)
  assert.deepEqual([1, 2, 3].map((lock) => bank.isLocked(lock)), [true, false, true])
  const front = await world.door(world.controllers.front)
  await front.enter(digits)
  assert.equal(front.isLocked(), true)
})

test('where codes have eight digits pins have twelve, and none begins with 0', async () => {
  await world.house.db.write(async (trx) => {
    for (let lock = 4; lock <= 6; lock++) await trx.sql.insertInto('access_points').values({ id: world.house.newId(), site_id: world.siteId, bank_id: null, kind: 'compartment', name: `B${lock}`, controller_id: world.controllers.bank, lock, created_at: 1, removed_at: null }).execute()
  })
  for (let i = 0; i < 5; i++) assert.match((await make('Cleaner', { point: world.points.a02 })).digits, /^[1-9]\d{11}$/)
})

test('revoked or over, a pin opens nothing from that moment; the keypad hears what it hears for any wrong code, the record more', async () => {
  const first = await make('First')
  const second = await make('Second', { endsAt: world.house.clock() + 60_000 })
  const door = await world.door(world.controllers.front)
  await revoke(first.pin.id)
  await revoke(first.pin.id)
  await world.wait(61_000, door)
  const said: unknown[] = []
  for (const digits of [first.digits, second.digits, '00000000']) {
    await door.enter(digits)
    said.push(door.lcd)
  }
  assert.equal(door.moves(), 0)
  assert.deepEqual(said.slice(0, 2), ['Not accepted / 2 tries left', 'Not accepted / 1 try left'])
  assert.match(String(said[2]), /^Keypad locked/)
  assert.deepEqual((await world.record('access.denied')).map((row) => [row.reason, row.details['pin'] ?? null]), [['revoked', 'First'], ['expired', 'Second'], ['wrong', null]])
  assert.equal((await world.record('pin.revoked')).length, 1)
  assert.deepEqual((await list()).pins, [])
})

test('wrong pins use up the budget of the keypad: while it rests the right one opens nothing, and it ends no run', async () => {
  const { digits } = await make()
  const door = await world.door(world.controllers.front)
  await door.enter('11111111')
  await door.enter('22222222')
  await door.enter(digits)
  assert.equal(door.isLocked(), false)
  await world.wait(61_000, door)
  await door.enter('33333333')
  assert.equal((await world.record('keypad.lockedOut')).length, 1, 'the run went on')
  const before = door.moves()
  await door.enter(digits)
  // A door that does not mind its own lockout asks all the same.
  door.controller = { ...door.controller, lockout: null }
  await door.enter(digits)
  assert.equal(door.moves(), before)
  assert.deepEqual((await world.record('access.denied')).map((row) => row.reason), ['wrong', 'wrong', 'wrong', 'lockedOut'])
})

test('who makes one: operators who have just shown that it is them; no more than sixteen; not at a door without a controller, nor in the past', async () => {
  const maya = await world.call(world.people.maya, 'POST', `access-points/${world.points.front}/pins`, { label: 'x' })
  assert.equal(maya.status, 403)
  const past = await world.call(world.people.otto, 'POST', `access-points/${world.points.front}/pins`, { label: 'x', endsAt: 5 })
  assert.deepEqual([past.status, past.problem.code], [400, 'badRequest'])
  for (let i = 0; i < 16; i++) await make(`Pin ${i}`)
  const full = await world.call(world.people.otto, 'POST', `access-points/${world.points.front}/pins`, { label: 'x' })
  assert.deepEqual([full.status, full.problem.code], [409, 'pinsFull'])
  assert.equal((await list()).room, 0)
  await world.house.db.write((trx) => removeController(trx, world.house, { siteId: world.siteId, controllerId: world.controllers.front, actor: world.people.adam }))
  const alone = await world.call(world.people.otto, 'POST', `access-points/${world.points.front}/pins`, { label: 'x' })
  assert.deepEqual([alone.status, alone.problem.code], [409, 'controllerOffline'])
  assert.deepEqual(await list(), { pins: [], room: 0 })
  assert.equal((await world.record('controller.removed'))[0]?.details['pins'], 16)
  assert.equal((await world.call(world.people.otto, 'DELETE', `pins/${world.house.newId()}`)).status, 404)
})

test('without the setting a door is told of no pins, and without a network they open nothing', async () => {
  const { digits } = await make()
  const door = await world.door(world.controllers.front)
  door.unplug()
  await quiet()
  assert.equal(opens(door, digits), false)
  assert.equal(door.passed.some(({ topic }) => topic.endsWith('/down/pins')), false)
})

test('with the setting: cut, a known pin opens; back, the record names it with the time at the door', async () => {
  await lease(7)
  const door = await world.door(world.controllers.front)
  const { digits, pin } = await make('Lift company')
  await quiet()
  door.unplug()
  await quiet()
  assert.equal(opens(door, '99999999'), false)
  assert.equal(opens(door, digits), true)
  world.house.wait(DAY)
  door.wait(DAY)
  door.plug()
  await world.wait(1000, door)
  const moved = (await world.record('lock.actuated')).filter((row) => row.details['source'] === 'offlineCode')
  assert.deepEqual(moved.map((row) => [row.details['pin'], row.details['pinId'], row.details['revokedBefore'] ?? false, row.accessPoint?.name]), [['Lift company', pin.id, false, 'Front door']])
  assert.deepEqual(await world.record('access.unexplained'), [])
  await world.signIn(world.people.otto)
  assert.ok(Number((await list()).pins[0]?.usedAt) < world.house.clock() - DAY + 300_000, 'the time at the door')
})

test('revoked while the door is off line it still opens, as the list says; after the next connection it does not', async () => {
  await lease(7)
  const door = await world.door(world.controllers.front)
  const { digits, pin } = await make('Lift company')
  await quiet()
  door.unplug()
  await quiet()
  world.house.wait(1000)
  await revoke(pin.id)
  const [told] = (await list()).pins
  assert.ok(told !== undefined && told.revokedAt !== null && told.opensUntil !== null)
  assert.ok(Math.abs(told.opensUntil - world.house.clock() - 7 * DAY) < 60_000)
  world.house.wait(60_000)
  assert.equal(opens(door, digits), true)
  door.plug()
  await world.wait(1000, door)
  assert.deepEqual((await list()).pins, [], 'the door has heard of it')
  assert.equal((await world.record('lock.actuated')).find((row) => row.details['pin'] === 'Lift company')?.details['revokedBefore'], true)
  door.unplug()
  await quiet()
  assert.equal(opens(door, digits), false)
})

test('the lease ends by itself, is renewed while there is a connection, and the setting can be taken back', async () => {
  await lease(1)
  const door = await world.door(world.controllers.front)
  const { digits } = await make()
  const lists = (): number => door.passed.filter(({ topic }) => topic.endsWith('/down/pins')).length
  const before = lists()
  await renewLeases(world.house)
  assert.equal(lists(), before, 'not yet')
  await world.house.db.write(async (trx) => { await trx.prepare('UPDATE controllers SET pins_at = pins_at - ?').run(DAY / 4) })
  await renewLeases(world.house)
  await quiet()
  assert.equal(lists(), before + 1)
  door.unplug()
  await quiet()
  door.wait(DAY - 600_000)
  assert.equal(opens(door, digits), true)
  door.wait(600_000)
  assert.equal(opens(door, digits), false)
  world.house.wait(DAY)
  door.plug()
  await world.wait(1000, door)
  await world.signIn(world.people.adam)
  await lease(0)
  await lease(0)
  door.unplug()
  await quiet()
  assert.equal(opens(door, digits), false)
  assert.equal((await world.record('controller.changed')).filter((row) => row.details['offlinePinDays'] !== undefined).length, 2)
})

test('an access point that is removed takes its pins with it, on the door as well', async () => {
  await lease(7, world.controllers.bank)
  const door = await world.door()
  const { digits } = await make('Cleaner', { point: world.points.a01 })
  const other = await make('Other', { point: world.points.a02 })
  assert.equal((await world.call(world.people.adam, 'DELETE', `access-points/${world.points.a01}`)).status, 204)
  await quiet()
  await door.enter(digits)
  assert.equal(door.moves(), 0)
  door.unplug()
  await quiet()
  assert.equal(opens(door, digits), false)
  assert.equal(opens(door, other.digits), true)
})
