import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Effect, Identity } from '@oncekey/controller'
import { linkKeys, seal } from '@oncekey/protocol/messages'
import { downTopic } from '@oncekey/protocol/topics'
import { memoryStorage, newRunner, type Hearing, type Link, type LinkListener, type Programs, type Runner, type RunnerPorts } from './index.ts'
import { virtualClock } from './testing/clock.ts'

const identity: Identity = { site: 's1', controller: 'c1', rootKey: Uint8Array.from({ length: 32 }, (_, i) => i) }

type World = { runner: Runner, hear: () => Hearing, did: string[], listener: () => LinkListener, storage: ReturnType<typeof memoryStorage>, pass: (ms: number) => void, sent: string[], cut: (at: number) => void, fillUp: () => void, opened: () => number, changes: () => number, onPublish: (work: (payload: string) => void) => void, onShow: (work: () => void) => void }

/** A box with one lock, whose server is a test. */
function world (owner: Identity | null = identity, more: Partial<RunnerPorts> = {}): World {
  const clock = virtualClock()
  const storage = memoryStorage()
  const did: string[] = []
  const sent: string[] = []
  let hearing: Hearing | null = null
  let listener: LinkListener | null = null
  let isFull = false
  let cutAt = 0
  let count = 0
  let opened = 0
  let changes = 0
  let published = (_payload: string): void => {}
  let shown = (): void => {}
  const link: Link = {
    open (login, who) {
      opened++
      assert.equal(login.filter, 'ok/v1/s1/c1/down/+')
      listener = who
    },
    publish: (topic, payload) => { sent.push(topic.split('/').at(-1) ?? ''); published(payload) },
    drop () { did.push('drop') }
  }
  const runner = newRunner({
    identity: owner, locks: 1, link, clock, firmware: '1.2.3', hardware: 'bench',
    entropy: (bytes) => new Uint8Array(bytes),
    storage: {
      load () {
        if (isFull) throw new Error('torn')
        return storage.load()
      },
      set (key, value) {
        if (isFull) throw new Error('full')
        storage.set(key, value)
      }
    },
    ...more,
    parts: {
      on (hear) { hearing = hear; did.push('on') },
      off () { hearing = null; did.push('off') },
      show: ([first]) => { did.push(`show ${first.trim()}`); shown() },
      tone: (tone) => { did.push(`tone ${tone}`) },
      move: (lock, to) => { did.push(`${to} ${lock}`) },
      read: () => [{ lock: 1, lockState: 'locked', doorState: 'closed' }]
    }
  }, {
    changed () { changes++ },
    passed: (direction, topic) => { did.push(`${direction} ${topic.split('/').at(-1)}`) },
    before (_effect: Effect) { if (++count === cutAt) runner.powerOff() },
    broken: (error) => { did.push(`broken ${error instanceof Error ? error.message : ''}`) }
  })
  return {
    runner, did, sent, storage, pass: clock.pass,
    hear () { assert.ok(hearing !== null); return hearing },
    listener () { assert.ok(listener !== null); return listener },
    cut (at) { cutAt = count + at },
    fillUp () { isFull = !isFull },
    opened: () => opened,
    changes: () => changes,
    onPublish (work) { published = work },
    onShow (work) { shown = work }
  }
}

test('at power-on what was saved is loaded, contacts are read, nothing moves, and the link is opened', () => {
  const { runner, did, opened, storage } = world()
  assert.equal(runner.powered, false)
  runner.key('1')
  runner.powerOn()
  runner.powerOn()
  assert.deepEqual([runner.powered, runner.network, runner.connected, runner.identity, opened()], [true, true, false, identity, 1])
  assert.equal(did[0], 'on')
  assert.ok(!did.some((one) => /lock \d/.test(one)))
  assert.equal(Object.keys(storage.saved).length, 1)
})

