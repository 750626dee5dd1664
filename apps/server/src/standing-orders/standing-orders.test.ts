import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { atReader } from '../access/reader.ts'
import { verifyEntry } from '../access/verify.ts'
import { beginGeneration } from '../backup/generation.ts'
import { RESTORED } from '../backup/contents.ts'
import { openWorld, quiet, type LinkedDoor, type TestPerson, type World } from '../testing/world.ts'
import { followOrders } from './follow.ts'
import { ruledBy, type LiveOrder } from './settle.ts'

let world: World
beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

type Order = { kind: 'hold' | 'lockdown' | 'evacuation', bankId?: string, accessPointId?: string }
const give = (order: Order, who: TestPerson = world.people.otto) => world.call(who, 'POST', 'standing-orders', { reason: 'Broken glass', ...order })
const end = (id: string, who: TestPerson = world.people.adam) => world.call(who, 'POST', `standing-orders/${id}/end`, { reason: 'It is over' })
const standing = async () => (await world.call(world.people.otto, 'GET', 'standing-orders')).body.orders
const unlock = (who: TestPerson, id: string, op: 'unlock' | 'lock' = 'unlock') => world.call(who, 'POST', `access-points/${id}/${op}`, { reason: 'They rang' })

/** Types a code at the keypad; whether the bolt moved. */
async function opens (door: LinkedDoor, digits: string): Promise<boolean> {
  const before = door.moves()
  door.type(digits + '#')
  await quiet()
  await world.wait(1000, door)
  return door.moves() > before
}

test('a held compartment refuses codes, new codes and Otto, says why to those who work here, and opens again when it is over', async () => {
  const door = await world.door()
  const code = await world.code()
  const { status, body } = await give({ kind: 'hold', accessPointId: world.points.a01 })
  assert.equal(status, 201)
  await quiet()
  assert.equal(await opens(door, code.digits), false)
  assert.equal(door.lcd, 'Not accepted / 2 tries left')
  const [denied] = await world.record('access.denied')
  assert.deepEqual([denied?.reason, denied?.details['because'], denied?.subject?.name], ['disabled', 'held', 'Maya'])
  const why = (await world.call(world.people.otto, 'GET', `audit/why?seq=${denied?.seq}`)).body
  assert.deepEqual(why.checks.filter((one) => one.outcome === 'failed'), [{ check: 'held', outcome: 'failed' }])
  assert.equal((await world.call(world.people.maya, 'POST', 'codes', { accessPointId: world.points.a01 })).refusal, 'underOrder')
  assert.equal((await unlock(world.people.otto, world.points.a01)).refusal, 'underOrder')
  assert.equal((await unlock(world.people.olga, world.points.a01)).refusal, 'underOrder', 'a hold has no exception')
  const explained = (await world.call(world.people.otto, 'GET', `access/why?personId=${world.people.maya.id}&accessPointId=${world.points.a01}`)).body
  assert.deepEqual([explained.granted, explained.because], [false, 'held'])
  const live = (await world.call(world.people.otto, 'GET', 'live')).body.states
  assert.deepEqual(live.map((state) => state.standing), ['held', null, null, null])
  const [order] = body.orders
  assert.deepEqual([order?.place, order?.accessPoints, order?.controllers, order?.givenBy.name], ['A01', 1, 1, 'Otto'])
  assert.equal((await end(order?.id ?? '', world.people.otto)).status, 200)
  await quiet()
  assert.equal(await opens(door, code.digits), true, 'the code was not used up')
  assert.deepEqual([(await world.record('hold.started'))[0]?.details['why'], (await world.record('hold.ended'))[0]?.accessPoint?.name], ['Broken glass', 'A01'])
})

test('in a lockdown nothing opens by a code, administrators unlock from afar, and operators do not end it', async () => {
  const door = await world.door()
  const front = await world.door(world.controllers.front)
  const code = await world.code()
  const { body } = await give({ kind: 'lockdown' })
  await quiet()
  assert.equal(door.controller.settings?.standing?.length, 3)
  assert.equal(await opens(door, code.digits), false)
  assert.equal((await world.record('access.denied'))[0]?.details['because'], 'lockdown')
  assert.match(front.lcd, /Keypad locked/)
  assert.equal((await unlock(world.people.otto, world.points.front)).refusal, 'underOrder')
  const adam = unlock(world.people.adam, world.points.front)
  await quiet()
  await world.wait(1000, front)
  assert.equal((await adam).body.status, 'succeeded')
  await world.wait(20_000, front)
  assert.equal(front.isLocked(1), true, 'it locks behind him')
  const id = body.orders[0]?.id ?? ''
  assert.equal((await end(id, world.people.otto)).refusal, 'notAllowed')
  assert.equal((await end(id)).status, 200)
  await quiet()
  assert.equal(await opens(door, code.digits), true)
})

