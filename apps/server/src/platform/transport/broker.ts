import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server as HttpServer } from 'node:http'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer } from 'node:tls'
import { Aedes, type Client } from 'aedes'
import { isId, parseTopic } from '@oncekey/protocol/topics'
import { createWebSocketStream, WebSocketServer } from 'ws'
import { tokenBuckets } from '../budget.ts'
import type { Log } from '../log.ts'
import { clientOf, proxiesIn } from '../proxies.ts'
import type { Tls } from '../tls/tls.ts'
import { networkOf } from '../tries.ts'
import { meterPackets } from './meter.ts'
import { mayLeave, mayPublish, maySubscribe } from './rules.ts'
import type { Abuse, Authenticate, Transport } from './transport.ts'

export type Broker = {
  transport: Transport
  /** Opens a TCP port, one for each call, with TLS if it is given; 0 takes a free one. @returns the port @throws the error of `listen`, e.g. EADDRINUSE */
  listen: (host: string, port: number, tls?: Pick<Tls, 'options' | 'serve'>) => Promise<number>
  /** Takes WebSocket connections at `/mqtt` of an HTTP server. */
  attach: (server: HttpServer) => void
}

/** Payloads of the contract, their topic and the packet's own bytes. */
const MOST_PACKET_BYTES = 8192 + 512
const MOST_LEVELS = 8
const MOST_CONNECTIONS = 10_000
/** Seconds of silence that a client may ask for; a line that nobody watches would stay for ever. */
const LONGEST_KEEPALIVE = 600
const CONNECT_MS = 10_000

/**
 * The embedded broker (MQTT 3.1.1, aedes). It keeps nothing across restarts and queues nothing for clients that are
 * away: what matters is a row in the database. Messages are handled in process, as they arrive and in their order,
 * before the broker acknowledges them. User name = client id = the controller's id.
 * @param trustedProxies networks (CIDR) that say behind WebSockets whose connections are counted
 */
