import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newBoard, type LockPins, type Reading } from './index.ts'
import { virtualClock } from './testing/clock.ts'

function bench (locks: Partial<LockPins>[] = [{}]) {
  const clock = virtualClock()
  const down = new Set<number>()
  const told: string[] = []
  const pulses: { lock: number, us: number, at: number }[] = []
  const sounds: number[] = []
  const contacts = locks.map(() => ({ out: true, back: false, shut: true }))
  let isThere = true
  let bytes = 0
  const board = newBoard({
    scanRow: (row) => [...down].reduce((bits, key) => Math.floor(key / 4) === row ? bits | 1 << key % 4 : bits, 0),
    writeDisplay (some) {
      if (!isThere) throw new Error('no answer')
      bytes += some.length
    },
    sound: (hz) => { sounds.push(hz) },
    locks: locks.map((more, i) => ({
      pulse: (us) => { pulses.push({ lock: i + 1, us, at: clock.now() }) },
      boltOut: () => contacts[i]!.out, boltBack: null, doorShut: () => contacts[i]!.shut, ...more
    }))
  }, clock)
  const hear = { key: (key: string) => { told.push(key) }, sensed: ({ lock, lockState, doorState }: Reading) => { told.push(`${lock} ${lockState} ${doorState}`) } }
  return { board, hear, clock, pass: clock.pass, down, told, pulses, sounds, contacts, lose (yes: boolean) { isThere = !yes }, written: () => { const count = bytes; bytes = 0; return count } }
}

test('keys are told when they go down, once; one that is down at power-on has to be let go first', () => {
  const { board, hear, pass, down, told } = bench()
  down.add(0)
  board.on(hear)
  pass(500)
  assert.deepEqual(told.filter((one) => one.length === 1), [])
  down.clear()
  pass(50)
  for (const key of [0, 5, 15]) {
    down.add(key)
    pass(50)
    down.clear()
    pass(50)
  }
  assert.deepEqual(told.filter((one) => one.length === 1), ['1', '5', 'D'])
  board.off()
  down.add(1)
  pass(100)
  assert.equal(told.filter((one) => one.length === 1).length, 3)
})

test('a second power-on takes over from the first', () => {
  const { board, hear, pass, down, told } = bench()
  board.on(hear)
  board.on(hear)
  pass(50)
  down.add(2)
  pass(50)
  assert.deepEqual(told.filter((one) => one.length === 1), ['3'])
})

test('the display is brought up, then written to where it differs; while bytes are under way the newest picture wins', () => {
  const { board, hear, pass, written } = bench()
  board.on(hear)
  board.show(['first           ', ' '.repeat(16)])
  pass(200)
  assert.ok(written() > 0)
  board.show(['Oncekey 1.0     ', 'Starting...     '])
  board.show(['Code:           ', '                '])
  pass(200)
  const all = written()
  assert.ok(all > 0 && all < 200, String(all))
  board.show(['Code:           ', '*               '])
  pass(100)
  assert.equal(written(), 8, 'cursor and one character, four bytes each')
  board.show(['Code:           ', '*               '])
  pass(100)
  assert.equal(written(), 0)
})

test('a display that is missing holds up nothing and shows again when it is back', () => {
  const { board, hear, pass, lose, written, down, told } = bench()
  lose(true)
  board.on(hear)
  board.show(['Enter code      ', ' '.repeat(16)])
  pass(4000)
  down.add(4)
  pass(50)
  assert.ok(told.includes('4'))
  assert.equal(written(), 0)
  lose(false)
  pass(6000)
  assert.ok(written() > 40)
  board.on(hear)
  pass(200)
  assert.ok(written() > 20, 'brought up again with the power')
})

test('a tone is its notes, one after the other; a new one ends it, and so does a power cut', () => {
  const { board, pass, sounds } = bench()
  board.tone('start')
  pass(1000)
  assert.deepEqual(sounds, [1200, 1500, 1800, 0])
  board.tone('refused')
  pass(100)
  board.tone('key')
  pass(1000)
  assert.deepEqual(sounds.slice(4), [300, 800, 0])
  board.tone('moved')
  board.off()
  pass(1000)
  assert.deepEqual(sounds.slice(7), [1000, 0])
})

test('a bolt gets pulses for 600 ms, and then its contact is told, changed or not', () => {
  const { board, hear, pass, pulses, told, contacts, clock } = bench([{}, { lockDegrees: 0, unlockDegrees: 180, calibration: { zeroUs: 600, straightUs: 2200 } }])
  board.on(hear)
  assert.deepEqual(pulses.map(({ us }) => us), [0, 0], 'nothing is driven at power-on')
  assert.deepEqual(board.read().map((one) => one.lockState), ['locked', 'locked'])
  pulses.length = 0
  const from = clock.now()
  board.move(1, 'unlock')
  contacts[0]!.out = false
  pass(300)
  assert.deepEqual(told, ['1 notFullyLocked closed'])
  pass(300)
  assert.deepEqual(pulses, [{ lock: 1, us: 500, at: from }, { lock: 1, us: 0, at: from + 600 }])
  assert.deepEqual(told, ['1 notFullyLocked closed', '1 unlocked closed'])
  board.move(2, 'unlock')
  board.move(2, 'lock')
  pass(1000)
  assert.deepEqual(pulses.slice(2).map(({ us }) => us), [2200, 600, 0])
  assert.equal(told.at(-1), '2 locked closed')
  board.move(3, 'lock')
  board.move(1, 'lock')
  board.off()
  assert.equal(pulses.at(-2)?.us, 0)
  pass(1000)
  assert.equal(told.length, 3)
})

test('contacts bounce; three equal samples make a fact', () => {
  const { board, hear, pass, told, contacts } = bench()
  board.on(hear)
  board.read()
  for (let i = 0; i < 20; i++) {
    contacts[0]!.shut = i % 2 === 0
    pass(10)
  }
  assert.deepEqual(told, [])
  contacts[0]!.shut = false
  pass(40)
  assert.deepEqual(told, ['1 locked open'])
})

test('what no contact says nobody knows', () => {
  const states = (more: Partial<LockPins>) => {
    const { board } = bench([more])
    return board.read().map((one) => one.lockState + ' ' + one.doorState).join()
  }
  assert.equal(states({ boltOut: null, doorShut: null }), 'unknown unknown')
  assert.equal(states({ boltOut: null, boltBack: () => true }), 'unlocked closed')
  assert.equal(states({ boltOut: () => true, boltBack: () => true }), 'unknown closed')
  assert.equal(states({ boltOut: () => true, boltBack: () => false }), 'locked closed')
  assert.equal(states({ boltOut: () => false, boltBack: () => true }), 'unlocked closed')
  assert.equal(states({ boltOut: () => false, boltBack: () => false, doorShut: () => false }), 'notFullyLocked open')
  assert.equal(states({ boltOut: () => false }), 'notFullyLocked closed', 'not driven since power came')
})
