import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Effect } from '@oncekey/controller'
import { house, identity } from './testing/house.ts'

test('a typed code opens its compartment, and the door locks again after it was closed', () => {
  const { door, server, pass } = house({ locks: 3 })
  server.codes.set('123456', 2)
  assert.equal(door.openDoor(2), false)
  door.type('123 456#')
  pass(100)
  assert.deepEqual(door.rows(), ['Open: A02       ', 'Close it after  '])
  assert.equal(door.lock(2).lockState, 'notFullyLocked')
  pass(300)
  assert.deepEqual(door.locks().map((one) => one.lockState), ['locked', 'unlocked', 'locked'])
  assert.equal(door.openDoor(2), true)
  pass(60_000)
  assert.equal(door.lock(2).lockState, 'unlocked')
  assert.equal(door.closeDoor(2), true)
  pass(10_000)
  assert.deepEqual(door.locks().map((one) => one.lockState), ['locked', 'locked', 'locked'])
  assert.equal(door.moves, 2)
  assert.deepEqual(server.entries, ['123456'])
  assert.deepEqual(server.records.map((record) => record.type), ['controller.booted', 'lock.actuated', 'door.changed', 'door.changed', 'lock.actuated'])
})

test('a wrong code moves nothing, and three of them let the keypad rest through a power cut', () => {
  const { door, pass } = house()
  for (let i = 0; i < 3; i++) {
    door.type('000000#')
    pass(5000)
  }
  assert.equal(door.rows()[0], 'Keypad locked   ')
  door.cutPower()
  assert.deepEqual(door.rows(), [' '.repeat(16), ' '.repeat(16)])
  pass(1000)
  door.restorePower('brownOut')
  pass(5000)
  assert.equal(door.rows()[0], 'Keypad locked   ')
  assert.equal(door.moves, 0)
})

test('pulled network: the display says so, the bolt stays, and the facts arrive when it is back', () => {
  const { door, server, pass } = house()
  server.codes.set('123456', 1)
  door.type('123456#')
  pass(500)
  const before = server.records.length
  door.openDoor(1)
  door.cutNetwork()
  door.cutNetwork()
  assert.equal(door.connected, false)
  door.closeDoor(1)
  pass(10_000)
  assert.equal(door.lock(1).lockState, 'locked')
  assert.match(door.rows()[0], /offline/)
  assert.equal(server.records.slice(before).some((record) => record.type === 'lock.actuated'), false)
  door.restoreNetwork()
  door.restoreNetwork()
  pass(1000)
  assert.equal(door.connected, true)
  assert.deepEqual(server.records.slice(before).map((record) => record.type), ['door.changed', 'door.changed', 'lock.actuated'])
  assert.deepEqual(server.records.map((record) => record.seq), server.records.map((_, i) => i + 1))
})

test('a broker that goes away and comes back ends one session and begins another', () => {
  const { door, pass, reachable } = house()
  reachable(false)
  assert.equal(door.connected, false)
  reachable(true)
  pass(100)
  assert.equal(door.connected, true)
  assert.equal(door.heard.filter((message) => message.topic.endsWith('/hello')).length, 2)
})

test('a jammed bolt is tried twice, then reported; freed, it works again', () => {
  const { door, server, pass } = house()
  door.jam(1, true)
  server.command('unlock', 1)
  pass(5000)
  assert.equal(door.lock(1).lockState, 'locked')
  assert.equal(door.moves, 0)
  assert.deepEqual(server.results.map((result) => result.status), ['failed'])
  assert.ok(server.records.some((record) => record.type === 'lock.jammed'))
  door.jam(1, false)
  server.command('unlock', 1)
  pass(1000)
  assert.equal(door.lock(1).lockState, 'unlocked')
  assert.deepEqual(server.results.map((result) => result.status), ['failed', 'succeeded'])
})

test('a recorded command or answer moves nothing when it comes again, at once, after a reconnect and after a reboot', () => {
  const { door, server, pass } = house()
  server.codes.set('123456', 1)
  server.command('unlock', 1)
  pass(20_000)
  door.type('123456#')
  pass(20_000)
  const moves = door.moves
  assert.equal(moves, 4)
  const recorded = door.heard.filter((message) => message.direction === 'down')
  const replay = (): void => {
    for (const { topic, payload } of recorded) door.inject(topic, payload)
    pass(10_000)
    assert.equal(door.moves, moves)
  }
  replay()
  door.cutNetwork()
  door.restoreNetwork()
  pass(100)
  replay()
  door.cutPower()
  door.restorePower()
  replay()
})

