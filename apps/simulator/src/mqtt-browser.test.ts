import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { WebSocketServer, type WebSocket as Socket } from 'ws'
import { browserLink } from './mqtt-browser.ts'

const CONNACK = [0x20, 2, 0, 0]
const SUBACK = [0x90, 3, 0, 1, 1]
const message = (qos: 0 | 1, text: string): number[] => qos === 0 ? [0x30, 3 + text.length, 0, 1, 116, ...Buffer.from(text)] : [0x32, 5 + text.length, 0, 1, 116, 0, 9, ...Buffer.from(text)]
const login = { clientId: 'c1', username: 'c1', password: 'secret', will: { topic: 'w', payload: 'off' }, filter: 't/#' }

/** A broker that answers each connection as it is told: what to send when the first bytes of that connection came, frame by frame. */
async function brokerThat (t: TestContext, answer: (attempt: number) => (number[] | string)[], keepAliveSeconds = 30): Promise<{ log: string[], heard: string[], until: (holds: () => boolean) => Promise<void>, drop: () => void }> {
  const log: string[] = []
  const heard: string[] = []
  let changed = (): void => {}
  let attempts = 0
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  server.on('connection', (socket: Socket) => {
    const frames = answer(++attempts)
    let greeted = false
    socket.on('message', (bytes: Buffer) => {
      heard.push(bytes.toString('hex'))
      changed()
      if (greeted) return
      greeted = true
      for (const frame of frames) socket.send(typeof frame === 'string' ? frame : Uint8Array.from(frame))
    })
  })
  const { port } = server.address() as AddressInfo // it listens on TCP
  const link = browserLink({ url: `ws://127.0.0.1:${port}/`, firstMs: 5, maxMs: 10, keepAliveSeconds })
  t.after(async () => {
    link.drop()
    for (const socket of server.clients) socket.terminate()
    await new Promise((done) => server.close(done))
  })
  const note = (line: string): void => {
    log.push(line)
    changed()
  }
  link.open(login, { connected: () => note('connected'), disconnected: () => note('disconnected'), message: (topic, payload) => note(`${topic} ${payload}`) })
  const until = (holds: () => boolean): Promise<void> => new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`in vain: ${log.join(', ')} | ${heard.join(', ')}`)), 5000)
    changed = () => {
      if (!holds()) return
      clearTimeout(late)
      resolve()
    }
    changed()
  })
  return { log, heard, until, drop: () => link.drop() }
}

test('packets that share a frame, and one cut over three, are all heard; QoS 1 is acknowledged', async (t) => {
  const long = message(1, 'in pieces')
  const { log, heard, until } = await brokerThat(t, () => [[...CONNACK, ...SUBACK, ...message(0, 'a'), ...message(1, 'b'), ...long.slice(0, 1)], long.slice(1, 6), [...long.slice(6), ...message(0, 'c')]])
  await until(() => log.length === 5 && heard.includes('40020009'))
  assert.deepEqual(log, ['connected', 't a', 't b', 't in pieces', 't c'])
  assert.equal(heard[1]?.startsWith('8208'), true)
})

test('a retained message that overtakes SUBACK is not lost', async (t) => {
  const { log, until } = await brokerThat(t, () => [CONNACK, message(0, 'early'), SUBACK, message(0, 'late')])
  await until(() => log.length === 3)
  assert.deepEqual(log, ['connected', 't early', 't late'])
})

test('after what no broker may say the connection is closed, and the next one works', async (t) => {
  const wrong: (number[] | string)[][] = [
    ['hello'], [[0x10, 0]], [[0x20, 2, 0, 5]], [SUBACK], [[...CONNACK, ...CONNACK]], [[...CONNACK, 0x90, 3, 0, 1, 128]], [[...CONNACK, 0x30, 255, 255, 255, 127]]
  ]
  const { log, until } = await brokerThat(t, (attempt) => wrong[attempt - 1] ?? [CONNACK, SUBACK])
  await until(() => log.length === 1)
  assert.deepEqual(log, ['connected'])
})

test('a broker that breaks the rules later is left, once', async (t) => {
  const { log, until } = await brokerThat(t, (attempt) => attempt === 1 ? [[...CONNACK, ...SUBACK, ...message(0, 'a')], [0xf0, 0], message(0, 'b')] : [CONNACK, SUBACK])
  await until(() => log.length === 4)
  assert.deepEqual(log, ['connected', 't a', 'disconnected', 'connected'])
})

test('who pings and hears nothing gives up and dials again', async (t) => {
  const { log, heard, until } = await brokerThat(t, () => [CONNACK, SUBACK], 0.05)
  await until(() => log.filter((line) => line === 'connected').length === 2)
  assert.ok(heard.includes('c000'))
  assert.deepEqual(log, ['connected', 'disconnected', 'connected'])
})
