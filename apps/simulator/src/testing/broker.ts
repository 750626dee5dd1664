/** A real broker for tests: TCP and WebSocket on free ports, one user, everything that passes written down. */
import { createServer, type AddressInfo } from 'node:net'
import { createServer as createHttp } from 'node:http'
import { Aedes } from 'aedes'
import { createWebSocketStream, WebSocketServer } from 'ws'

export type TestBroker = {
  tcp: string
  ws: string
  published: { topic: string, payload: string, retain: boolean, qos: number }[]
  /** Called with everything that clients publish, wills left out. */
  onPublish: (hear: (topic: string, payload: string) => void) => void
  /** Client ids that are connected now. */
  clients: () => string[]
  send: (topic: string, payload: string, retain?: boolean) => Promise<void>
  /** Breaks every connection, as a restart would. */
  breakAll: () => void
  /** Resolves when the predicate holds; rejects after 5 s. */
  until: (predicate: () => boolean) => Promise<void>
  stop: () => Promise<void>
}

export async function testBroker (accept: (username: string, password: string) => boolean = () => true): Promise<TestBroker> {
  const broker = await Aedes.createBroker()
  const published: TestBroker['published'] = []
  const watchers = new Set<() => void>()
  let hear = (_topic: string, _payload: string): void => {}
  const online = new Set<string>()
  const changed = (): void => { for (const look of [...watchers]) look() }
  broker.authenticate = (_client, username, password, done) => done(null, accept(username ?? '', String(password ?? '')))
  broker.on('publish', (packet, client) => {
    if (packet.topic.startsWith('$SYS')) return
    // A will arrives without a client.
    if (client !== null || packet.topic.endsWith('/avail')) published.push({ topic: packet.topic, payload: String(packet.payload), retain: packet.retain, qos: packet.qos })
    if (client !== null) hear(packet.topic, String(packet.payload))
    changed()
  })
  broker.on('clientReady', (client) => { online.add(client.id); changed() })
  broker.on('clientDisconnect', (client) => { online.delete(client.id); changed() })

  const sockets = new Set<{ destroy: () => void }>()
  const tcp = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    broker.handle(socket)
  })
  const http = createHttp()
  const wss = new WebSocketServer({ server: http })
  wss.on('connection', (socket, request) => {
    const stream = createWebSocketStream(socket)
    sockets.add(stream)
    stream.on('close', () => sockets.delete(stream))
    stream.on('error', () => {})
    broker.handle(stream, request)
  })
  const tcpPort = await listen(tcp)
  const wsPort = await listen(http)

  return {
    tcp: `mqtt://127.0.0.1:${tcpPort}`,
    ws: `ws://127.0.0.1:${wsPort}/mqtt`,
    published,
    onPublish (who) { hear = who },
    clients: () => [...online],
    send: (topic, payload, retain = false) => new Promise((resolve, reject) => {
      broker.publish({ cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, retain, dup: false }, (error) => error ? reject(error) : resolve())
    }),
    breakAll () { for (const socket of sockets) socket.destroy() },
    until: (predicate) => new Promise((resolve, reject) => {
      if (predicate()) return resolve()
      const late = setTimeout(() => { watchers.delete(look); reject(new Error('Waited 5 s in vain.')) }, 5000)
      function look (): void {
        if (!predicate()) return
        clearTimeout(late)
        watchers.delete(look)
        resolve()
      }
      watchers.add(look)
    }),
    async stop () {
      for (const socket of sockets) socket.destroy()
      for (const socket of wss.clients) socket.terminate()
      wss.close()
      await Promise.all([new Promise((done) => tcp.close(done)), new Promise((done) => http.close(done))])
      await new Promise<void>((done) => broker.close(() => done()))
    }
  }
}

function listen (server: { listen: (port: number, host: string, done: () => void) => unknown, address: () => AddressInfo | string | null }): Promise<number> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    resolve(typeof address === 'object' && address !== null ? address.port : 0)
  }))
}
