/** The link of a door that runs in Node: mqtt.js over TCP or WebSocket, MQTT 3.1.1, clean sessions. */
import { connect, type MqttClient } from 'mqtt'
import { newRetry, type Retry } from './retry.ts'
import type { Link, LinkListener, Login } from './ports.ts'

export type NodeLinkOptions = Retry & {
  /** mqtt://host:port, mqtts://, ws://host:port/path or wss:// */
  url: string
  /** A certificate authority of one's own, PEM. */
  ca?: string
}

/** A link over the network. Connections that are lost come back after a pause that grows and varies. */
export function mqttLink (options: NodeLinkOptions): Link {
  const retry = newRetry(options)
  let client: MqttClient | null = null
  let open = false
  let live = false

  return {
    open (login, listener) {
      if (open) return
      open = true
      dial(login, listener)
    },
    publish (topic, payload, qos, retain) {
      if (live) client?.publish(topic, payload, { qos, retain }, ignore)
    },
    drop () {
      open = false
      live = false
      retry.stop()
      hangUp()
    }
  }

  function dial (login: Login, listener: LinkListener): void {
    const mine = connect(options.url, {
      protocolVersion: 4,
      clean: true,
      clientId: login.clientId,
      username: login.username,
      password: login.password,
      keepalive: 30,
      connectTimeout: 10_000,
      // Each connection is a client of its own: nothing queued in an old one may reach a new session.
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      will: { topic: login.will.topic, payload: Buffer.from(login.will.payload), qos: 1, retain: true },
      ...(options.ca === undefined ? {} : { ca: options.ca })
    })
    client = mine
    // A retained message may overtake the acknowledgement of the subscription [MQTT-3.8.4-3]: kept until then.
    let early: { topic: string, payload: string }[] = []
    mine.on('connect', () => {
      noDelay(mine)
      mine.subscribe(login.filter, { qos: 1 }, (error, granted) => {
        if (client !== mine) return
        if (error !== null || granted?.some((one) => one.qos > 1)) return void mine.end(true)
        live = true
        retry.worked()
        listener.connected()
        for (const { topic, payload } of early) listener.message(topic, payload)
        early = []
      })
    })
    mine.on('message', (topic, bytes) => {
      if (client !== mine) return
      const payload = bytes.toString('utf8')
      if (live) listener.message(topic, payload)
      else early.push({ topic, payload })
    })
    mine.on('error', ignore)
    mine.on('close', () => {
      if (client !== mine) return
      const was = live
      live = false
      hangUp()
      if (was) listener.disconnected()
      if (open) retry.again(() => dial(login, listener))
    })
  }

  function hangUp (): void {
    const old = client
    client = null
    if (old === null) return
    // Without DISCONNECT, as when the cable is pulled: the broker publishes the will.
    old.stream.destroy()
    old.end(true)
  }
}

/** Without it a small message waits for the acknowledgement of the one before it (Nagle): 44 ms instead of half a millisecond. */
function noDelay (client: MqttClient): void {
  const stream: unknown = client.stream
  if (typeof stream === 'object' && stream !== null && 'setNoDelay' in stream && typeof stream.setNoDelay === 'function') stream.setNoDelay(true)
}

/** Errors of a connection end in `close`, which is handled. */
function ignore (): void {}
