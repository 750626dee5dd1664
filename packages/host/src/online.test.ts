import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newOnline } from './index.ts'
import { virtualClock } from './testing/clock.ts'

function machine () {
  const clock = virtualClock()
  const log: string[] = []
  const joins: ((isUp: boolean) => void)[] = []
  const asks: ((isSet: boolean) => void)[] = []
  const online = newOnline({ clock, chance: () => 1, join: (told) => { joins.push(told) }, askTime: (done) => { asks.push(done) }, changed: (stage) => { log.push(stage) } })
  return { online, log, joins, asks, pass: clock.pass }
}

test('first the network, then the time, then everything else', () => {
  const { online, log, joins, asks, pass } = machine()
  online.start()
  joins[0]!(true)
  joins[0]!(true)
  assert.deepEqual([log, asks.length], [['time'], 1])
  asks[0]!(true)
  assert.deepEqual(log, ['time', 'online'])
  pass(600_000)
  assert.equal(joins.length, 1)
})

test('a time that nobody tells is asked for again, with pauses', () => {
  const { online, log, joins, asks, pass } = machine()
  online.start()
  joins[0]!(true)
  asks[0]!(false)
  pass(999)
  assert.equal(asks.length, 1)
  pass(1)
  asks[1]!(false)
  pass(2000)
  asks[2]!(true)
  assert.deepEqual(log, ['time', 'online'])
})

test('a network that is lost, refuses or says nothing is joined again; the time is asked for once', () => {
  const { online, log, joins, asks, pass } = machine()
  online.start()
  joins[0]!(false)
  pass(1000)
  assert.equal(joins.length, 2)
  pass(30_000)
  pass(2000)
  assert.equal(joins.length, 3)
  joins[1]!(true)
  assert.deepEqual(log, [], 'an answer that comes too late is not heard')
  joins[2]!(true)
  asks[0]!(true)
  joins[2]!(false)
  assert.deepEqual(log, ['time', 'online', 'joining'])
  pass(1000)
  joins[3]!(true)
  assert.deepEqual([log.at(-1), asks.length], ['online', 1])
})

test('after stop nothing is heard', () => {
  const { online, log, joins, asks, pass } = machine()
  online.start()
  joins[0]!(true)
  online.stop()
  asks[0]!(true)
  joins[0]!(false)
  pass(60_000)
  assert.deepEqual([log, joins.length], [['time', 'joining'], 1])
})