test('the session begins with the connection, and everything that is said goes by the link', () => {
  const { runner, listener, sent, did } = world()
  runner.powerOn()
  listener().connected()
  assert.deepEqual(sent, ['avail', 'hello'])
  assert.equal(runner.connected, true)
  listener().message('ok/v1/s1/c1/down/settings', 'forged.{}')
  runner.inject('ok/v1/s1/c1/down/welcome', 'forged.{}')
  assert.equal(did.filter((one) => one.startsWith('down')).length, 1)
  listener().disconnected()
  listener().disconnected()
  assert.equal(runner.connected, false)
  listener().message('ok/v1/s1/c1/down/settings', 'forged.{}')
  assert.equal(did.filter((one) => one.startsWith('down')).length, 1)
})

test('a command of the server moves the bolt, once what it owes is stored', () => {
  const { runner, listener, did, storage, onPublish } = world()
  const keys = linkKeys(identity.rootKey, 1)
  const say = (name: 'welcome' | 'command', body: object): void => {
    const topic = downTopic(identity, name)
    listener().message(topic, seal(keys.macDown, topic, JSON.stringify(body)))
  }
  let epoch = ''
  onPublish((payload) => { epoch = /"epoch":"([\w-]+)"/.exec(payload)?.[1] ?? epoch })
  runner.powerOn()
  listener().connected()
  const nonce = 'A'.repeat(22)
  say('welcome', { epoch, nonce, time: 1_800_000_000_000, lockoutMs: 0, acked: 0 })
  const s = Buffer.concat([Buffer.from(epoch, 'base64url'), Buffer.from(nonce, 'base64url')]).toString('base64url')
  say('command', { s, n: 1, id: 'c1', expires: 1_800_000_005_000, op: 'unlock', lock: 1 })
  assert.ok(did.includes('unlock 1'), did.join())
  assert.match(storage.saved['l/1'] ?? '', /^1 /)
})

test('what happens while an effect is carried out comes after it; what the connection can not carry any more is left', () => {
  const { runner, listener, did, sent, hear, onPublish, onShow, pass } = world()
  runner.powerOn()
  pass(3000)
  let isFirst = true
  onShow(() => {
    if (isFirst) hear().key('2')
    isFirst = false
  })
  did.length = 0
  hear().key('1')
  assert.deepEqual(did, ['tone key', 'show Code:', 'tone key', 'show Code:'])
  hear().key('*')
  onPublish(() => { listener().disconnected() })
  listener().connected()
  assert.deepEqual(sent, ['avail'])
})

test('the network comes and goes without taking the box along', () => {
  const { runner, listener, did, opened, hear, changes } = world()
  runner.plugNetwork()
  runner.powerOn()
  listener().connected()
  runner.pullNetwork()
  runner.pullNetwork()
  assert.deepEqual([runner.network, runner.connected], [false, false])
  listener().connected()
  assert.equal(runner.connected, false)
  hear().key('5')
  assert.equal(did.at(-1), 'show Code:')
  runner.plugNetwork()
  assert.equal(opened(), 2)
  listener().connected()
  assert.equal(runner.connected, true)
  const before = changes()
  runner.pullNetwork()
  runner.plugNetwork()
  runner.pullNetwork()
  assert.equal(runner.connected, false)
  assert.equal(changes(), before + 3)
})

test('what an earlier life began does not reach into the next', () => {
  const { runner, listener, did, pass } = world()
  runner.powerOff()
  runner.powerOn()
  const old = listener()
  old.connected()
  runner.powerOff()
  runner.powerOn('brownOut')
  const count = did.length
  old.connected()
  old.disconnected()
  old.message('ok/v1/s1/c1/down/ack', 'x.{}')
  assert.equal(did.length, count)
  assert.equal(runner.connected, false)
  pass(3000)
  assert.ok(did.length > count, 'the starting text gives way on time')
})

test('a cut before an effect keeps it and all that follow from happening', () => {
  const whole = world()
  whole.runner.powerOn()
  const { runner, cut, did, storage } = world()
  cut(1)
  runner.powerOn()
  assert.equal(runner.powered, false)
  assert.deepEqual(storage.saved, {})
  assert.deepEqual(did, ['on', 'drop', 'off'])
  assert.deepEqual(whole.did, ['on', 'tone start', 'show Oncekey 1.2.3'])
})