export async function openBroker ({ log, clock, authenticate, trustedProxies = [] }: { log: Log, clock: () => number, authenticate: Authenticate, trustedProxies?: readonly string[] }): Promise<Broker> {
  const broker = await Aedes.createBroker({ connectTimeout: CONNECT_MS, drainTimeout: CONNECT_MS, keepaliveLimit: LONGEST_KEEPALIVE, maxTopicLevels: MOST_LEVELS, queueLimit: 100, maxInflightInbound: 1 })
  const connects = tokenBuckets({ burst: 500, perSecond: 50, clock })
  const isProxy = proxiesIn(trustedProxies)
  const online = new Map<string, Client>()
  /** What each connection has subscribed to, with its quality of service. */
  const filters = new WeakMap<Client, Map<string, number>>()
  const sockets = new Set<Duplex>()
  const onMessage: ((topic: string, payload: string, client: string) => void)[] = []
  const onPresence: ((client: string, isConnected: boolean) => void)[] = []
  const onAbuse: ((client: string, what: Abuse) => void)[] = []
  const abuse = (client: Client, what: Abuse): void => { for (const listener of onAbuse) listener(client.id, what) }

  const servers: Server[] = []
  const webSockets = new WebSocketServer({ noServer: true, maxPayload: 4 * MOST_PACKET_BYTES, handleProtocols: (offered) => offered.has('mqtt') ? 'mqtt' : false })
  const attached: { server: HttpServer, upgrade: (...parts: UpgradeParts) => void }[] = []

  broker.preConnect = (_client, packet, done) => {
    // No session outlives its connection: a queue would replay what was meant for another moment.
    const isOurs = packet.clean === true && isId(packet.clientId) && packet.username === packet.clientId
    const { will } = packet
    const isWillFine = will === undefined || will === null || mayLeave(packet.clientId, will.topic, Buffer.byteLength(will.payload))
    done(null, isOurs && isWillFine)
    if (!isOurs || !isWillFine) _client.close()
  }
  broker.authenticate = (client, username, password, done) => {
    void authenticate(client.id, password?.toString() ?? '').then((isRight) => {
      if (!isRight) abuse(client, 'wrongPassword')
      else if (online.has(username ?? '')) abuse(client, 'duplicate')
      done(null, isRight)
    }, (error: unknown) => {
      log.error('a controller could not be checked', { error })
      done(null, false)
    })
  }
  broker.authorizePublish = (client, packet, done) => {
    if (client === null || packet.qos > 1 || !mayPublish(client.id, packet.topic, packet.retain)) {
      if (client !== null) abuse(client, 'foreignTopic')
      done(new Error('This topic is not yours.'))
      return
    }
    // Nobody may read it here, so it is not kept: else whoever has one password could fill the memory, topic by topic.
    packet.retain = false
    const payload = packet.payload.toString()
    for (const listener of onMessage) listener(packet.topic, payload, client.id)
    // Somebody waits at the door: the answer goes out in the next turn, and the acknowledgement of the question after it.
    if (parseTopic(packet.topic)?.name === 'request') setImmediate(() => { setImmediate(() => { done(null) }) })
    else done(null)
  }
  broker.authorizeSubscribe = (client, subscription, done) => {
    const isAllowed = maySubscribe(client.id, subscription.topic)
    if (!isAllowed) abuse(client, 'foreignTopic')
    done(null, isAllowed ? subscription : null)
  }
  // Only what the house sends goes out again; a controller's own messages have no reader at the broker.
  broker.authorizeForward = (client, packet) => parseTopic(packet.topic)?.direction === 'down' && maySubscribe(client.id, packet.topic) ? packet : null
  broker.on('clientReady', (client) => {
    online.set(client.id, client)
    for (const listener of onPresence) listener(client.id, true)
  })
  broker.on('clientDisconnect', (client) => {
    if (online.get(client.id) !== client) return
    online.delete(client.id)
    for (const listener of onPresence) listener(client.id, false)
  })
  broker.on('subscribe', (subscriptions, client) => {
    const known = filters.get(client) ?? new Map<string, number>()
    // 128 stands for a refusal (MQTT 3.1.1, 3.9.3).
    for (const { topic, qos } of subscriptions) if (qos < 3) known.set(topic, qos)
    filters.set(client, known)
  })
  broker.on('unsubscribe', (topics, client) => { for (const topic of topics) filters.get(client)?.delete(topic) })
  broker.on('clientError', () => {})
  broker.on('connectionError', () => {})

  function plainServer (): Server {
    return createServer({ noDelay: true }, (socket) => { if (mayConnect(socket)) handle(socket) })
  }

  function tlsServer (tls: Pick<Tls, 'options' | 'serve'>): Server {
    const server = createTlsServer({ ...tls.options(), noDelay: true, handshakeTimeout: CONNECT_MS }, handle)
    // Before the handshake, which costs us more than the caller.
    server.on('connection', mayConnect)
    server.on('tlsClientError', () => {})
    tls.serve(server)
    return server
  }

  function mayConnect (socket: Socket): boolean {
    if (connects.take(networkOf(socket.remoteAddress ?? '')) && sockets.size < MOST_CONNECTIONS) return true
    socket.destroy()
    return false
  }

  function handle (connection: Duplex): void {
    sockets.add(connection)
    connection.on('close', () => { sockets.delete(connection) })
    connection.on('error', () => {})
    const client = broker.handle(connection)
    meterPackets(connection, MOST_PACKET_BYTES, () => { if (online.get(client.id) === client) abuse(client, 'oversized') })
  }

  function upgrade (...[request, socket, head]: UpgradeParts): void {
    // Node has let go of this socket: an error that nobody hears would end the whole process.
    socket.on('error', () => {})
    const { address } = clientOf(request, isProxy)
    if (URL.parse(request.url ?? '', 'http://localhost')?.pathname !== '/mqtt' || !connects.take(networkOf(address)) || sockets.size >= MOST_CONNECTIONS) {
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n', () => { socket.destroy() })
      return
    }
    socket.setNoDelay?.(true)
    webSockets.handleUpgrade(request, socket, head, (webSocket) => { handle(createWebSocketStream(webSocket)) })
  }

  let isClosed = false
  return {
    async listen (host, port, tls) {
      const server = tls === undefined ? plainServer() : tlsServer(tls)
      server.maxConnections = MOST_CONNECTIONS
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => { server.off('error', reject); resolve() })
      })
      server.on('error', (error) => { log.error('the broker stopped listening', { error }) })
      servers.push(server)
      // A server that listens on a port has an address with one.
      return (server.address() as AddressInfo).port
    },
    attach (server) {
      server.on('upgrade', upgrade)
      attached.push({ server, upgrade })
    },
    transport: {
      publish (topic, payload, { qos, retain }) {
        if (isClosed) return
        const packet = { cmd: 'publish', topic, payload: Buffer.from(payload), qos, retain, dup: false } as const
        const done = (error?: Error | null): void => {
          if (error !== undefined && error !== null) log.warn('the broker did not take a message', { error })
        }
        if (retain) return broker.publish(packet, done)
        // A topic has one reader, by name: no need to look for others, nor to ask what is kept for whom.
        const reader = online.get(parseTopic(topic)?.controller ?? '')
        const subscribed = reader === undefined ? undefined : qosOf(filters.get(reader), topic)
        if (reader !== undefined && subscribed !== undefined) reader.publish({ ...packet, qos: qos === 0 || subscribed === 0 ? 0 : 1 }, done)
      },
      onMessage (listener) { onMessage.push(listener) },
      onPresence (listener) { onPresence.push(listener) },
      onAbuse (listener) { onAbuse.push(listener) },
      isConnected: (client) => online.has(client),
      isOpen: () => servers.length > 0 && !isClosed,
      loop: () => isClosed ? Promise.resolve(false) : sendRound(broker),
      disconnect (client) { online.get(client)?.close() },
      async close () {
        if (isClosed) return
        isClosed = true
        for (const { server, upgrade } of attached) server.off('upgrade', upgrade)
        const ended = Promise.all(servers.map((server) => new Promise<void>((resolve) => { server.close(() => { resolve() }) })))
        for (const socket of sockets) socket.destroy()
        webSockets.close()
        await new Promise<void>((resolve) => { broker.close(() => { resolve() }) })
        await ended
      }
    }
  }
}

const LOOP_MS = 2_000

/** Nobody but the house may read or write below `$SYS`. */
function sendRound (broker: Aedes): Promise<boolean> {
  return new Promise((resolve) => {
    const topic = `$SYS/oncekey/loop/${randomUUID()}`
    const hear = (_packet: unknown, done: () => void): void => {
      done()
      end(true)
    }
    const late = setTimeout(() => { end(false) }, LOOP_MS)
    function end (isRound: boolean): void {
      clearTimeout(late)
      broker.unsubscribe(topic, hear, () => {})
      resolve(isRound)
    }
    broker.subscribe(topic, hear, () => { broker.publish({ cmd: 'publish', topic, payload: Buffer.from('round'), qos: 0, retain: false, dup: false }, () => {}) })
  })
}

/** By the whole branch or by this very name: `rules.ts` lets nothing else be subscribed to. */
function qosOf (filters: ReadonlyMap<string, number> | undefined, topic: string): number | undefined {
  return filters?.get(topic) ?? filters?.get(topic.slice(0, topic.lastIndexOf('/') + 1) + '+')
}

type UpgradeParts = [request: IncomingMessage, socket: Duplex & { setNoDelay?: (on: boolean) => void }, head: Buffer]
