import assert from 'node:assert/strict'
import { createServer, request, type Server } from 'node:http'
import { connect as connectTcp, type AddressInfo, type Socket } from 'node:net'
import { afterEach, beforeEach, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { connect, type IClientOptions, type MqttClient } from 'mqtt'
import { createLog } from '../log.ts'
import { issueCertificate, makeAuthority } from '../tls/certificates.ts'
import { listeners } from '../tls/tls.ts'
import { openBroker, type Broker } from './broker.ts'

const ours = 'controller-1'
const up = `ok/v1/site/${ours}/up/`
const down = `ok/v1/site/${ours}/down/`

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

let broker: Broker
let port: number
let clients: MqttClient[]
let sockets: Socket[]
let http: Server
let heard: string[]
let noticed: string[]

beforeEach(async () => {
  heard = []
  noticed = []
  clients = []
  sockets = []
  broker = await openBroker({ log: createLog(() => {}), clock: Date.now, authenticate: async (client, password) => password === `password of ${client}` })
  broker.transport.onMessage((topic, payload, client) => { heard.push(`${client} ${topic.split('/').slice(4).join('/')} ${payload}`) })
  broker.transport.onPresence((client, isConnected) => { noticed.push(`${client} ${isConnected ? 'came' : 'left'}`) })
  broker.transport.onAbuse((client, what) => { noticed.push(`${client} ${what}`) })
  port = await broker.listen('127.0.0.1', 0)
  http = createServer()
  broker.attach(http)
  await new Promise<void>((resolve) => { http.listen(0, '127.0.0.1', () => { resolve() }) })
})
afterEach(async () => {
  for (const client of clients) client.end(true)
  for (const socket of sockets) socket.destroy()
  await broker.transport.close()
  await new Promise<void>((resolve) => { http.close(() => { resolve() }) })
})

async function until (isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !isSo(); i++) await delay(10)
  assert.ok(isSo(), `waited in vain; heard ${JSON.stringify(heard)}, noticed ${JSON.stringify(noticed)}`)
}

function mqtt (options: IClientOptions & { url?: string } = {}): MqttClient {
  const id = options.clientId ?? ours
  const client = connect(options.url ?? `mqtt://127.0.0.1:${port}`, {
    protocolVersion: 4, clean: true, reconnectPeriod: 0, clientId: id, username: id, password: `password of ${id}`, ...options
  })
  client.on('error', () => {})
  clients.push(client)
  return client
}

async function online (options: Parameters<typeof mqtt>[0] = {}): Promise<MqttClient> {
  const client = mqtt(options)
  await until(() => client.connected)
  return client
}

/** Whether a client with these options is let in. */
async function isLetIn (options: Parameters<typeof mqtt>[0]): Promise<boolean> {
  const client = mqtt(options)
  let closed = false
  client.on('close', () => { closed = true })
  await until(() => closed || client.connected)
  return client.connected
}

async function raw (): Promise<{ socket: Socket, isClosed: () => boolean }> {
  const socket = connectTcp(port, '127.0.0.1')
  sockets.push(socket)
  let closed = false
  socket.on('error', () => {})
  socket.on('close', () => { closed = true })
  socket.resume()
  await until(() => socket.readyState === 'open')
  return { socket, isClosed: () => closed }
}

// Who is let in, and every verb on every topic: ../../testing/mqtt-matrix.test.ts.

test('a controller says something below its own up/ and hears what is sent below its own down/', async () => {
  for (const url of [undefined, `ws://127.0.0.1:${(http.address() as AddressInfo).port}/mqtt`]) {
    heard = []
    const client = await online(url === undefined ? {} : { url })
    const got: string[] = []
    client.on('message', (topic, payload) => { got.push(`${topic} ${payload.toString()}`) })
    await client.subscribeAsync(`${down}+`, { qos: 1 })
    for (let i = 0; i < 20; i++) client.publish(`${up}event`, String(i), { qos: i % 2 === 0 ? 1 : 0 })
    await until(() => heard.length === 20)
    // In the order in which they were sent, whatever their quality of service.
    assert.deepEqual(heard, Array.from({ length: 20 }, (_, i) => `${ours} up/event ${i}`))
    broker.transport.publish(`${down}answer`, 'yes', { qos: 1, retain: false })
    broker.transport.publish('ok/v1/site/controller-2/down/answer', 'no', { qos: 1, retain: false })
    await until(() => got.length === 1)
    assert.deepEqual(got, [`${down}answer yes`])
    await client.endAsync()
    await until(() => !broker.transport.isConnected(ours))
  }
})

