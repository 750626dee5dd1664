import assert from 'node:assert/strict'
import { test } from 'node:test'
import { door, type Door, type DoorOptions } from './testing/door.ts'

function watched (doorAlarms: object = { forced: true, heldMs: 60_000 }, options: DoorOptions = {}): Door {
  const d = door(options)
  d.settings({ version: 2, doorAlarms })
  return d
}

test('a door that opens though its bolt was locked was forced; the alarm ends when it closes', () => {
  const d = watched()
  d.openDoor()
  assert.equal(d.reported()?.locks[0]?.doorState, 'forcedOpen')
  d.openDoor()
  d.wait(3_600_000)
  d.closeDoor()
  assert.equal(d.reported()?.locks[0]?.doorState, 'closed')
  d.openDoor()
  assert.deepEqual(d.log().slice(1), ['door.changed 1 forcedOpen', 'door.changed 1 closed ended forcedOpen', 'door.changed 1 forcedOpen'])
  assert.equal(d.moves(), 0)
})

test('a bolt that gives way while its door opens was forced; one that is turned by hand was not', () => {
  const d = watched()
  d.sense(1, { lockState: 'notFullyLocked', doorState: 'open' })
  assert.equal(d.log().pop(), 'door.changed 1 forcedOpen')
  const other = watched()
  other.sense(1, { lockState: 'unlocked', doorState: 'open' })
  assert.deepEqual(other.log().slice(1), ['door.changed 1 open', 'lock.actuated 1 unlock manual unlocked'])
})

test('a door that is opened with a reason is no alarm: a code, a bolt that moves, one that owes its relock, one whose place is unknown', () => {
  const byCode = watched()
  byCode.type('4711#')
  byCode.answer(true)
  byCode.openDoor()
  assert.equal(byCode.log().pop(), 'door.changed 1 open')
  const stuck = watched({ forced: true, heldMs: 0 }, { boltMs: null })
  stuck.command('c1', 'unlock')
  stuck.wait(1600)
  stuck.openDoor()
  assert.equal(stuck.log().pop(), 'door.changed 1 open')
  const unknown = watched()
  unknown.sense(1, { lockState: 'unknown' })
  unknown.openDoor()
  assert.equal(unknown.log().pop(), 'door.changed 1 open')
  const without = watched({ forced: false, heldMs: 60_000 })
  without.openDoor()
  assert.equal(without.log().pop(), 'door.changed 1 open')
})

test('a door that stays open for too long is an alarm, once, until it closes; the bolt waits for it', () => {
  const d = watched()
  d.type('4711#')
  d.answer(true)
  d.wait(1000)
  d.openDoor()
  d.wait(59_999)
  assert.equal(d.reported()?.locks[0]?.doorState, 'open')
  d.wait(1)
  assert.equal(d.reported()?.locks[0]?.doorState, 'ajar')
  assert.equal(d.lcd, 'Please close / the door A07')
  d.wait(3_600_000)
  assert.equal(d.isLocked(), false)
  d.closeDoor()
  d.wait(300)
  assert.equal(d.isLocked(), true)
  assert.deepEqual(d.log().slice(2), ['door.changed 1 open', 'door.changed 1 ajar', 'door.changed 1 closed ended ajar', 'lock.actuated 1 lock auto locked'])
  assert.equal(d.saved['d/1'], undefined)
})

test('a door that closes in time, or has no time, is no alarm', () => {
  const d = watched()
  d.sense(1, { lockState: 'unlocked' })
  for (let i = 0; i < 5; i++) {
    d.openDoor()
    d.wait(50_000)
    d.closeDoor()
    d.wait(1000)
  }
  const free = watched({ forced: true, heldMs: 0 })
  free.sense(1, { lockState: 'unlocked' })
  free.openDoor()
  free.wait(86_400_000)
  assert.deepEqual([...d.log(), ...free.log()].filter((line) => line.includes('ajar')), [])
})

test('an alarm survives the power: it is told again while the door is open, and ended when it is not', () => {
  const d = watched()
  d.openDoor()
  d.reboot('brownOut')
  assert.equal(d.controller.locks[0]?.doorState, 'forcedOpen')
  d.reboot()
  d.bolt().doorState = 'closed'
  d.reboot()
  d.reboot()
  assert.deepEqual(d.log().slice(1).filter((line) => !line.startsWith('controller')), [
    'door.changed 1 forcedOpen', 'door.changed 1 forcedOpen', 'door.changed 1 forcedOpen', 'door.changed 1 closed ended forcedOpen'
  ])
})

test('an alarm whose contact is lost is not over', () => {
  const d = watched()
  d.openDoor()
  d.sense(1, { doorState: 'unknown' })
  d.openDoor()
  d.closeDoor()
  assert.deepEqual(d.log().slice(2), ['door.changed 1 unknown', 'door.changed 1 forcedOpen', 'door.changed 1 closed ended forcedOpen'])
})

test('an open door that is first seen after a boot is no alarm before its time', () => {
  const d = watched()
  d.sense(1, { lockState: 'unlocked' })
  d.openDoor()
  d.wait(50_000)
  d.reboot()
  d.wait(59_999)
  assert.equal(d.controller.locks[0]?.doorState, 'open')
  d.wait(1)
  assert.equal(d.controller.locks[0]?.doorState, 'ajar')
})

test('of several doors each has its own time', () => {
  const d = watched({ forced: true, heldMs: 60_000 }, { locks: 2 })
  for (const lock of [1, 2]) d.sense(lock, { lockState: 'unlocked' })
  d.openDoor(1)
  d.wait(10_000)
  d.openDoor(2)
  d.wait(50_000)
  assert.deepEqual(d.controller.locks.map(({ doorState }) => doorState), ['ajar', 'open'])
  d.wait(10_000)
  assert.deepEqual(d.controller.locks.map(({ doorState }) => doorState), ['ajar', 'ajar'])
})
