import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { browserLink } from './mqtt-browser.ts'
import { mqttLink } from './mqtt-node.ts'
import type { Link, Login } from './ports.ts'
import { testBroker, type TestBroker } from './testing/broker.ts'

const quick = { firstMs: 20, maxMs: 40 }
const kinds: { name: string, make: (broker: TestBroker) => Link }[] = [
  { name: 'mqtt.js over TCP', make: (broker) => mqttLink({ url: broker.tcp, ...quick }) },
  { name: 'mqtt.js over WebSocket', make: (broker) => mqttLink({ url: broker.ws, ...quick }) },
  { name: "our own codec over the platform's WebSocket", make: (broker) => browserLink({ url: broker.ws, ...quick }) }
]

function login (id = 'c1'): Login {
  return { clientId: id, username: id, password: 'secret', will: { topic: `ok/v1/s/${id}/up/avail`, payload: 'offline' }, filter: `ok/v1/s/${id}/down/+` }
}

/** A listener that writes down what it is told. */
function ear (): { log: string[], connected: () => void, disconnected: () => void, message: (topic: string, payload: string) => void, heard: (line: string, times?: number) => Promise<void> } {
  const log: string[] = []
  const waiting = new Set<() => void>()
  const note = (line: string): void => {
    log.push(line)
    for (const look of [...waiting]) look()
  }
  return {
    log,
    connected: () => note('connected'),
    disconnected: () => note('disconnected'),
    message: (topic, payload) => note(`${topic} ${payload}`),
    heard: (line, times = 1) => new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`never heard: ${line}; but: ${log.join(', ')}`)), 5000)
      const look = (): void => {
        if (log.filter((one) => one === line).length < times) return
        clearTimeout(late)
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
  }
}

for (const { name, make } of kinds) {
  test(`${name}: logs in, hears what is for it, sends, and is reported lost when the cable is pulled`, async (t) => {
    const broker = await testBroker((username, password) => username === 'c1' && password === 'secret')
    t.after(() => broker.stop())
    const link = make(broker)
    t.after(() => link.drop())
    const one = ear()
    link.open(login(), one)
    await one.heard('connected')
    await broker.send('ok/v1/s/c2/down/command', 'for another')
    await broker.send('ok/v1/s/c1/down/command', 'für mich: {"a":1}')
    await one.heard('ok/v1/s/c1/down/command für mich: {"a":1}')
    assert.deepEqual(one.log, ['connected', 'ok/v1/s/c1/down/command für mich: {"a":1}'])

    // What follows a long message is heard at once, and does not wait for as many bytes again.
    await broker.send('ok/v1/s/c1/down/settings', 'x'.repeat(5000))
    await broker.send('ok/v1/s/c1/down/welcome', 'short')
    await one.heard('ok/v1/s/c1/down/welcome short')

    link.publish('ok/v1/s/c1/up/state', 'état', 1, true)
    await broker.until(() => broker.published.length === 1)
    link.publish('ok/v1/s/c1/up/health', 'fine', 0, false)
    await broker.until(() => broker.published.length === 2)
    assert.deepEqual(broker.published, [
      { topic: 'ok/v1/s/c1/up/state', payload: 'état', retain: true, qos: 1 },
      { topic: 'ok/v1/s/c1/up/health', payload: 'fine', retain: false, qos: 0 }
    ])

    link.drop()
    await broker.until(() => broker.published.some((one) => one.topic.endsWith('/avail')))
    assert.deepEqual(broker.published.at(-1), { topic: 'ok/v1/s/c1/up/avail', payload: 'offline', retain: true, qos: 1 })
    assert.equal(one.log.includes('disconnected'), false)
  })

  test(`${name}: comes back by itself after a restart of the broker, and what was sent meanwhile is forgotten`, async (t) => {
    const broker = await testBroker()
    t.after(() => broker.stop())
    const link = make(broker)
    t.after(() => link.drop())
    const one = ear()
    link.open(login(), one)
    link.open(login(), one)
    link.publish('ok/v1/s/c1/up/hello', 'too early', 1, false)
    await one.heard('connected')
    broker.breakAll()
    await one.heard('disconnected')
    link.publish('ok/v1/s/c1/up/hello', 'into nothing', 1, false)
    await one.heard('connected', 2)
    link.publish('ok/v1/s/c1/up/hello', 'again', 1, false)
    await broker.until(() => broker.published.some((one) => one.payload === 'again'))
    assert.deepEqual(broker.published.filter((one) => one.topic.endsWith('hello')).map((one) => one.payload), ['again'])
    assert.deepEqual(one.log, ['connected', 'disconnected', 'connected'])
  })

  test(`${name}: a broker that refuses the password is asked again, without a "connected"`, async (t) => {
    let tries = 0
    const broker = await testBroker(() => ++tries > 2)
    t.after(() => broker.stop())
    const link = make(broker)
    t.after(() => link.drop())
    const one = ear()
    link.open(login(), one)
    await one.heard('connected')
    assert.equal(tries, 3)
    assert.deepEqual(one.log, ['connected'])
  })
}

test('mqtt.js: a retained message that overtakes SUBACK is not lost', async (t) => {
  // A broker's end by hand: CONNACK, then for SUBSCRIBE first the message and a little later SUBACK.
  const publish = Buffer.concat([Buffer.from([0x31, 6, 0, 2]), Buffer.from('t1hi')])
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (packet) => {
      if ((packet[0] ?? 0) >> 4 === 1) socket.write(Buffer.from([0x20, 2, 0, 0]))
      if ((packet[0] ?? 0) >> 4 !== 8) return
      socket.write(publish)
      setTimeout(() => { socket.write(Buffer.from([0x90, 3, packet[2] ?? 0, packet[3] ?? 0, 1])) }, 50)
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', () => { resolve() }) })
  const address = server.address()
  const link = mqttLink({ url: `mqtt://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`, ...quick })
  t.after(() => { link.drop(); server.close() })
  const one = ear()
  link.open(login(), one)
  await one.heard('t1 hi')
  assert.deepEqual(one.log, ['connected', 't1 hi'])
})