test('a controller hears what it has subscribed to, in order, at the quality that it asked for, until it unsubscribes', async () => {
  const client = await online()
  const got: string[] = []
  client.on('message', (topic, payload, { qos }) => { got.push(`${topic.slice(down.length)} ${payload.toString()} ${qos}`) })
  const say = (name: string, text: string): void => { broker.transport.publish(`${down}${name}`, text, { qos: 1, retain: false }) }
  say('command', 'before')
  await client.subscribeAsync(`${down}answer`, { qos: 0 })
  await client.subscribeAsync(`${down}ack`, { qos: 1 })
  await client.subscribeAsync('ok/v1/site/controller-2/down/+', { qos: 1 }).catch(() => {})
  for (let i = 0; i < 3; i++) say('ack', String(i))
  say('answer', 'yes')
  say('command', 'no')
  await until(() => got.length === 4)
  await client.unsubscribeAsync(`${down}answer`)
  say('answer', 'late')
  say('ack', 'last')
  await until(() => got.length === 5)
  assert.deepEqual(got.toSorted(), ['ack 0 1', 'ack 1 1', 'ack 2 1', 'ack last 1', 'answer yes 0'])
  assert.deepEqual(got.filter((one) => one.startsWith('ack')), ['ack 0 1', 'ack 1 1', 'ack 2 1', 'ack last 1'])
})

test('who asks at a door hears the answer before the acknowledgement of the question', async () => {
  const client = await online()
  await client.subscribeAsync(`${down}+`, { qos: 1 })
  const order: string[] = []
  client.on('packetreceive', ({ cmd }) => { order.push(cmd) })
  broker.transport.onMessage((topic) => { if (topic === `${up}request`) broker.transport.publish(`${down}answer`, 'yes', { qos: 1, retain: false }) })
  await client.publishAsync(`${up}request`, 'may I?', { qos: 1 })
  await until(() => order.length === 2)
  assert.deepEqual(order, ['publish', 'puback'])
})

test('nothing waits for a controller that is away, but its settings do', async () => {
  broker.transport.publish(`${down}command`, 'unlock', { qos: 1, retain: false })
  broker.transport.publish(`${down}settings`, 'v2', { qos: 1, retain: true })
  const client = mqtt()
  const got: string[] = []
  client.on('message', (_topic, payload) => { got.push(payload.toString()) })
  await client.subscribeAsync(`${down}+`, { qos: 1 })
  broker.transport.publish(`${down}ack`, 'now', { qos: 1, retain: false })
  await until(() => got.includes('now'))
  assert.deepEqual(got.sort(), ['now', 'v2'])
})

test('of two connections with one id the newest stays, and it is noticed', async () => {
  const first = await online()
  let closed = false
  first.on('close', () => { closed = true })
  const second = await online()
  await until(() => closed)
  assert.equal(second.connected, true)
  assert.equal(broker.transport.isConnected(ours), true)
  await until(() => noticed.length === 4)
  assert.deepEqual(noticed, [`${ours} came`, `${ours} duplicate`, `${ours} left`, `${ours} came`])
})

test('a packet that is too large ends the connection at its header', async () => {
  const client = await online()
  let closed = false
  client.on('close', () => { closed = true })
  client.publish(`${up}event`, 'x'.repeat(9000))
  await until(() => closed)
  assert.ok(noticed.includes(`${ours} oversized`))
  const { socket, isClosed } = await raw()
  socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]))
  await until(isClosed)
})

