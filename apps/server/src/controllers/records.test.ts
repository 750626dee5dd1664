import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { parseAck, parseWelcome, recordHash, type EventFact } from '@oncekey/protocol/messages'
import { openWorld, quiet, type World } from '../testing/world.ts'
import { lineTo, type Line } from './links.ts'
import { takeRecords } from './records.ts'

let world: World
let line: Line
beforeEach(async () => {
  world = await openWorld()
  const found = await lineTo(world.house, world.controllers.bank)
  assert.ok(found)
  line = found
  await setSimulated(0)
})
afterEach(async () => { await world.close() })

async function setSimulated (simulated: number): Promise<void> {
  await world.house.db.write(async (trx) => { await trx.prepare('UPDATE controllers SET simulated = ? WHERE id = ?').run(simulated, line.id) })
}

/** A chain of records as a controller writes them. */
function chain (bootId = 'boot-1', first = 1, prev = '') {
  let seq = first
  let head = prev
  return (fact: EventFact): string => {
    const text = JSON.stringify({ seq, bootId, time: 0, trust: 'none', prev: head, ...fact })
    seq++
    head = recordHash(text)
    return text
  }
}

const opened: EventFact = { type: 'door.changed', lock: 1, doorState: 'open' }
const closed: EventFact = { type: 'door.changed', lock: 1, doorState: 'closed' }
const take = (...records: string[]) => takeRecords(world.house, line, { s: '', n: 1, records })

async function facts (): Promise<string[]> {
  return (await world.record()).filter((row) => row.controller?.id === line.id && row.event !== 'controller.claimed')
    .map((row) => [row.event, row.details['doorState'] ?? row.details['got'] ?? ''].join(' ').trim())
}

async function kept (): Promise<{ acked: number, rows: number }> {
  const { acked_seq } = await world.house.db.read.selectFrom('controllers').select('acked_seq').where('id', '=', line.id).executeTakeFirstOrThrow()
  const rows = await world.house.db.read.selectFrom('controller_records').select('seq').where('controller_id', '=', line.id).execute()
  return { acked: acked_seq, rows: rows.length }
}

test('records come in once, however often they are sent', async () => {
  const write = chain()
  const [one, two, three] = [write(opened), write(closed), write(opened)]
  await take(one, two)
  await take(one, two)
  await take(two, three)
  assert.deepEqual(await facts(), ['door.changed open', 'door.changed closed', 'door.changed open'])
  assert.deepEqual(await kept(), { acked: 3, rows: 3 })
})

test('a missing record raises an alarm, and what follows is kept', async () => {
  const write = chain()
  await take(write(opened))
  write(closed)
  await take(write(opened))
  assert.deepEqual(await facts(), ['door.changed open', 'controller.recordGap 3', 'door.changed open'])
  assert.deepEqual(await kept(), { acked: 3, rows: 2 })
})

test('a record that does not follow the one before raises an alarm', async () => {
  await take(chain()(opened))
  await take(chain('boot-1', 2, recordHash('something else'))(closed))
  assert.deepEqual(await facts(), ['door.changed open', 'controller.recordFork 2', 'door.changed closed'])
})

test('the same number with another text raises an alarm and changes nothing', async () => {
  const write = chain()
  await take(write(opened), write(closed))
  await take(chain()(closed))
  assert.deepEqual(await facts(), ['door.changed open', 'door.changed closed', 'controller.recordFork'])
  assert.deepEqual(await kept(), { acked: 2, rows: 2 })
})

test('a memory that was replaced starts over, with one alarm', async () => {
  const write = chain()
  await take(write(opened), write(closed), write(opened))
  const anew = chain('boot-2')
  await take(anew(closed), anew(opened))
  assert.deepEqual((await facts()).filter((fact) => fact.startsWith('controller')), ['controller.recordFork 1'])
  assert.deepEqual(await kept(), { acked: 2, rows: 5 })
})

test('a batch with one record that nobody can read is not taken at all', async () => {
  await take(chain()(opened), '{}')
  await quiet()
  assert.deepEqual(await kept(), { acked: 0, rows: 0 })
  assert.equal((await world.record('controller.forged'))[0]?.details['what'], 'malformed')
})

