import assert from 'node:assert/strict'
import { test } from 'node:test'
import { door, POWER_ON, type Door } from './testing/door.ts'

const told = (d: Door): string[] => d.results().map(({ id, status, measured }) => [id, status, measured].join(' '))

test('a remote unlock moves the bolt, and its result is what was measured', () => {
  const d = door()
  d.command('c1', 'unlock')
  assert.equal(d.lcd, 'Open: A07 / Close it after')
  assert.deepEqual(told(d), [])
  d.wait(300)
  assert.deepEqual(told(d), ['c1 succeeded unlocked'])
  assert.equal(d.log().pop(), 'lock.actuated 1 unlock remote unlocked')
})

test('a bolt that is stuck fails the command', () => {
  const d = door({ boltMs: null })
  d.command('c1', 'unlock')
  d.wait(1600)
  assert.deepEqual(told(d), ['c1 failed locked'])
})

test('a command whose time has passed moves nothing', () => {
  const d = door()
  d.command('c1', 'unlock', { expires: POWER_ON + d.now - 1 })
  assert.deepEqual(told(d), ['c1 expired unknown'])
  assert.equal(d.moves(), 0)
  d.command('c2', 'unlock', { expires: POWER_ON + d.now })
  assert.equal(d.moves(), 1)
})

test('server time counts from the sending of the hello: a welcome that was held back makes commands expire early, never late', () => {
  const d = door({ offline: true })
  d.wait(1000)
  d.connect()
  const written = POWER_ON + d.now
  d.wait(7000)
  d.welcome({ time: written + 6000 })
  d.command('c1', 'unlock', { expires: written + 6000 + 6_999 })
  assert.deepEqual(told(d), ['c1 expired unknown'])
  d.command('c2', 'unlock', { expires: written + 6000 + 7000 })
  assert.equal(d.moves(), 1)
})

test('a repeated command repeats its first result and moves nothing', () => {
  const d = door()
  d.command('c1', 'unlock')
  d.command('c1', 'unlock')
  d.wait(300)
  d.command('c1', 'unlock')
  d.command('c1', 'lock')
  assert.deepEqual(told(d), ['c1 succeeded unlocked', 'c1 succeeded unlocked', 'c1 succeeded unlocked'])
  assert.equal(d.moves(), 1)
})

test('64 commands are remembered, over boots too', () => {
  const d = door()
  for (let i = 1; i <= 65; i++) d.command('c' + String(i), 'clearLockout')
  d.reboot()
  d.online()
  const saved = Object.keys(d.saved).filter((key) => key.startsWith('c/'))
  assert.equal(saved.length, 64)
  assert.deepEqual(d.controller.commands.map(({ id }) => id), Array.from({ length: 64 }, (_, i) => 'c' + String(i + 2)))
  const before = { ...d.saved }
  for (let i = 2; i <= 65; i++) d.command('c' + String(i), 'unlock')
  assert.deepEqual(d.saved, before)
  assert.equal(d.moves(), 0)
  d.command('c1', 'unlock')
  assert.equal(d.moves(), 1)
})

test('a command that the power cut short has failed, and does not move the bolt again', () => {
  const d = door()
  d.command('c1', 'unlock')
  d.reboot()
  d.online()
  d.command('c1', 'unlock')
  assert.deepEqual(told(d), ['c1 failed unknown'])
  assert.equal(d.moves(), 1)
})

test('a result that finds no session is told when the command is repeated in the next one', () => {
  const d = door()
  d.command('c1', 'unlock')
  d.disconnect()
  d.wait(300)
  assert.deepEqual(told(d), [])
  d.online()
  d.command('c1', 'unlock')
  assert.deepEqual(told(d), ['c1 succeeded unlocked'])
})

test('the result of a move that 64 other commands overtook is lost, and nothing else is', () => {
  const d = door()
  d.command('c0', 'unlock')
  for (let i = 1; i <= 64; i++) d.command('c' + String(i), 'clearLockout')
  d.wait(300)
  assert.equal(told(d).some((one) => one.startsWith('c0 ')), false)
  assert.equal(d.log().pop(), 'lock.actuated 1 unlock remote unlocked')
})

test('stored results that make no sense are forgotten', () => {
  const d = door({ saved: { 'c/0': 'x', 'c/1': '1 {}', 'c/2': '0 ' + JSON.stringify({ s: '-'.repeat(43), n: 1, id: 'c', status: 'failed', measured: 'locked' }) }, offline: true })
  assert.deepEqual(d.controller.commands, [])
})
