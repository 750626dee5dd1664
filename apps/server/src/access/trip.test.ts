import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { openWorld, quiet, type World } from '../testing/world.ts'

let world: World
beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

test('Maya asks for a code, types it at Bank A, and the bolt of A01 moves; everybody concerned sees it', async () => {
  const door = await world.door()
  assert.match(door.lcd, /^Bank A/)
  const { id, digits } = await world.code()
  assert.equal(digits.length, 7)
  await door.enter(digits)
  assert.equal(door.isLocked(1), false)
  assert.equal(door.isLocked(2), true)

  const names = (await world.record()).map((row) => row.event).filter((event) => /^(code|access|lock)\./.test(event))
  assert.deepEqual(names, ['code.issued', 'access.granted', 'lock.actuated'])
  const [granted] = await world.record('access.granted')
  assert.deepEqual([granted?.actor?.name, granted?.accessPoint?.name, granted?.controller?.name], ['Maya', 'A01', 'Bank A'])
  const [moved] = await world.record('lock.actuated')
  assert.deepEqual([moved?.actor?.name, moved?.details['mode'], moved?.details['lockState']], ['Maya', 'unlock', 'unlocked'])

  const [code] = (await world.call(world.people.otto, 'GET', 'codes')).body.codes
  assert.ok(code)
  assert.equal(code.id, id)
  assert.equal(code.state, 'used')
  assert.ok(code.openedAt !== null && code.openedAt >= code.createdAt)
  const live = (await world.call(world.people.otto, 'GET', 'live')).body
  assert.equal(live.openingsToday, 1)
  assert.equal(live.openNow, 1)
  const state = live.states.find((one) => one.id === world.points.a01)
  assert.equal(state?.lockState, 'unlocked')
  assert.equal(state?.lastOpenedBy, 'Maya')
  const changes = world.told.flatMap(({ event, people }) => event.kind === 'code' ? [[event.change, people[0] === world.people.maya.id]] : [])
  assert.deepEqual(changes, [['issued', true], ['used', true], ['opened', true]])

  await world.wait(12_000, door)
  assert.equal(door.isLocked(1), true)
  await quiet()
})