test('a record of a newer program is kept and acknowledged, and what follows is understood', async () => {
  const text = JSON.stringify({ seq: 1, bootId: 'boot-1', time: 0, trust: 'none', prev: '', type: 'battery.changed', volts: 3 })
  await take(text, chain('boot-1', 2, recordHash(text))(opened))
  assert.deepEqual(await facts(), ['door.changed open'])
  assert.deepEqual(await kept(), { acked: 2, rows: 2 })
})

test('a simulated door with another memory, as in another browser, is no alarm', async () => {
  await setSimulated(1)
  const write = chain()
  await take(write(opened), write(closed))
  await take(chain('boot-2')(opened))
  // It was told that its first one is there already, and goes on with the next.
  const third = chain('boot-3')
  third(opened)
  await take(third(closed))
  assert.deepEqual((await facts()).filter((fact) => fact.startsWith('controller')), [])
})

test('what a controller says of itself is told in our words', async () => {
  const write = chain()
  await take(
    write({ type: 'controller.booted', reset: 'brownOut' }), write({ type: 'lock.jammed', lock: 2, mode: 'lock', source: 'auto', ref: '' }),
    write({ type: 'keypad.lockedOut', lockoutMs: 120_000 }), write({ type: 'records.overwritten', first: 1, last: 32 }),
    write({ type: 'lock.actuated', lock: 9, mode: 'unlock', source: 'manual', ref: '', lockState: 'unlocked' }),
    write({ type: 'lock.actuated', lock: 1, mode: 'unlock', source: 'keypad', ref: 'never asked', lockState: 'unlocked' })
  )
  const rows = (await world.record()).filter((row) => row.controller?.id === line.id && row.event !== 'controller.claimed')
  assert.deepEqual(rows.map((row) => [row.event, row.severity, row.accessPoint?.name ?? null, row.actor?.name ?? null]), [
    ['controller.booted', 'info', null, null], ['lock.jammed', 'alarm', 'A02', null], ['keypad.lockedOut', 'alarm', null, null],
    ['controller.recordGap', 'alarm', null, null], ['lock.actuated', 'info', null, null], ['lock.actuated', 'info', 'A01', null]
  ])
})

test('records written off line arrive in order after the reconnect, each once, and leave the controller', async () => {
  const door = await world.door()
  door.unplug()
  for (let i = 0; i < 12; i++) {
    door.openDoor(1)
    door.closeDoor(1)
  }
  door.plug()
  await quiet()
  await world.wait(5000, door)
  // Its bolt is locked all the time, so each opening is an alarm.
  assert.deepEqual([(await world.record('door.forced')).length, (await world.record('door.alarmEnded')).length], [12, 12])
  assert.deepEqual(door.stored(), [])
  assert.ok(door.passed.some((one) => one.topic.endsWith('/down/ack') && parseAck(one.payload.slice(23)) !== null))
})

test('a controller that forgot its records is taken at its word, with an alarm; a replayed hello of that kind is not', async () => {
  const door = await world.door()
  for (let i = 0; i < 4; i++) { door.openDoor(2); door.closeDoor(2) }
  await quiet()
  await world.wait(2000, door)
  const before = (await kept()).acked
  assert.ok(before >= 8)
  const hello = door.passed.find((one) => one.topic.endsWith('/up/hello'))
  assert.ok(hello)
  door.client?.publish(hello.topic, hello.payload)
  await quiet()
  assert.deepEqual([await kept(), await world.record('controller.recordFork')], [{ acked: before, rows: before }, []])
  door.unplug()
  await quiet()
  const wiped = await world.door(world.controllers.bank, { saved: {} })
  assert.deepEqual((await world.record('controller.recordFork')).map((row) => row.details['expected']), [before])
  const welcome = wiped.passed.find((one) => one.topic.endsWith('/down/welcome'))
  assert.equal(parseWelcome(welcome?.payload.slice(23) ?? '')?.acked, 0)
  assert.deepEqual(wiped.stored(), [])
})
