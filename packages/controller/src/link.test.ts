import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseHealth, parseHello, parseTimeQuestion } from '@oncekey/protocol/messages'
import { upTopic } from '@oncekey/protocol/topics'
import { benchIdentity, door, Door, POWER_ON } from './testing/door.ts'

test('a connection begins with on line and a hello, and nothing else is said before the welcome', () => {
  const d = door({ offline: true })
  d.effects = []
  d.connect()
  d.wait(9_999)
  d.type('1#')
  const said = d.effects.filter((effect) => effect.do === 'publish')
  assert.deepEqual(said.map(({ topic, qos, retain }) => [topic.split('/').pop(), qos, retain]), [['avail', 1, true], ['hello', 1, false]])
  assert.equal(said[0]?.payload, 'online')
  const hello = d.heardLast('hello', parseHello)
  assert.deepEqual({ ...hello, epoch: '', bootId: '', events: { ...hello?.events, head: '' } }, {
    v: 1, firmware: '1.0', hardware: 'bench', locks: 1, abilities: [], bootId: '', reset: 'powerOn', epoch: '', settingsVersion: 0,
    events: { first: 1, last: 1, head: '' }, clock: { trust: 'none', errorMs: 0 }
  })
})

test('a hello that nobody answers is said again, ever less often, and each has an epoch of its own', () => {
  const d = door({ offline: true })
  d.connect()
  const from = d.now
  const at: number[] = []
  for (let said = 1; d.now < from + 3_000_000; d.wait(500)) {
    const now = d.heard('hello', parseHello).length
    if (now > said) at.push(d.now)
    said = now
  }
  const pauses = at.map((moment, i) => moment - (at[i - 1] ?? from))
  pauses.forEach((pause, i) => {
    const least = Math.min(300_000, 10_000 * 2 ** i)
    assert.ok(pause > least - 500 && pause <= least * 1.5 + 500, `pause ${i}: ${pause} ms`)
  })
  assert.ok(pauses.length >= 10)
  assert.ok(new Set(pauses.slice(5)).size > 1, 'the pauses vary')
  const epochs = d.heard('hello', parseHello).map(({ epoch }) => epoch)
  assert.equal(new Set(epochs).size, epochs.length)
})

test('a welcome counts for the hello that was said last, and the clock counts from that one', () => {
  const d = door({ offline: true })
  d.connect()
  d.wait(16_000)
  d.welcome()
  assert.equal(d.controller.link?.session, null, 'the first hello is over')
  d.epoch = d.heardLast('hello', parseHello)?.epoch ?? ''
  const saidAt = d.controller.link?.helloAt ?? 0
  assert.ok(saidAt >= 10_000 && saidAt <= 15_000)
  d.welcome({ time: POWER_ON + saidAt })
  assert.equal(d.controller.clock?.ahead, POWER_ON)
  const said = d.heard('hello', parseHello).length
  d.wait(700_000)
  assert.equal(d.heard('hello', parseHello).length, said, 'with a session there is nothing to repeat')
})

test('a connection that ended takes its hello with it', () => {
  const d = door({ offline: true })
  d.connect()
  d.disconnect()
  d.wait(700_000)
  assert.equal(d.heard('hello', parseHello).length, 1)
})

test('a hello says which records are still here: none, when all were acknowledged', () => {
  const d = door()
  d.disconnect()
  d.connect()
  assert.deepEqual(d.heardLast('hello', parseHello)?.events, { first: 0, last: 0, head: d.controller.ring.head })
})

test('counters start at 1 in each session and rise by one', () => {
  const d = door()
  d.disconnect()
  d.effects = []
  d.online()
  d.type('12#')
  d.answer(false)
  d.type('34#')
  assert.equal(d.reported()?.n, 1)
  assert.equal(d.reported()?.s, d.session)
  assert.equal(d.question().n, 3)
  assert.equal(d.question().digits, '34')
})

test('a second welcome of a connection is ignored, and so is one of another connection', () => {
  const d = door()
  const before = d.controller
  const session = d.session
  d.welcome({ time: 5, lockoutMs: 60_000 })
  assert.deepEqual(d.controller, before)
  d.session = session
  d.connect()
  const waiting = d.controller
  d.welcome({ epoch: 'AAAAAAAAAAAAAAAAAAAAAA' })
  assert.deepEqual(d.controller, waiting)
  d.deliver(d.sealed('welcome', { no: 'welcome' }))
  d.deliver(d.sealed('welcome', { epoch: d.epoch, nonce: '!!!!!!!!!!!!!!!!!!!!!!', time: 1, lockoutMs: 0, acked: 0 }))
  assert.deepEqual(d.controller, waiting)
  d.welcome()
  assert.notEqual(d.controller.link?.session, null)
})

