import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boltAt, drive, halt, newSteel, pry, read, setDoor, setJam, totalMoves, TRAVEL_MS } from './hardware.ts'

test('a bolt takes its time, and the contact knows only the ends', () => {
  let steel = newSteel(2)
  assert.deepEqual(read(steel, 1, 0), { lock: 1, lockState: 'locked', doorState: 'closed' })
  steel = drive(steel, 1, 'unlock', 1000)
  assert.equal(boltAt(steel.locks[0]!.bolt, 1000 + TRAVEL_MS / 2), 0.5)
  assert.equal(read(steel, 1, 1000 + TRAVEL_MS / 2)?.lockState, 'notFullyLocked')
  assert.equal(read(steel, 1, 1000 + TRAVEL_MS)?.lockState, 'unlocked')
  assert.equal(read(steel, 2, 5000)?.lockState, 'locked')
  assert.equal(read(steel, 3, 5000), null)
})

test('a bolt that turns back half way needs half the time', () => {
  let steel = drive(newSteel(1), 1, 'unlock', 0)
  steel = drive(steel, 1, 'lock', TRAVEL_MS / 2)
  assert.equal(read(steel, 1, TRAVEL_MS - 1)?.lockState, 'notFullyLocked')
  assert.equal(read(steel, 1, TRAVEL_MS)?.lockState, 'locked')
  assert.equal(totalMoves(steel), 2)
})

test('a bolt that is there already does not move', () => {
  const steel = newSteel(1)
  assert.equal(totalMoves(drive(steel, 1, 'lock', 10)), 0)
})

test('a jammed bolt stays where it was when the wedge came, and moves again when it is gone', () => {
  let steel = drive(newSteel(1), 1, 'unlock', 0)
  steel = setJam(steel, 1, true, TRAVEL_MS / 2)
  assert.equal(read(steel, 1, 10_000)?.lockState, 'notFullyLocked')
  steel = drive(steel, 1, 'lock', 10_000)
  assert.equal(read(steel, 1, 20_000)?.lockState, 'notFullyLocked')
  steel = drive(setJam(steel, 1, false, 20_000), 1, 'lock', 20_000)
  assert.equal(read(steel, 1, 30_000)?.lockState, 'locked')
})

test('without power every bolt stops where it is', () => {
  let steel = drive(drive(newSteel(2), 1, 'unlock', 0), 2, 'unlock', 100)
  steel = halt(steel, 300)
  assert.equal(read(steel, 1, 9000)?.lockState, 'unlocked')
  assert.equal(read(steel, 2, 9000)?.lockState, 'notFullyLocked')
})

test('a door opens only when the bolt is fully back, and always closes', () => {
  let steel = setDoor(newSteel(1), 1, 'open', 0)
  assert.equal(read(steel, 1, 0)?.doorState, 'closed')
  steel = drive(steel, 1, 'unlock', 0)
  assert.equal(read(setDoor(steel, 1, 'open', TRAVEL_MS - 1), 1, TRAVEL_MS)?.doorState, 'closed')
  steel = setDoor(steel, 1, 'open', TRAVEL_MS)
  assert.equal(read(steel, 1, TRAVEL_MS)?.doorState, 'open')
  steel = setDoor(drive(steel, 1, 'lock', 1000), 1, 'closed', 5000)
  assert.deepEqual(read(steel, 1, 5000), { lock: 1, lockState: 'locked', doorState: 'closed' })
})

test('a door that is broken open leaves its bolt where it was', () => {
  assert.deepEqual(read(pry(newSteel(2), 2), 2, 0), { lock: 2, lockState: 'locked', doorState: 'open' })
})
