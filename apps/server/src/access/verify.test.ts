import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { tellAlarms } from '../alarms/tell.ts'
import { openWorld, quiet, type LinkedDoor, type World } from '../testing/world.ts'
import { verifyEntry, type EntryAnswer } from './verify.ts'

let world: World
beforeEach(async () => { world = await openWorld() })
afterEach(async () => { await world.close() })

let requests = 0
/** A question as the keypad's message would bring it. */
function ask (digits: string, { requestId = `raw-${++requests}`, lock = 0, controllerId = world.controllers.bank } = {}): Promise<EntryAnswer> {
  const { house } = world
  return house.db.write((trx) => verifyEntry(trx, house, { controller: { id: controllerId, name: 'Bank A' }, requestId, lock, digits }))
}

async function threeWrong (door: LinkedDoor): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await door.enter('0000000')
    await world.wait(4000, door)
  }
}

test('three wrong codes lock the keypad for two minutes, tell each administrator once, and leave the other ways in open', async () => {
  const door = await world.door()
  const { digits } = await world.code()
  await threeWrong(door)
  assert.match(door.lcd, /^Keypad locked \/ Wait 1:/)
  assert.equal((await world.record('keypad.lockedOut')).length, 1)
  assert.deepEqual((await world.record('access.denied')).map((row) => row.reason), ['wrong', 'wrong', 'wrong'])
  await tellAlarms(world.house)
  const told = await world.house.db.read.selectFrom('inbox').innerJoin('people', 'people.id', 'inbox.person_id').select(['people.name', 'subject']).orderBy('people.name').execute()
  assert.deepEqual(told.map((one) => `${one.name}: ${one.subject}`), ['Adam: Keypad locked: Bank A', 'Olga: Keypad locked: Bank A'])

  // Neither raw messages, nor a restart of both sides, nor the right code get past it.
  assert.deepEqual(await ask(digits).then((answer) => answer.granted), false)
  door.unplug()
  await world.restart()
  assert.equal((await ask(digits)).granted, false)
  door.reboot()
  door.plug()
  await quiet()
  assert.match(door.lcd, /^Keypad locked/)
  const states = (await world.call(world.people.otto, 'GET', 'live')).body.states
  assert.ok(Number(states.find((one) => one.id === world.points.a01)?.lockedOutUntil) > world.house.clock())

  // Remote unlocking still works.
  const remote = world.call(world.people.otto, 'POST', `access-points/${world.points.a02}/unlock`, { reason: 'Maya is at the desk' })
  await quiet()
  await world.wait(1000, door)
  assert.equal((await remote).body.status, 'succeeded')
  assert.equal(door.isLocked(2), false)

  // After the two minutes the code works again; the next lockout of the day is longer.
  await world.wait(125_000, door)
  await door.enter('0000000')
  await world.wait(4000, door)
  await door.enter('0000000')
  await world.wait(4000, door)
  await door.enter('0000000')
  await quiet()
  const [, second] = await world.record('keypad.lockedOut')
  assert.equal(second?.details['lockoutMs'], 240_000)
  await tellAlarms(world.house)
  assert.equal((await world.house.db.read.selectFrom('inbox').select('id').execute()).length, 4)
})

test('a clear with a reason ends a lockout at the keypad too', async () => {
  const door = await world.door()
  await threeWrong(door)
  const answer = await world.call(world.people.otto, 'POST', `controllers/${world.controllers.bank}/clear-lockout`, { reason: 'Children played with it' })
  assert.equal(answer.status, 204)
  await quiet()
  await world.wait(500, door)
  assert.doesNotMatch(door.lcd, /^Keypad locked/)
  const [cleared] = await world.record('keypad.cleared')
  assert.deepEqual([cleared?.actor?.name, cleared?.details['why']], ['Otto', 'Children played with it'])
  const { digits } = await world.code()
  await door.enter(digits)
  assert.equal(door.isLocked(1), false)
})

test('a clear while the controller is off line reaches it with the next welcome', async () => {
  const door = await world.door()
  await threeWrong(door)
  door.unplug()
  await quiet()
  await world.call(world.people.otto, 'POST', `controllers/${world.controllers.bank}/clear-lockout`, { reason: 'Wrong floor' })
  assert.match(door.lcd, /^Keypad locked/)
  door.plug()
  await quiet()
  await world.wait(500, door)
  assert.doesNotMatch(door.lcd, /^Keypad locked/)
})

test('two hundred right codes at once open once', async () => {
  const { digits } = await world.code()
  const answers = await Promise.all(Array.from({ length: 200 }, () => ask(digits)))
  assert.equal(answers.filter((answer) => answer.granted).length, 1)
  assert.equal((await world.record('access.granted')).length, 1)
})

