/**
 * The link of a door that runs in a page: MQTT 3.1.1 over WebSocket with u8-mqtt, which is a twentieth of
 * the usual client's size. Node has the same WebSocket, so the same lines are tested there.
 */
import { mqtt_v4 } from 'u8-mqtt/esm/web/basic-v4.js'
import type { Link, LinkListener, Login } from './ports.ts'
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
    client.with_websock(socket)
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

/** What fails on a connection ends in its `close`, which is handled. */
function ignore (): void {}
