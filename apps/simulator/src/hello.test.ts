import assert from 'node:assert/strict'
import { test } from 'node:test'
import { virtualClock } from '@oncekey/host/testing'
import { simulateDoor } from './door.ts'
import { mqttLink } from './mqtt-node.ts'
import { memoryStorage } from './ports.ts'
import { testBroker } from './testing/broker.ts'
import { identity } from './testing/house.ts'
import { testServer } from './testing/server.ts'

test('a broker that is there before its server: the hello is said again on the same connection, until somebody answers', async (t) => {
  const broker = await testBroker()
  t.after(() => broker.stop())
  const clock = virtualClock()
  const server = testServer(identity, (topic, payload, retain) => { void broker.send(topic, payload, retain) })
  let isUp = false
  let connections = 0
  broker.onPublish((topic, payload) => {
    if (topic.endsWith('/avail') && payload === 'online') connections++
    if (isUp) server.receive(topic, payload)
  })
  let tick = 0
  const door = simulateDoor({ identity, link: mqttLink({ url: broker.tcp }), clock, storage: memoryStorage(), entropy: (count) => Uint8Array.from({ length: count }, (_, i) => ++tick + i) })
  t.after(() => door.cutPower())
  const hellos = (): string[] => broker.published.filter((one) => one.topic.endsWith('/up/hello')).map((one) => one.payload)
  await broker.until(() => hellos().length === 1)
  clock.pass(15_100)
  await broker.until(() => hellos().length === 2)
  assert.equal(server.states.length, 0)

  isUp = true
  clock.pass(30_100)
  await broker.until(() => server.states.length > 0)
  assert.equal(new Set(hellos()).size, 3, 'each is another one')
  assert.equal(connections, 1)
  server.codes.set('123456', 1)
  door.type('123456#')
  await broker.until(() => server.entries.length === 1)
  clock.pass(600_000)
  assert.equal(hellos().length, 3, 'once answered it is said no more')
})