test('the same question is answered the same, and counts once', async () => {
  const { digits } = await world.code()
  const first = await ask(digits, { requestId: 'q1' })
  assert.deepEqual(first, { granted: true, lock: 1, mode: 'unlock' })
  assert.deepEqual(await ask(digits, { requestId: 'q1' }), first)
  for (let i = 0; i < 5; i++) assert.deepEqual(await ask('0000000', { requestId: 'q2' }), { granted: false, triesLeft: 2, lockoutMs: 0 })
  assert.equal((await world.record('access.denied')).length, 1)
  // Another keypad's question of that name is another one, and an old one is no question any more.
  assert.equal((await ask(digits, { requestId: 'q1', controllerId: world.controllers.front })).granted, false)
  world.house.wait(86_400_001)
  assert.equal((await ask(digits, { requestId: 'q1' })).granted, false)
})

test('used, superseded, expired, cancelled and foreign codes read the same at the keypad; the record knows why', async () => {
  const used = await world.code()
  await ask(used.digits)
  await world.wait(31_000)
  const superseded = await world.code()
  await world.wait(31_000)
  const cancelled = await world.code()
  await world.call(world.people.maya, 'DELETE', `codes/${cancelled.id}`)
  const other = await world.code(world.people.maya, world.points.a02)
  const answers: EntryAnswer[] = []
  for (const { digits } of [used, superseded, cancelled]) {
    answers.push(await ask(digits))
    await world.call(world.people.otto, 'POST', `controllers/${world.controllers.bank}/clear-lockout`, { reason: 'test' })
  }
  answers.push(await ask(other.digits, { controllerId: world.controllers.front }))
  await world.wait(301_000)
  answers.push(await ask(other.digits))
  for (const answer of answers) assert.deepEqual(answer, { granted: false, triesLeft: 2, lockoutMs: 0 })
  assert.deepEqual((await world.record('access.denied')).map((row) => row.reason), ['alreadyUsed', 'superseded', 'revoked', 'wrong', 'expired'])
  assert.equal((await world.record('access.denied'))[0]?.subject?.name, 'Maya')
})

test('a lock that was chosen must be the code\'s own', async () => {
  const { digits } = await world.code()
  assert.equal((await ask(digits, { lock: 2 })).granted, false)
  assert.equal((await ask(digits, { lock: 1 })).granted, true)
})

test('a code of somebody who was suspended behind the engine\'s back opens nothing', async () => {
  const { digits } = await world.code()
  await world.house.db.write(async (trx) => { await trx.prepare('UPDATE people SET suspended_at = 1 WHERE id = ?').run(world.people.maya.id) })
  assert.equal((await ask(digits)).granted, false)
  assert.deepEqual((await world.record('access.denied')).map((row) => row.reason), ['disabled'])
})

test('refusals during a lockout are one row a minute, not one each', async () => {
  for (let i = 0; i < 3; i++) await ask('0000000')
  for (let i = 0; i < 50; i++) await ask('0000000')
  assert.equal((await world.record('access.denied')).length, 4)
  await world.wait(61_000)
  await ask('0000000')
  assert.equal((await world.record('access.denied')).length, 5)
})

test('at the ceiling of the day the keypad rests and says so', async () => {
  for (let lockout = 0; (await world.record('access.denied')).filter((row) => row.reason === 'wrong').length < 84; lockout++) {
    await ask('0000000')
    await world.call(world.people.otto, 'POST', `controllers/${world.controllers.bank}/clear-lockout`, { reason: 'again' })
  }
  // Clearing at the ceiling forgives; up to it the failures count although each was cleared.
  const last = await ask('0000000')
  assert.deepEqual(last, { granted: false, triesLeft: 2, lockoutMs: 0 })
  const rested = (await world.record('keypad.lockedOut')).filter((row) => row.details['resting'] === true)
  assert.equal(rested.length, 1)
})

test('digits are nowhere in the database, the log or the record', async () => {
  const door = await world.door()
  const { digits } = await world.code()
  await door.enter('9876543210')
  await door.enter(digits)
  const { body } = await world.call(world.people.otto, 'GET', 'audit?limit=200')
  assert.doesNotMatch(JSON.stringify(body), new RegExp(`${digits}|9876543210`))
  assert.doesNotMatch(world.house.logged.join('\n'), new RegExp(`${digits}|9876543210`))
  for (const name of await world.house.tables()) {
    const text = JSON.stringify(await world.house.rows(`SELECT * FROM ${name}`))
    assert.doesNotMatch(text, new RegExp(`\\b${digits}\\b|9876543210`), name)
  }
})
