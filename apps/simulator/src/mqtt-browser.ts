/**
 * The link of a door that runs in a page: MQTT 3.1.1 over WebSocket with u8-mqtt, which is a twentieth of
 * the usual client's size. Node has the same WebSocket, so the same lines are tested there.
 */
// Ambient types are found by no import; who compiles this file from another folder needs them too.
// oxlint-disable-next-line typescript/triple-slash-reference
/// <reference path="./u8-mqtt.d.ts" />
import { mqtt_v4, type MessageSocket } from 'u8-mqtt/esm/web/basic-v4.js'
import type { Link, LinkListener, Login } from './ports.ts'
import { packetCutter } from './packets.ts'
import { newRetry, type Retry } from './retry.ts'

export type BrowserLinkOptions = Retry & {
  /** ws:// or wss:// */
  url: string
  /** Seconds between pings; a broker that stays silent for two of them is gone. 1..60 */
  keepAliveSeconds?: number
}

/** A link over the page's WebSocket. Connections that are lost come back after a pause that grows and varies. */
export function browserLink (options: BrowserLinkOptions): Link {
  const retry = newRetry(options)
  const keepAlive = options.keepAliveSeconds ?? 20
  let open = false
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
      open = false
      retry.stop()
      hangUp?.()
    }
  }

  function dial (login: Login, listener: LinkListener): void {
    const socket = new WebSocket(options.url, ['mqtt'])
    const decoder = new TextDecoder()
    let live = false
    let over = false
    const client = mqtt_v4({
      on_mqtt_type: {
        mqtt_publish (packet) {
          if (packet.qos > 0) client.puback(packet).catch(ignore)
          if (live) listener.message(packet.topic, decoder.decode(packet.payload))
        }
      },
      on_error: ignore,
      log_conn: ignore,
      on_live: ignore,
      on_disconnect: ignore
    })
    client.with_websock(wholePackets(socket))
    let heard = Date.now()
    socket.addEventListener('message', () => { heard = Date.now() })
    socket.addEventListener('close', () => end(true))
    socket.addEventListener('error', () => end(true))
    const watch = setInterval(() => {
      if (Date.now() - heard > keepAlive * 2000) end(true)
      else if (live) client.ping().catch(ignore)
    }, keepAlive * 1000)
    hangUp = () => end(false)
    logIn().catch(() => end(true))

    async function logIn (): Promise<void> {
      await client.connect({
        client_id: login.clientId,
        username: login.username,
        password: login.password,
        // Twice our own ping, so that the broker is never stricter than we are.
        keep_alive: keepAlive * 2,
        flags: { clean_start: true },
        will: { ...login.will, qos: 1, retain: true }
      })
      const [granted, error] = await client.subscribe({ topics: [[login.filter, { qos: 1 }]] })
      if (over) return
      if (granted === undefined || error !== undefined || Number(granted.answers?.[0] ?? 0) > 1) return end(true)
      live = true
      send = (topic, payload, qos, retain) => {
        const packet = { topic, payload, qos, retain }
        // Its `pub` trips over QoS 0 (0.6.7 asks for the packet id of nothing), so that goes one level below.
        const sent = qos === 0 ? client._send('publish', packet) : client.pub(packet)
        sent.catch(ignore)
      }
      retry.worked()
      listener.connected()
    }

    function end (again: boolean): void {
      if (over) return
      over = true
      clearInterval(watch)
      hangUp = null
      send = null
      // No MQTT farewell, so the broker publishes the will.
      socket.close()
      if (live && again) listener.disconnected()
      live = false
      if (again && open) retry.again(() => dial(login, listener))
    }
  }
}

/**
 * The socket, with a whole packet in each message. u8-mqtt 0.6.7 waits, after a packet that came in pieces,
 * until that many bytes are there again: a welcome that follows the settings would be heard minutes late.
 */
function wholePackets (socket: WebSocket): MessageSocket {
  const cut = packetCutter()
  const front: MessageSocket = { readyState: socket.readyState, binaryType: 'arraybuffer', onopen: null, onmessage: null, onerror: null, onclose: null, send: (bytes) => socket.send(bytes) }
  socket.binaryType = 'arraybuffer'
  socket.addEventListener('open', () => front.onopen?.())
  socket.addEventListener('message', ({ data }) => {
    if (!(data instanceof ArrayBuffer)) return socket.close()
    try {
      for (const packet of cut(new Uint8Array(data))) front.onmessage?.({ data: packet })
    } catch {
      socket.close()
    }
  })
  socket.addEventListener('close', () => front.onclose?.({ wasClean: true }))
  return front
}

/** What fails on a connection ends in its `close`, which is handled. */
function ignore (): void {}