test('a command of an earlier session, or with a used counter, moves nothing', () => {
  const d = door()
  const unlock = () => ({ id: 'c1', op: 'unlock', lock: 1, expires: POWER_ON + d.now + 10_000 })
  const held = d.message('command', unlock())
  d.disconnect()
  d.deliver(held)
  d.connect()
  d.deliver(held)
  d.welcome()
  d.deliver(held)
  assert.equal(d.moves(), 0)
  d.say('ack', { seq: 0 })
  d.sentN = 0
  d.say('command', unlock())
  assert.equal(d.moves(), 0)
  d.say('command', unlock())
  assert.equal(d.moves(), 1)
})

test('what is for another controller, on another topic, or from below moves nothing', () => {
  const d = door()
  const other = new Door({ identity: { ...benchIdentity, controller: 'bank-b' } })
  const elsewhere = new Door({ identity: { ...benchIdentity, site: 'pool' } })
  const stranger = new Door({ identity: { ...benchIdentity, rootKey: new Uint8Array(32) } })
  const before = d.controller
  const command = { s: d.session, n: 99, id: 'c', op: 'unlock', lock: 1, expires: POWER_ON + 1e6 }
  for (const one of [other, elsewhere, stranger]) d.deliver(one.sealed('command', command))
  const good = d.sealed('command', command)
  for (const topic of ['', 'down/command', good.topic.replace('command', 'answer'), good.topic.replace('down', 'up'), upTopic(benchIdentity, 'state')]) {
    d.deliver({ topic, payload: good.payload })
  }
  assert.deepEqual(d.controller, before)
  d.deliver(good)
  assert.equal(d.moves(), 1)
})

test('a body that is sealed but is not what its topic says changes nothing', () => {
  const d = door()
  const before = d.controller
  for (const name of ['ack', 'answer', 'command', 'time', 'settings', 'welcome'] as const) d.deliver(d.sealed(name, { s: d.session, n: 50 }))
  assert.deepEqual(d.controller, before)
})

test('state is reported once a session and whenever it changes', () => {
  const d = door({ locks: 2 })
  const count = d.effects.length
  d.wait(1000)
  d.senseAll()
  assert.equal(d.effects.length, count)
  d.openDoor(2)
  assert.deepEqual(d.reported()?.locks, [
    { lock: 1, lockState: 'locked', doorState: 'closed' }, { lock: 2, lockState: 'locked', doorState: 'open' }
  ])
  d.type('1#')
  d.answer(false, { lockoutMs: 60_000 })
  assert.equal(d.reported()?.mode, 'lockedOut')
  assert.equal(d.reported()?.lockoutMs, 60_000)
})

test('health goes out every minute of a session, the time is asked for every ten', () => {
  const d = door()
  d.wait(600_000)
  const health = d.heard('health', parseHealth)
  assert.equal(health.length, 10)
  assert.deepEqual({ ...health[1], s: '', n: 0 }, { s: '', n: 0, uptimeMs: 120_000, freeBytes: 0, queued: 0 })
  assert.deepEqual(d.heard('time', parseTimeQuestion).map(({ t1 }) => t1), [600_000])
})

test('a time answer sets the clock, on the late side, and only the one that was asked for', () => {
  const d = door()
  d.wait(600_000 - d.now)
  const { clock } = d.controller
  d.say('time', { t1: 599_999, t2: POWER_ON, t3: POWER_ON })
  assert.deepEqual(d.controller.clock, clock)
  d.wait(70)
  d.say('time', { t1: 600_000, t2: POWER_ON + 600_030, t3: POWER_ON + 600_040 })
  assert.deepEqual(d.controller.clock, { ahead: POWER_ON + 40, errorMs: 70, at: 600_070, trust: 'synced' })
  d.wait(4_930)
  d.say('time', { t1: 600_000, t2: POWER_ON, t3: POWER_ON })
  assert.equal(d.controller.clock?.ahead, POWER_ON + 40)
})

test('the clock\'s error grows with the crystal\'s', () => {
  const d = door()
  d.wait(3_600_000 - d.now)
  d.disconnect()
  d.connect()
  assert.deepEqual(d.heardLast('hello', parseHello)?.clock, { trust: 'synced', errorMs: 72 })
})