test('a controller that is off line has not heard it, which is said; it follows when it is back', async () => {
  const door = await world.door()
  await world.door(world.controllers.front)
  door.unplug()
  await quiet()
  await give({ kind: 'lockdown' })
  await quiet()
  const [before] = await standing()
  assert.deepEqual([before?.controllers, before?.unheardCount, before?.unheard.map((one) => one.name)], [2, 1, ['Bank A']])
  door.plug()
  await quiet()
  await world.wait(2000, door)
  const [after] = await standing()
  assert.deepEqual([after?.unheardCount, door.controller.settings?.standing], [0, ['1.lockedDown', '2.lockedDown', '3.lockedDown']])
  assert.ok(world.told.some(({ event }) => event.kind === 'orders'), 'open pages are told')
  assert.equal(door.moves(), 0)
})

test('an evacuation unlocks doors, not compartments, keeps them so, and locks them when it is over', async () => {
  const bank = await world.door()
  const front = await world.door(world.controllers.front)
  const { body } = await give({ kind: 'evacuation' })
  await quiet()
  await world.wait(1000, bank, front)
  assert.deepEqual([front.isLocked(1), bank.moves()], [false, 0])
  const [given] = await world.record('lock.commanded')
  assert.deepEqual([given?.actor?.name, given?.details['orderId'], given?.accessPoint?.name], ['Otto', body.orders[0]?.id, 'Front door'])
  await world.wait(60_000, front)
  assert.equal(front.isLocked(1), false)
  assert.deepEqual([(await standing())[0]?.open, (await standing())[0]?.accessPoints], [1, 1])
  assert.equal((await unlock(world.people.olga, world.points.front, 'lock')).refusal, 'underOrder')
  await end(body.orders[0]?.id ?? '')
  await quiet()
  await world.wait(2000, front)
  assert.equal(front.isLocked(1), true)
  assert.equal((await world.record('lock.commanded')).length, 1, 'one command, however often it was looked at')
})

test('a door that comes back in an evacuation unlocks by a fresh command; one that comes back after it does not', async () => {
  const front = await world.door(world.controllers.front)
  front.unplug()
  await quiet()
  const { body } = await give({ kind: 'evacuation', accessPointId: world.points.front })
  await quiet()
  assert.equal((await world.record('lock.commanded')).length, 0, 'nothing waits for it')
  front.reboot()
  front.plug()
  await quiet()
  await world.wait(2000, front)
  assert.equal(front.isLocked(1), false)
  front.unplug()
  await quiet()
  await end(body.orders[0]?.id ?? '')
  front.plug()
  await quiet()
  await world.wait(20_000, front)
  assert.equal(front.isLocked(1), true, 'it heard that it is over')

  front.unplug()
  await quiet()
  const again = await give({ kind: 'evacuation', accessPointId: world.points.front })
  await end(again.body.orders[0]?.id ?? '')
  const moves = front.moves()
  front.plug()
  await quiet()
  await world.wait(5000, front)
  assert.equal(front.moves(), moves)
})

test('codes that are typed in the very moment of a lockdown: what opens was decided before it, in the order of the record', async () => {
  const typed: { controller: { id: string, name: string }, lock: number, digits: string }[] = []
  const { olga, adam, otto, maya } = world.people
  for (const [lock, accessPointId] of [world.points.a01, world.points.a02, world.points.a03].entries()) {
    for (const holder of [olga, adam, maya]) {
      const { body } = await world.call(otto, 'POST', 'codes', { accessPointId, personId: holder.id })
      typed.push({ controller: { id: world.controllers.bank, name: 'Bank A' }, lock: lock + 1, digits: body.digits })
    }
  }
  const enter = ({ controller, lock, digits }: (typeof typed)[number]) => world.house.db.write((trx) => verifyEntry(trx, world.house, { controller, requestId: world.house.newId(), lock, digits }), { beside: [atReader(controller.id)] })
  const last = typed.pop()
  assert.ok(last)
  const order = give({ kind: 'lockdown' })
  const answers = typed.map(async (one, i) => {
    for (let turns = 0; turns < 3 * i; turns++) await new Promise((resolve) => { setImmediate(resolve) })
    return enter(one)
  })
  assert.equal((await order).status, 201)
  assert.equal((await enter(last)).granted, false)
  const granted = (await Promise.all(answers)).filter((one) => one.granted).length
  const rows = await world.record()
  const began = rows.find((row) => row.event === 'lockdown.started')?.seq ?? Infinity
  assert.equal(rows.filter((row) => row.event === 'access.granted' && row.seq < began).length, granted)
  assert.equal(rows.filter((row) => row.event === 'access.granted' && row.seq > began).length, 0)
  assert.equal(rows.filter((row) => row.event === 'access.denied' && row.seq < began).length, 0)
  assert.equal(rows.find((row) => row.event === 'access.denied')?.details['because'], 'lockdown')
})

