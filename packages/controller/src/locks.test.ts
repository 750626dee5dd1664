import assert from 'node:assert/strict'
import { test } from 'node:test'
import { door, type Door } from './testing/door.ts'

function enter (d: Door, facts: object = {}): void {
  d.type('4711#')
  d.answer(true, facts)
}

test('what is wanted is durable before the bolt moves, and what was measured is recorded after', () => {
  const d = door()
  d.type('4711#')
  const done = d.answer(true)
  const kinds = done.map((effect) => effect.do === 'save' ? 'save ' + effect.key : effect.do)
  assert.ok(kinds.indexOf('save l/1') < kinds.indexOf('bolt'))
  assert.deepEqual(d.log(), ['controller.booted powerOn'])
  d.wait(300)
  assert.deepEqual(d.arrived().pop(), {
    ...d.stored().pop(), type: 'lock.actuated', lock: 1, mode: 'unlock', source: 'keypad', ref: d.question().id, lockState: 'unlocked'
  })
})

test('a door that is open when the relock is due is asked for, and locks when it closes', () => {
  const d = door()
  enter(d)
  d.wait(1000)
  d.openDoor()
  d.wait(9_299)
  assert.equal(d.lcd, 'Bank A     14:03 / Enter code')
  d.wait(1)
  assert.equal(d.lcd, 'Please close / the door A07')
  d.wait(60_000)
  assert.equal(d.isLocked(), false)
  d.closeDoor()
  d.wait(300)
  assert.equal(d.isLocked(), true)
  assert.equal(d.lcd, 'Bank A     14:04 / Enter code')
  assert.deepEqual(d.log().slice(1), [
    'lock.actuated 1 unlock keypad unlocked', 'door.changed 1 open', 'door.changed 1 closed', 'lock.actuated 1 lock auto locked'
  ])
})

test('a door whose contact is unknown is not taken for closed', () => {
  const d = door()
  enter(d)
  d.wait(300)
  d.sense(1, { doorState: 'unknown' })
  d.wait(60_000)
  assert.equal(d.isLocked(), false)
  assert.equal(d.lcd, 'Please close / the door A07')
})

test('a bolt that does not arrive in 800 ms is driven once more, and then it is stuck', () => {
  const d = door({ boltMs: null })
  enter(d)
  d.wait(799)
  assert.equal(d.moves(), 1)
  d.wait(1)
  assert.equal(d.moves(), 2)
  d.wait(800)
  assert.equal(d.moves(), 2)
  assert.equal(d.lcd, 'Lock is stuck / Call operator')
  assert.equal(d.log().pop(), 'lock.jammed 1 unlock keypad')
  // It may still arrive, so it is driven back when the relock would have been due; its contact says locked all along.
  d.wait(10_800)
  assert.equal(d.moves(), 3)
  assert.equal(d.log().pop(), 'lock.actuated 1 lock auto locked')
  assert.equal(d.saved['l/1'], undefined)
  d.wait(3_600_000)
  assert.equal(d.moves(), 3)
})

test('a bolt that arrives after it was given up is locked again in time', () => {
  const d = door({ boltMs: 900 })
  enter(d)
  d.wait(1650)
  assert.equal(d.log().pop(), 'lock.jammed 1 unlock keypad')
  d.senseAll()
  d.wait(100)
  assert.equal(d.isLocked(), false)
  d.boltMs = 300
  d.wait(11_000)
  assert.equal(d.isLocked(), true)
})

test('a retry that helps is a move like any other', () => {
  const d = door({ boltMs: 1000 })
  d.command('c1', 'unlock')
  d.wait(800)
  d.boltMs = 100
  d.sense(1, { lockState: 'notFullyLocked' })
  d.sense(1, { lockState: 'unlocked' })
  assert.equal(d.results()[0]?.status, 'succeeded')
  assert.equal(d.log().pop(), 'lock.actuated 1 unlock remote unlocked')
})

test('a bolt that is stuck half way is still owed its relock', () => {
  const d = door({ boltMs: null })
  enter(d)
  d.sense(1, { lockState: 'notFullyLocked' })
  d.wait(1600)
  assert.equal(d.lcd, 'Lock is stuck / Call operator')
  d.boltMs = 300
  d.wait(10_300)
  assert.equal(d.isLocked(), true)
})

