/** MQTT by hand: any packet, any bytes, in any order. */
import { connect, type Socket } from 'node:net'
import { generate, parser, type Packet } from 'mqtt-packet'

export type Login = { clientId: string, username: string, password: string }

export type Raw = {
  socket: Socket
  /** Everything that came, oldest first. */
  packets: Packet[]
  send: (...packets: Packet[]) => void
  /** Bytes as they are. */
  write: (bytes: Uint8Array) => void
  /** The first packet that fits, of those that came and those that will; null when the line ends or `ms` pass before. */
  first: (fits: (packet: Packet) => boolean, ms?: number) => Promise<Packet | null>
  /** Called for each packet that comes from now on. */
  hear: (listener: (packet: Packet) => void) => void
  readonly isClosed: boolean
  /** Resolves when the server, or `end`, has closed the line. */
  closed: Promise<void>
  end: () => void
}

/** Opens a TCP line to a broker and sends nothing yet. @param from an address of this machine: limits count by it */
export async function openRaw (port: number, from = '127.0.0.1'): Promise<Raw> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from, noDelay: true })
  const packets: Packet[] = []
  const listeners = new Set<(packet: Packet | null) => void>()
  const read = parser()
  let isClosed = false
  read.on('packet', (packet: Packet) => {
    packets.push(packet)
    for (const listener of [...listeners]) listener(packet)
  })
  read.on('error', () => { socket.destroy() })
  socket.on('data', (bytes) => { read.parse(bytes) })
  // What a broken line means is told by `closed`.
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      isClosed = true
      for (const listener of [...listeners]) listener(null)
      resolve()
    })
  })
  await new Promise<void>((resolve) => { socket.once('connect', resolve).once('close', () => { resolve() }) })
  return {
    socket, packets, closed,
    get isClosed () { return isClosed },
    send (...list) { if (!isClosed) socket.write(Buffer.concat(list.map((packet) => generate(packet)))) },
    write (bytes) { if (!isClosed) socket.write(bytes) },
    first (fits, ms = 5000) {
      const known = packets.find(fits)
      if (known !== undefined || isClosed) return Promise.resolve(known ?? null)
      return new Promise((resolve) => {
        const late = setTimeout(() => { hear(null) }, ms)
        function hear (packet: Packet | null): void {
          if (packet !== null && !fits(packet)) return
          clearTimeout(late)
          listeners.delete(hear)
          resolve(packet)
        }
        listeners.add(hear)
      })
    },
    hear (listener) { listeners.add((packet) => { if (packet !== null) listener(packet) }) },
    end () { socket.destroy() }
  }
}

/** A CONNECT as a controller sends it. */
export function connectPacket (login: Login, more: Record<string, unknown> = {}): Packet {
  return { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 60, ...login, password: Buffer.from(login.password), ...more } as Packet
}

/** A PUBLISH; QoS 1 unless said otherwise. */
export function publishPacket (topic: string, payload: string | Uint8Array, more: Record<string, unknown> = {}): Packet {
  return { cmd: 'publish', topic, payload: typeof payload === 'string' ? payload : Buffer.from(payload), qos: 1, messageId: 1, retain: false, dup: false, ...more } as Packet
}

/** Connects and logs in. @returns the line and the CONNACK's return code, null when the line was cut instead */
export async function logIn (port: number, login: Login, more: Record<string, unknown> = {}): Promise<{ raw: Raw, code: number | null }> {
  const raw = await openRaw(port)
  raw.send(connectPacket(login, more))
  const answer = await raw.first((packet) => packet.cmd === 'connack')
  return { raw, code: answer?.cmd === 'connack' ? answer.returnCode ?? null : null }
}

/** Subscribes. @returns the granted QoS, 128 for no; null when the line was cut */
export async function subscribe (raw: Raw, topic: string): Promise<number | null> {
  const messageId = 1 + raw.packets.length % 60_000
  raw.send({ cmd: 'subscribe', messageId, subscriptions: [{ topic, qos: 1 }] })
  const answer = await raw.first((packet) => packet.cmd === 'suback' && packet.messageId === messageId)
  return answer?.cmd === 'suback' ? Number(answer.granted[0]) : null
}