test('garbage, half packets and silence neither crash it nor hold it up', async () => {
  let seed = 20260105
  const next = (): number => (seed = (seed * 1103515245 + 12345) & 0x7fffffff)
  for (let i = 0; i < 60; i++) {
    const { socket } = await raw()
    socket.write(Buffer.from(Array.from({ length: next() % 200 }, () => next() >> 8 & 255)))
    if (i % 3 === 0) socket.destroy()
  }
  // Half a CONNECT, byte by byte.
  const { socket } = await raw()
  for (const byte of [0x10, 0x20, 0x00, 0x04, 0x4d]) socket.write(Buffer.from([byte]))
  const client = await online()
  client.publish(`${up}state`, 'still here', { qos: 1 })
  await until(() => heard.includes(`${ours} up/state still here`))
})

test('other addresses of the web server do not speak MQTT', async () => {
  const { port: httpPort } = http.address() as AddressInfo
  const socket = connectTcp(httpPort, '127.0.0.1')
  sockets.push(socket)
  let text = ''
  socket.on('data', (chunk) => { text += chunk.toString() })
  socket.write('GET /other HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n')
  await until(() => text.startsWith('HTTP/1.1 404'))
})

test('closed, it says so and takes no more', async () => {
  assert.equal(broker.transport.isOpen(), true)
  await broker.transport.close()
  await broker.transport.close()
  assert.equal(broker.transport.isOpen(), false)
  broker.transport.publish(`${down}answer`, 'late', { qos: 1, retain: false })
})