test('a relock that gets stuck is tried again after 1, 2, 4 … 60 minutes', () => {
  const d = door()
  enter(d)
  d.wait(1000)
  d.boltMs = null
  let moves = d.moves()
  const at: number[] = []
  while (d.now < 6 * 3_600_000) {
    d.wait(30_000)
    if (d.moves() > moves) at.push(Math.round(d.now / 60_000))
    moves = d.moves()
  }
  const gaps = at.map((minute, i) => minute - (at[i - 1] ?? 0))
  assert.deepEqual(gaps, [1, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60])
  assert.equal(d.lcd, 'Bank A     20:03 / Enter code')
  d.boltMs = 300
  d.wait(3_600_000)
  assert.equal(d.isLocked(), true)
  assert.equal(d.controller.locks[0]?.jams, 0)
})

test('a bolt moves at most six times a minute; then the holder is asked to wait, and the relock waits too', () => {
  const d = door()
  d.settings({ version: 2, autoRelockMs: 1000 })
  d.wait(60_000)
  const since = d.moves()
  for (let i = 0; i < 2; i++) {
    enter(d)
    d.wait(2000)
  }
  enter(d)
  d.wait(500)
  d.command('more', 'unlock')
  d.wait(500)
  assert.equal(d.moves() - since, 6)
  enter(d)
  assert.equal(d.lcd, 'Lock is resting / Wait a minute')
  d.command('evenmore', 'unlock')
  assert.equal(d.results().pop()?.status, 'failed')
  d.wait(30_000)
  assert.equal(d.moves() - since, 6)
  assert.equal(d.isLocked(), false)
  d.wait(30_000)
  assert.equal(d.isLocked(), true)
})

test('a bolt that has used up its moves is stuck without a retry', () => {
  const d = door()
  d.settings({ version: 2, autoRelockMs: 60_000 })
  for (let i = 0; i < 5; i++) {
    d.command('c' + String(i), i % 2 === 0 ? 'unlock' : 'lock')
    d.wait(400)
  }
  d.boltMs = null
  d.command('last', 'lock')
  d.wait(800)
  assert.equal(d.log().pop(), 'lock.jammed 1 lock remote')
})

test('several locks on one controller do not know of each other', () => {
  const d = door({ locks: 2 })
  enter(d, { lock: 2 })
  assert.equal(d.lcd, 'Open: A08 / Close it after')
  d.command('c1', 'unlock')
  assert.equal(d.lcd, 'Open: A07 / Close it after')
  d.wait(500)
  d.openDoor(2)
  assert.deepEqual([d.isLocked(1), d.isLocked(2)], [false, false])
  d.wait(11_000)
  assert.deepEqual([d.isLocked(1), d.isLocked(2)], [true, false])
  assert.equal(d.lcd, 'Please close / the door A08')
})

test('a code that locks, locks', () => {
  const d = door()
  d.command('c1', 'unlock')
  d.wait(1000)
  enter(d, { mode: 'lock' })
  assert.equal(d.lcd, 'Locked: A07')
  d.wait(300)
  assert.equal(d.isLocked(), true)
  assert.equal(d.controller.locks[0]?.duty, false)
})

test('nothing locks an open door', () => {
  const d = door()
  d.command('c1', 'unlock')
  d.wait(1000)
  d.openDoor()
  const moves = d.moves()
  enter(d, { mode: 'lock' })
  assert.equal(d.lcd, 'Please close / the door A07')
  d.command('c2', 'lock')
  assert.deepEqual(d.results().pop()?.status, 'failed')
  assert.equal(d.results().pop()?.measured, 'unlocked')
  assert.equal(d.moves(), moves)
})

test('a lock that is not here can not be moved', () => {
  const d = door()
  enter(d, { lock: 9 })
  assert.equal(d.lcd, 'Lock is stuck / Call operator')
  d.command('c1', 'unlock', { lock: 9 })
  assert.deepEqual(d.results().map(({ status, measured }) => [status, measured]), [['failed', 'unknown']])
  d.step({ is: 'sensed', lock: 9, lockState: 'unlocked', doorState: 'open' })
  assert.equal(d.moves(), 0)
})