test('an unclaimed box shows its code, and boots again as somebody\'s', () => {
  const { runner, did, opened, pass } = world(null)
  runner.powerOn()
  assert.equal(opened(), 0)
  runner.unclaimed('ABCDE23456')
  pass(3000)
  assert.ok(did.includes('show Claim code:'))
  runner.adopt(identity)
  assert.equal(opened(), 1)
})

test('a save that fails ends everything, and says so; so does memory that can not be read', () => {
  const { runner, did, fillUp, hear, pass } = world()
  runner.powerOn()
  const { key } = hear()
  fillUp()
  runner.powerOff()
  did.length = 0
  runner.powerOn('brownOut')
  assert.deepEqual(did, ['on', 'drop', 'off', 'show Storage failed', 'broken torn'])
  key('1')
  pass(60_000)
  assert.equal(did.length, 5)
  fillUp()
  runner.powerOn('brownOut')
  fillUp()
  did.length = 0
  hear().sensed({ lock: 1, lockState: 'locked', doorState: 'open' })
  assert.deepEqual(did, ['drop', 'off', 'show Storage failed', 'broken full'])
  assert.equal(runner.powered, false)
})

test('nobody has to watch', () => {
  const storage = memoryStorage({ gone: 'x', keypad: '1' })
  storage.set('gone', '')
  const shown: string[] = []
  let isFull = false
  const runner = newRunner({
    identity, locks: 1, clock: virtualClock(), firmware: '1', hardware: 'bench', entropy: (count) => new Uint8Array(count),
    link: {
      open (_login, listener) {
        listener.connected()
        listener.message('ok/v1/s1/c1/down/ack', 'x.{}')
      },
      publish () {}, drop () {}
    },
    storage: { load: storage.load, set () { if (isFull) throw new Error('full') } },
    parts: { on () {}, off () {}, tone () {}, move () {}, read: () => [], show: ([first]) => { shown.push(first) } }
  })
  runner.powerOn()
  assert.equal(runner.connected, true)
  runner.powerOff()
  isFull = true
  runner.powerOn()
  assert.equal(shown.at(-1), 'Storage failed  ')
  assert.deepEqual(storage.saved, { keypad: '1' })
})

const image = { version: '1.3.0', minimum: '1.0.0', hardware: 'bench', size: 10, sha256: 'A'.repeat(43), key: 'A'.repeat(43), signature: 'A'.repeat(86), url: 'https://keys.lan/image' }

/** The server offers an image to a box that is on line. */
function offered (programs: { programs?: Programs }) {
  const one = world(identity, programs)
  const keys = linkKeys(identity.rootKey, 1)
  const say = (name: 'welcome' | 'update', body: object): void => {
    const topic = downTopic(identity, name)
    one.listener().message(topic, seal(keys.macDown, topic, JSON.stringify(body)))
  }
  let epoch = ''
  one.onPublish((payload) => { epoch = /"epoch":"([\w-]+)"/.exec(payload)?.[1] ?? epoch })
  const online = (): void => {
    one.listener().connected()
    say('welcome', { epoch, nonce: 'A'.repeat(22), time: 1_800_000_000_000, lockoutMs: 0, acked: 0 })
  }
  return { ...one, online, offer: (offer: number, more = {}) => { say('update', { offer, op: 'install', ...image, ...more }) }, takeBack: (offer: number) => { say('update', { offer, op: 'nothing' }) } }
}

function twoPlaces () {
  const log: string[] = []
  const state = { firmware: '1.2.3', trial: false, runs: true, canGo: true, done: (_fault: null | 'damaged'): void => {} }
  const programs: Programs = {
    start: () => ({ firmware: state.firmware, trial: state.trial, runs: state.runs }),
    fetch (wanted, token, done) {
      log.push(wanted === null ? 'let go' : `fetch ${wanted.version} ${token.length}`)
      state.done = done
    },
    prepare (into) {
      log.push(into)
      return state.canGo
    },
    restart () { log.push('restart') },
    keep () { log.push('keep') },
    stop () { log.push('stop') }
  }
  return { log, state, programs }
}

