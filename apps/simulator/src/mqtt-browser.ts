/**
 * The link of a door that runs in a page: MQTT 3.1.1 over the page's WebSocket, by our own codec. Node has the
 * same WebSocket, so the same lines are tested there.
 */
import { connect, packetReader, PINGREQ, puback, publish, subscribe, type Incoming } from './mqtt-codec.ts'
import type { Link, LinkListener, Login } from './ports.ts'
import { newRetry, type Retry } from './retry.ts'

export type BrowserLinkOptions = Retry & {
  /** ws:// or wss:// */
  url: string
  /** Seconds between pings; a broker that stays silent for two of them is gone. 1..60 */
  keepAliveSeconds?: number
  /** The same controller logs in elsewhere, again and again; this link has given way and dials no more. Without this it never gives way. */
  onDisplaced?: () => void
}

/**
 * Who dials after the server closed, gets in at once and is closed again within this time was not cut off by a bad line or
 * a restart (those let some dial fail, or leave us alone then): the broker closes the older of two with one name. Since
 * the older one was also the first to be closed, it is the first to count two, and the newer one stays.
 */
const DISPLACED_MS = 5000

/** A link over the page's WebSocket. Connections that are lost come back after a pause that grows and varies. */
export function browserLink (options: BrowserLinkOptions): Link {
  const retry = newRetry(options)
  const keepAlive = options.keepAliveSeconds ?? 20
  let open = false
  /** The last connection was closed by the server, and no dial has failed since. */
  let closed = false
  let hangUp: (() => void) | null = null
  let send: Link['publish'] | null = null

  return {
    open (login, listener) {
      if (open) return
      open = true
      dial(login, listener)
    },
    publish: (topic, payload, qos, retain) => send?.(topic, payload, qos, retain),
    drop () {
      open = closed = false
      retry.stop()
      hangUp?.()
    }
  }

  function dial (login: Login, listener: LinkListener): void {
    const socket = new WebSocket(options.url, ['mqtt'])
    socket.binaryType = 'arraybuffer'
    const decoder = new TextDecoder()
    const read = packetReader()
    let lastId = 0
    let greeted = false
    let live = false
    let over = false
    let admitted: number | null = null
    let silent = 0
    // Twice our own ping, so that the broker is never stricter than we are.
    socket.addEventListener('open', () => socket.send(connect(login, keepAlive * 2)))
    socket.addEventListener('message', ({ data }) => {
      silent = 0
      for (const packet of packetsIn(data)) if (!over) take(packet)
    })
    socket.addEventListener('close', () => end(true, true))
    socket.addEventListener('error', () => end(true, true))
    const watch = setInterval(() => {
      // Counted, not by the clock: a page that slept has not asked yet whether the broker is still there.
      if (++silent > 2) end(true)
      else if (live) socket.send(PINGREQ)
    }, keepAlive * 1000)
    hangUp = () => end(false)

    /** Closes on what is not MQTT in binary frames [MQTT-6.0.0-1]. */
    function packetsIn (frame: unknown): Incoming[] {
      try {
        if (frame instanceof ArrayBuffer) return read(new Uint8Array(frame))
      } catch { /* Said below: the stream is lost either way. */ }
      end(true)
      return []
    }

    function take (packet: Incoming): void {
      // The first packet is CONNACK, and no other [MQTT-3.2.0-1].
      if ((packet.is === 'connack') === greeted) return end(true)
      greeted = true
      switch (packet.is) {
        case 'connack':
          if (packet.code !== 0) return end(true)
          admitted = Date.now()
          return socket.send(subscribe(nextId(), login.filter))
        case 'suback':
          return packet.granted > 1 ? end(true) : begin()
        case 'publish':
          if (packet.id !== null) socket.send(puback(packet.id))
          // May overtake SUBACK (3.8.4); it proves as well that we are subscribed.
          begin()
          return listener.message(packet.topic, decoder.decode(packet.payload))
        case 'puback': case 'pingresp':
          // With clean sessions there is nothing to send again: being heard of is all.
      }
    }

    function begin (): void {
      if (live) return
      live = true
      send = (topic, payload, qos, retain) => socket.send(publish(topic, payload, { id: qos === 0 ? null : nextId(), retain }))
      retry.worked()
      listener.connected()
    }

    /** 1..65535, round and round. */
    function nextId (): number {
      return lastId = lastId % 65_535 + 1
    }

    function end (again: boolean, byServer = false): void {
      if (over) return
      over = true
      clearInterval(watch)
      hangUp = null
      send = null
      // No MQTT farewell, so the broker publishes the will.
      socket.close()
      const wasClosed = byServer && admitted !== null
      const displaced = wasClosed && closed && Date.now() - (admitted ?? 0) < DISPLACED_MS
      closed = wasClosed
      if (live && again) listener.disconnected()
      live = false
      if (!again || !open) return
      if (displaced && options.onDisplaced) {
        open = closed = false
        options.onDisplaced()
      } else retry.again(() => dial(login, listener))
    }
  }
}