test('a later wish takes the place of a move under way, and each has its record', () => {
  const d = door({ boltMs: 700 })
  d.command('c1', 'unlock')
  d.wait(100)
  d.command('c2', 'lock')
  assert.deepEqual(d.results().map(({ id, status }) => [id, status]), [['c1', 'failed']])
  d.bolt().lockState = 'notFullyLocked'
  d.wait(700)
  assert.deepEqual(d.results().map(({ id, status }) => [id, status]), [['c1', 'failed'], ['c2', 'succeeded']])
  assert.deepEqual(d.log().slice(1), ['lock.actuated 1 unlock remote locked', 'lock.actuated 1 lock remote locked'])
})

test('a lock that nobody unlocked is locked on demand, and owes nothing after', () => {
  const d = door()
  d.sense(1, { lockState: 'unlocked' })
  d.boltMs = null
  d.command('c1', 'lock')
  d.wait(1600)
  assert.equal(d.log().pop(), 'lock.jammed 1 lock remote')
  assert.equal(d.controller.locks[0]?.duty, false)
})

test('a bolt that is turned by hand is recorded; what was half way or never known is not', () => {
  const d = door()
  d.sense(1, { lockState: 'notFullyLocked' })
  d.sense(1, { lockState: 'unlocked' })
  d.sense(1, { lockState: 'locked' })
  d.sense(1, { lockState: 'unknown' })
  d.sense(1, { lockState: 'unlocked' })
  assert.deepEqual(d.log().slice(1), ['lock.actuated 1 unlock manual unlocked', 'lock.actuated 1 lock manual locked'])
  d.wait(60_000)
  assert.equal(d.moves(), 0)
})

test('a door that is locked by hand in time owes nothing', () => {
  const d = door()
  enter(d)
  d.wait(1000)
  d.sense(1, { lockState: 'locked' })
  assert.equal(d.saved['l/1'], undefined)
  d.wait(60_000)
  assert.equal(d.moves(), 1)
})

test('a reboot with an open bolt: nothing moves at boot; the relock follows a full time after the door was seen closed', () => {
  const d = door()
  enter(d)
  d.wait(1000)
  d.openDoor()
  const moves = d.moves()
  d.reboot('brownOut')
  d.wait(60_000)
  assert.equal(d.moves(), moves)
  assert.equal(d.lcd, 'Please close / the door A07')
  d.closeDoor()
  d.wait(9_999)
  assert.equal(d.moves(), moves)
  d.wait(301)
  assert.equal(d.isLocked(), true)
  assert.equal(d.saved['l/1'], undefined)
  assert.equal(d.log().pop(), 'lock.actuated 1 lock auto locked')
})

test('a reboot while the door waits to be seen: an unknown contact asks nobody for anything', () => {
  const d = door()
  enter(d)
  d.wait(1000)
  d.sense(1, { doorState: 'unknown' })
  d.reboot()
  d.wait(3000)
  assert.equal(d.lcd, 'Bank A   offline / Try again later')
})

test('a bolt that was locked in the meantime owes nothing after a reboot', () => {
  const d = door()
  enter(d)
  d.wait(1000)
  d.bolt().lockState = 'locked'
  d.reboot()
  assert.equal(d.saved['l/1'], undefined)
})

test('a move that the power cut short is recorded at the next boot, once', () => {
  const d = door()
  enter(d)
  d.reboot('brownOut')
  assert.deepEqual(d.log().slice(1), ['lock.actuated 1 unlock keypad unknown', 'controller.booted brownOut'])
  d.reboot()
  assert.deepEqual(d.log().slice(3), ['controller.booted powerOn'])
})

test('what is stored of a lock and is no move is not taken for one', () => {
  const saved = { 'l/1': '0 {"type":"controller.booted","reset":"update","seq":1,"bootId":"b","time":0,"trust":"none","prev":""}' }
  const d = door({ saved, offline: true })
  assert.deepEqual(d.log(), ['controller.booted powerOn'])
  assert.equal(d.controller.locks[0]?.duty, false)
})