test('a new program is fetched, tried once, and kept when it was welcomed', () => {
  const { log, state, programs } = twoPlaces()
  const { runner, offer, online } = offered({ programs })
  runner.powerOn()
  online()
  offer(1)
  assert.deepEqual(log, ['let go', 'fetch 1.3.0 43'])
  state.done(null)
  assert.deepEqual(log.slice(2), ['new', 'restart'])
  Object.assign(state, { firmware: '1.3.0', trial: true })
  runner.powerOff()
  runner.powerOn('software')
  assert.equal(runner.firmware, '1.3.0')
  online()
  assert.deepEqual(log.slice(4), ['stop', 'keep'])
})

test('what an earlier life began to fetch is not heard of; a restart that leads nowhere is none', () => {
  const { log, state, programs } = twoPlaces()
  const { runner, offer, online, takeBack } = offered({ programs })
  runner.powerOn()
  online()
  offer(1)
  const { done } = state
  runner.powerOff()
  runner.powerOn()
  online()
  done(null)
  assert.ok(!log.includes('new'))
  state.canGo = false
  state.done(null)
  assert.deepEqual(log.slice(-1), ['new'])
  takeBack(2)
  assert.deepEqual(log.slice(-1), ['let go'])
})

test('a program that hangs does nothing at all', () => {
  const { state, programs } = twoPlaces()
  state.runs = false
  const { runner, did, opened } = world(identity, { programs })
  runner.powerOn()
  runner.key('1')
  assert.deepEqual([did, opened(), runner.powered], [[], 0, true])
})

test('without a second place there is no room, and nothing to keep or to go back to', () => {
  const { runner, offer, online, storage, takeBack } = offered({})
  runner.powerOn()
  online()
  offer(1)
  takeBack(2)
  assert.ok(Object.values(storage.saved).some((text) => text.includes('"noRoom"')))
})

test('a clock with a battery tells the time at the start and is set by the server\'s; the room for records is the storage\'s', () => {
  const set: number[] = []
  const told = world(identity, { rtc: { read: () => ({ time: 1_800_000_000_000, errorMs: 2000 }), set: (time) => { set.push(time) } }, records: 10_000 })
  let epoch = ''
  let hello = ''
  told.onPublish((payload) => {
    if (payload.includes('"epoch"')) hello = payload
    epoch = /"epoch":"([\w-]+)"/.exec(payload)?.[1] ?? epoch
  })
  told.runner.powerOn()
  told.listener().connected()
  assert.match(hello, /"trust":"rtc"/)
  const topic = downTopic(identity, 'welcome')
  told.listener().message(topic, seal(linkKeys(identity.rootKey, 1).macDown, topic, JSON.stringify({ epoch, nonce: 'A'.repeat(22), time: 1_800_000_100_000, lockoutMs: 0, acked: 0 })))
  assert.deepEqual(set, [1_800_000_100_000])
})

test('what is forgotten is gone: memory first, then the owner; then it starts as nobody\'s', () => {
  const order: string[] = []
  const one = world(identity, { disown: () => { order.push('disowned', String(Object.keys(one.storage.saved).length)) } })
  one.storage.set('settings', 'x')
  one.runner.powerOn()
  one.runner.measure({ millivolts: 0, freeBytes: 1000 })
  one.runner.factoryReset()
  assert.deepEqual(order, ['disowned', '0'])
  assert.deepEqual([one.runner.identity, one.runner.powered, one.storage.saved['settings']], [null, true, undefined])
  const failing = world(identity, { disown () { throw new Error('full') } })
  failing.runner.powerOn()
  failing.runner.factoryReset()
  assert.deepEqual([failing.runner.identity, failing.runner.powered], [identity, false])
})