test('whoever asks for another protocol and breaks the line stops nothing', async () => {
  const failed: unknown[] = []
  const fail = (error: unknown): void => { failed.push(error) }
  process.on('uncaughtException', fail)
  try {
    const { port: httpPort } = http.address() as AddressInfo
    for (const path of ['/nowhere', '/mqtt', '//']) {
      for (const waits of [0, 1, 2, 5]) {
        const socket = connectTcp(httpPort, '127.0.0.1')
        sockets.push(socket)
        socket.on('error', () => {})
        await until(() => socket.readyState === 'open')
        socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`)
        if (waits > 0) await delay(waits)
        socket.resetAndDestroy()
      }
    }
    await delay(100)
    assert.deepEqual(failed, [])
  } finally {
    process.off('uncaughtException', fail)
  }
})

test('a client that never reads its refusal keeps no connection', async () => {
  const socket = connectTcp((http.address() as AddressInfo).port, '127.0.0.1', () => { socket.write('GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n') })
  sockets.push(socket)
  socket.on('error', () => {})
  await until(() => socket.readyState === 'open')
  const open = await new Promise<number>((resolve) => { setTimeout(() => { http.getConnections((_error, count) => { resolve(count) }) }, 300) })
  assert.equal(open, 0)
})

test('what a controller wants retained fills no memory', async () => {
  const client = await online()
  const flood = async (from: number, to: number): Promise<void> => {
    for (let i = from; i < to; i++) client.publish(`ok/v1/site-${i}/${ours}/up/state`, `${i}`.padEnd(8000, 'x'), { qos: 0, retain: true })
    await until(() => heard.at(-1)?.includes(` ${to - 1}xx`) === true)
    heard = []
    collectGarbage()
  }
  await flood(0, 10)
  const before = process.memoryUsage().arrayBuffers
  await flood(10, 2010)
  const more = (): number => (process.memoryUsage().arrayBuffers - before) / 1e6
  // What the sockets still hold goes with the next turns and collections; what is kept stays.
  for (let i = 0; i < 100 && more() >= 4; i++) {
    await delay(20)
    collectGarbage()
  }
  assert.ok(more() < 4, `${more().toFixed(1)} MB of 16 were kept`)
})

const hour = 3_600_000

/** Another listener of a broker, with TLS, and the authority that a controller has to trust. */
async function tlsPort (of: Broker): Promise<{ port: number, ca: string }> {
  const name = 'Oncekey test'
  const now = Math.floor(Date.now() / 1000) * 1000
  const authority = { name, ...makeAuthority({ name, permits: { dns: ['localhost'], ip: ['127.0.0.0/8'] }, beginsAt: now - hour, endsAt: now + hour }) }
  return { port: await of.listen('127.0.0.1', 0, listeners(issueCertificate(authority, { names: { dns: ['localhost'], ip: ['127.0.0.1'] }, beginsAt: now - hour, endsAt: now + hour }))), ca: authority.certificate }
}

test('with TLS the same rules hold: who trusts the authority comes in with the right password, and oversized packets cut', async () => {
  const { port, ca } = await tlsPort(broker)
  const url = `mqtts://127.0.0.1:${port}`
  const client = await online({ url, ca })
  client.publish(up + 'hello', 'hi')
  await until(() => heard.includes(`${ours} up/hello hi`))
  assert.equal(await isLetIn({ url }), false, 'an authority that the controller does not know')
  assert.equal(await isLetIn({ url, ca, clientId: 'controller-2', password: 'guess' }), false)
  client.publish(up + 'hello', 'x'.repeat(10_000))
  await until(() => noticed.includes(`${ours} oversized`) && noticed.includes(`${ours} left`))
})

test('who speaks no TLS to the port with TLS, hangs in the handshake, or comes too often disturbs nobody', async (t) => {
  // A clock that stands: the tries of an address do not come back.
  const still = await openBroker({ log: createLog(() => {}), clock: () => 0, authenticate: async () => true })
  t.after(() => still.transport.close())
  const { port, ca } = await tlsPort(still)
  let cut = 0
  const knock = (): Socket => {
    const socket = connectTcp(port, '127.0.0.1')
    sockets.push(socket)
    socket.on('error', () => {})
    socket.on('close', () => { cut++ })
    return socket
  }
  knock().write('GET / HTTP/1.1\r\n\r\n')
  await until(() => cut === 1)
  for (let i = 0; i < 20; i++) knock()
  const client = await online({ url: `mqtts://127.0.0.1:${port}`, ca })
  // 500 at once, of which 22 have come.
  for (let i = 0; i < 600; i++) knock()
  await until(() => cut === 1 + 122)
  assert.equal(client.connected, true)
  assert.equal(await isLetIn({ url: `mqtts://127.0.0.1:${port}`, ca, clientId: 'controller-2' }), false)
})

test('WebSockets through a named proxy are counted by who is behind it; from others by where they come from', async (t) => {
  const knocks = async (trustedProxies: readonly string[]): Promise<(forwarded: string, times: number) => Promise<number>> => {
    const still = await openBroker({ log: createLog(() => {}), clock: () => 0, authenticate: async () => true, trustedProxies })
    const server = createServer()
    still.attach(server)
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', () => { resolve() }) })
    t.after(async () => {
      await still.transport.close()
      await new Promise<void>((resolve) => { server.close(() => { resolve() }) })
    })
    const { port } = server.address() as AddressInfo
    const headers = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==', 'sec-websocket-protocol': 'mqtt' }
    const knock = (forwarded: string): Promise<boolean> => new Promise((resolve, reject) => {
      request({ port, host: '127.0.0.1', path: '/mqtt', agent: false, headers: { ...headers, 'x-forwarded-for': forwarded } })
        .on('upgrade', (_answer, socket) => { socket.destroy(); resolve(true) })
        .on('response', (answer) => { answer.resume(); resolve(false) })
        .on('error', reject).end()
    })
    return async (forwarded, times) => {
      let taken = 0
      for (let i = 0; i < times; i++) if (await knock(forwarded.replace('*', String(i % 250)))) taken++
      return taken
    }
  }
  const behind = await knocks(['127.0.0.1/32'])
  assert.deepEqual([await behind('203.0.113.*, 198.51.100.1', 505), await behind('198.51.100.2', 5)], [500, 5])
  // A new address of one /64 for each.
  assert.deepEqual([await behind('2001:db8:0:7::*', 505), await behind('2001:db8:0:8::1', 5)], [500, 5])
  const unnamed = await knocks([])
  assert.deepEqual([await unnamed('203.0.113.*', 505), await unnamed('198.51.100.2', 5)], [500, 0])
})
