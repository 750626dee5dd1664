import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pinVerifier } from '@oncekey/otp/offline'
import { deriveKey } from '@oncekey/protocol/messages'
import { virtualClock } from '@oncekey/host/testing'
import { simulateDoor } from './door.ts'
import { mqttLink } from './mqtt-node.ts'
import { memoryStorage } from './ports.ts'
import { testBroker } from './testing/broker.ts'
import { identity } from './testing/house.ts'
import { testServer } from './testing/server.ts'

const HOUR = 3_600_000
const START = Date.UTC(2026, 10, 21, 14, 3)
const PIN = '40719328'
const verifier = pinVerifier(deriveKey(identity.rootKey, 'offline', 1), PIN)

test('over a real broker: on line the server decides; cut, a known pin opens; revoked, not after the next connection; none when the lease is over, nor without a clock', async (t) => {
  const broker = await testBroker()
  t.after(() => broker.stop())
  const clock = virtualClock()
  const begun = clock.now()
  const time = (): number => START + clock.now() - begun
  const server = testServer(identity, (topic, payload, retain) => { void broker.send(topic, payload, retain) }, { time })
  broker.onPublish((topic, payload) => server.receive(topic, payload))
  let tick = 0
  let lists = 0
  const door = simulateDoor({
    identity, link: mqttLink({ url: broker.tcp, firstMs: 20, maxMs: 40 }), clock, storage: memoryStorage(), entropy: (count) => Uint8Array.from({ length: count }, (_, i) => ++tick + i),
    onEffect (effect) { if (effect.do === 'save' && effect.key === 'pins') lists++ }
  })
  t.after(() => door.cutPower())
  const heard = async (): Promise<void> => {
    const { length } = server.states
    await broker.until(() => server.states.length > length)
  }
  const lend = async (until: number, pins: object[]): Promise<void> => {
    const before = lists
    server.lend({ until, digits: 8, pins })
    for (let tries = 0; lists === before && tries < 500; tries++) await new Promise((resolve) => { setTimeout(resolve, 10) })
    assert.equal(lists, before + 1)
  }
  const opens = (digits: string): boolean => {
    clock.pass(61_000)
    const { moves } = door
    door.type(digits + '#')
    const opened = door.moves > moves
    clock.pass(20_000)
    return opened
  }

  await heard()
  await lend(time() + 24 * HOUR, [{ lock: 1, ends: 0, verifier }])
  server.codes.set(PIN, 1)
  const { moves } = door
  door.type(PIN + '#')
  await door.until((one) => one.moves > moves, 5000)
  assert.deepEqual(server.entries, [PIN], 'on line it is the server who decides')
  clock.pass(20_000)

  door.cutNetwork()
  assert.equal(opens('11111111'), false)
  assert.equal(opens(PIN), true)
  door.restoreNetwork()
  await heard()
  await broker.until(() => server.records.some((one) => one.type === 'lock.actuated' && one.ref === `pin.${verifier}`))

  await lend(time() + 24 * HOUR, [])
  door.cutNetwork()
  assert.equal(opens(PIN), false, 'revoked')
  door.restoreNetwork()
  await heard()

  await lend(time() + HOUR, [{ lock: 1, ends: 0, verifier }])
  door.cutNetwork()
  assert.equal(opens(PIN), true)
  clock.pass(HOUR)
  assert.equal(opens(PIN), false, 'the lease is over')
  assert.match(door.rows()[1], /^Try again later/)
  door.restoreNetwork()
  await heard()

  await lend(time() + HOUR, [{ lock: 1, ends: 0, verifier }])
  door.cutPower()
  door.cutNetwork()
  door.restorePower()
  assert.equal(opens(PIN), false, 'it does not know how late it is')
})