test('twenty orders in parallel are one, and the same order stands once', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => give({ kind: 'lockdown' })))
  assert.deepEqual([answers.filter((one) => one.status === 201).length, answers.filter((one) => one.refusal === 'alreadyExists').length], [1, 19])
  assert.equal((await standing()).length, 1)
})

test('what can not be ordered is refused with what is wrong', async () => {
  const nowhere = world.house.newId()
  assert.equal((await give({ kind: 'hold', accessPointId: nowhere })).refusal, 'notFound')
  assert.equal((await give({ kind: 'lockdown', bankId: nowhere })).refusal, 'notFound')
  assert.equal((await give({ kind: 'lockdown', bankId: nowhere, accessPointId: world.points.a01 })).refusal, 'badRequest')
  assert.equal((await give({ kind: 'evacuation', accessPointId: world.points.a01 })).refusal, 'badRequest', 'compartments are not opened')
  assert.equal((await end(nowhere)).refusal, 'notFound')
  assert.equal((await give({ kind: 'hold' }, world.people.maya)).refusal, 'notAllowed')
  assert.deepEqual(await standing(), [])
})

test('a new compartment of a bank that is locked down is locked down, too', async () => {
  const bank = (await world.call(world.people.otto, 'GET', 'places')).body.banks[0]
  await give({ kind: 'lockdown', bankId: bank?.id ?? '' })
  await world.call(world.people.otto, 'POST', `banks/${bank?.id}/compartments`, { range: 'A04-A05' })
  const states = (await world.call(world.people.otto, 'GET', 'live')).body.states
  assert.deepEqual(states.map((state) => state.standing), ['lockedDown', 'lockedDown', 'lockedDown', 'lockedDown', 'lockedDown', null])
})

test('an order survives a restart; after a restore holds and lockdowns stand, evacuations do not, and controllers follow', async () => {
  await give({ kind: 'hold', accessPointId: world.points.a02 })
  await give({ kind: 'evacuation' })
  await world.restart()
  assert.deepEqual((await standing()).map((order) => order.kind), ['evacuation', 'hold'])
  const front = await world.door(world.controllers.front)
  await world.wait(1000, front)
  assert.equal(front.isLocked(1), false)
  await world.house.db.write(async (trx) => { await trx.prepare('INSERT INTO settings (key, value) VALUES (?, ?)').run(RESTORED, JSON.stringify({ madeAt: 1, madeBy: 'x', by: 'x', seq: 1 })) })
  await beginGeneration(world.house)
  await followOrders(world.house)
  await world.wait(20_000, front)
  assert.deepEqual((await standing()).map((order) => order.kind), ['hold'])
  assert.deepEqual([front.isLocked(1), front.controller.settings?.standing], [true, undefined])
})

test('an order that another server on the same database was given is followed by this one', async () => {
  const door = await world.door()
  const other = await world.house.beside()
  try {
    const here = world.house
    world.house = other
    assert.equal((await give({ kind: 'lockdown' })).status, 201)
    world.house = here
    await followOrders(here)
    await quiet()
    assert.equal(door.controller.settings?.standing?.length, 3)
    assert.equal((await standing())[0]?.unheardCount, 1, 'the front door, which is off line')
  } finally {
    await other.close()
  }
})

test('of lockdowns and evacuations the newest counts, an evacuation opens what is held, and a hold goes on in a lockdown', () => {
  const order = (kind: LiveOrder['kind'], place: Partial<LiveOrder> = {}): LiveOrder => ({ id: `${kind} ${Object.values(place).join('')}`, kind, bankId: null, accessPointId: null, ...place })
  const rule = (orders: LiveOrder[], kind = 'door', bankId: string | null = null): string | null => ruledBy(orders, { id: 'p', kind, bankId }).standing
  assert.equal(rule([]), null)
  assert.equal(rule([order('lockdown'), order('evacuation')]), 'lockedDown')
  assert.equal(rule([order('evacuation'), order('lockdown')]), 'evacuated')
  assert.equal(rule([order('evacuation'), order('lockdown')], 'compartment'), 'lockedDown')
  assert.equal(rule([order('evacuation')], 'compartment'), null)
  assert.equal(rule([order('hold', { accessPointId: 'p' }), order('evacuation')]), 'evacuated')
  assert.equal(rule([order('lockdown'), order('hold', { accessPointId: 'p' })]), 'held')
  assert.equal(rule([order('hold', { accessPointId: 'other' }), order('lockdown', { bankId: 'b' })]), null)
  assert.equal(rule([order('lockdown', { bankId: 'b' })], 'compartment', 'b'), 'lockedDown')
})
