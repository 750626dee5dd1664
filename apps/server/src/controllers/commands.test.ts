import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { openWorld, quiet, type World } from '../testing/world.ts'
import { resultOf } from './commands.ts'
import { lineTo } from './links.ts'

let world: World
beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

const command = (op: 'unlock' | 'lock', reason = 'Forgot the phone', id = world.points.a01) => world.call(world.people.otto, 'POST', `access-points/${id}/${op}`, { reason })

test('Otto unlocks A01 from afar, with a reason; the answer is what was measured', async () => {
  const door = await world.door()
  const asked = command('unlock')
  await quiet()
  await world.wait(1000, door)
  const { status, body } = await asked
  assert.deepEqual([status, body.status, body.measured], [200, 'succeeded', 'unlocked'])
  const [given] = await world.record('lock.commanded')
  assert.deepEqual([given?.actor?.name, given?.accessPoint?.name, given?.details['why'], given?.details['op']], ['Otto', 'A01', 'Forgot the phone', 'unlock'])
  const [moved] = await world.record('lock.actuated')
  assert.deepEqual([moved?.actor?.name, moved?.details['source']], ['Otto', 'remote'])
  assert.equal((await world.call(world.people.otto, 'GET', 'live')).body.openingsToday, 1)

  const locking = command('lock')
  await quiet()
  await world.wait(1000, door)
  assert.deepEqual([(await locking).body.status, door.isLocked(1)], ['succeeded', true])
})

test('a controller that is off line, a lock that has none, an access point that is not there', async () => {
  assert.equal((await command('unlock')).refusal, 'controllerOffline')
  await world.house.db.write(async (trx) => { await trx.prepare('UPDATE access_points SET controller_id = NULL WHERE id = ?').run(world.points.a03) })
  assert.equal((await command('unlock', 'why not', world.points.a03)).refusal, 'controllerOffline')
  assert.equal((await command('unlock', 'why not', world.house.newId())).refusal, 'notFound')
  assert.deepEqual(await world.record('lock.commanded'), [])
})

test('a reason is asked for', async () => {
  await world.door()
  for (const reason of ['', '  ', 'ab', '     ', 'x'.repeat(201), 5, null]) {
    const { status, refusal } = await world.call(world.people.otto, 'POST', `access-points/${world.points.a01}/unlock`, { reason })
    assert.deepEqual([status, refusal], [400, 'badRequest'], String(reason))
  }
})

test('a bolt that is stuck is said to be', async () => {
  const door = await world.door()
  door.boltMs = null
  const asked = command('unlock')
  await quiet()
  await world.wait(4000, door)
  const { body } = await asked
  assert.equal(body.status, 'failed')
  assert.equal((await world.record('lock.commandFailed'))[0]?.details['status'], 'failed')
  assert.equal((await world.record('lock.jammed')).length, 1)
})

test('a controller that leaves before it answers leaves the command unanswered; nothing is sent again', async () => {
  const door = await world.door()
  const client = door.client
  door.client = null
  const asked = command('unlock')
  await quiet()
  client?.drop()
  assert.deepEqual([(await asked).body.status, (await world.record('lock.commandFailed')).length], ['unanswered', 1])
  door.disconnect()
  const moves = door.moves()
  door.plug()
  await quiet()
  await world.wait(2000, door)
  assert.equal(door.moves(), moves)
})

test('a result is the controller\'s own, and only its first one counts', async () => {
  const door = await world.door()
  const asked = command('unlock')
  await quiet()
  const { id } = await world.house.db.read.selectFrom('commands').select('id').executeTakeFirstOrThrow()
  const front = await lineTo(world.house, world.controllers.front)
  const bank = await lineTo(world.house, world.controllers.bank)
  assert.ok(front && bank)
  await resultOf(world.house, front, { s: '', n: 1, id, status: 'failed', measured: 'locked' })
  await world.wait(1000, door)
  assert.equal((await asked).body.status, 'succeeded')
  await resultOf(world.house, bank, { s: '', n: 9, id, status: 'failed', measured: 'locked' })
  await resultOf(world.house, bank, { s: '', n: 9, id: 'unknown', status: 'failed', measured: 'locked' })
  assert.deepEqual(await world.record('lock.commandFailed'), [])
})