test('power is cut before each single effect of a whole trip: nothing moves at the next start, and no bolt stays open for good', () => {
  const trip = (cutAt: number): { effects: number } => {
    let effects = 0
    let armed = false
    const { door, server, pass } = house({
      onEffect (_effect: Effect) {
        if (armed && ++effects === cutAt) door.cutPower()
      }
    })
    armed = true
    server.codes.set('123456', 1)
    door.type('123456#')
    pass(1000)
    door.openDoor(1)
    pass(1000)
    door.closeDoor(1)
    pass(20_000)
    armed = false
    if (!door.powered) {
      // Every bolt rests where the cut caught it.
      const at = door.lock(1)
      pass(5000)
      assert.deepEqual(door.lock(1), at)
      door.restorePower()
      assert.equal(door.moves, at.moves, `cut at ${cutAt}: moved at boot`)
      pass(100)
      assert.equal(door.moves, at.moves, `cut at ${cutAt}: moved on connect`)
      door.closeDoor(1)
      pass(60_000)
      assert.ok(server.entries.length <= 1, `cut at ${cutAt}: asked twice`)
    }
    assert.equal(door.lock(1).lockState, 'locked', `cut at ${cutAt}: left open`)
    return { effects }
  }
  const { effects } = trip(0)
  assert.ok(effects > 30, `${effects} effects`)
  for (let cutAt = 1; cutAt <= effects; cutAt++) trip(cutAt)
})

test('an unclaimed controller shows its claim code, and works once somebody has claimed it', () => {
  const { door, server, pass } = house({ identity: null })
  assert.equal(door.connected, false)
  door.unclaimed('7K3MP9QX4T')
  pass(3000)
  assert.match(door.rows().join('|'), /Claim code:.*7K3M/)
  door.adopt(identity)
  pass(3000)
  assert.equal(door.connected, true)
  assert.equal(server.states.length > 0, true)
})

test('lost and doubled messages: a code opens at most once, and the record arrives complete', () => {
  for (let seed = 1; seed <= 25; seed++) {
    const { door, server, pass } = house({ faults: { seed, drop: 0.2, duplicate: 0.2, delayMs: 300 } })
    server.codes.set('123456', 1)
    for (let i = 0; i < 3; i++) {
      door.type('123456#')
      pass(8000)
    }
    const opened = door.heard.filter((message) => message.topic.endsWith('/answer') && message.payload.includes('"granted":true')).length
    assert.ok(door.moves <= 2, `seed ${seed}: ${door.moves} moves`)
    assert.ok(opened <= 2, `seed ${seed}`)
    assert.deepEqual(server.records.map((record) => record.seq), server.records.map((_, i) => i + 1), `seed ${seed}: a record is missing or double`)
  }
})

test('what is no key is refused, and so is a lock that is not there', () => {
  const { door } = house()
  assert.throws(() => door.type('12x'), /'x' is no key/)
  assert.throws(() => door.lock(2), /no lock 2/)
})

test('until resolves at the moment it holds, and says what the display shows when it never does', async () => {
  const { door, server, pass } = house()
  server.codes.set('123456', 1)
  const opened = door.until((one) => one.lock(1).lockState === 'unlocked')
  door.type('123456#')
  pass(1000)
  await opened
  await door.until(() => true)
  await assert.rejects(door.until(() => false, 5), /Open: A01/)
})

test('after stop nothing is heard and nothing moves', () => {
  const { door, server, pass } = house()
  door.stop()
  server.command('unlock', 1)
  door.type('1#')
  pass(10_000)
  assert.equal(door.moves, 0)
  assert.equal(door.powered, false)
})

test('a door that is forced, a battery that gets low and a box that forgets are told to the server', () => {
  const { door, server, pass } = house()
  server.settings({ doorAlarms: { forced: true, heldMs: 0 }, battery: { lowMillivolts: 3500, criticalMillivolts: 3300 } })
  pass(100)
  door.force(1)
  for (let i = 0; i < 2; i++) door.measure({ millivolts: 3400 })
  pass(1000)
  door.factoryReset()
  pass(1000)
  const told = server.records.map((record) => record.type === 'door.changed' ? record.doorState : record.type)
  assert.deepEqual(told, ['controller.booted', 'forcedOpen', 'battery.changed', 'controller.wiped'])
  assert.deepEqual([door.moves, door.connected, door.powered], [0, false, true])
  assert.match(door.rows()[0], /^Oncekey/)
})
