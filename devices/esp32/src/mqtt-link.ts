import MQTTClient from 'embedded:network/mqtt/client'
import { newGatherer, newSender, retryPauseMs, type Clock, type Link, type LinkListener, type Login } from '@oncekey/host'
import { resolver, socket } from './net.ts'
import { textOf } from './text.ts'

const KEEPALIVE_MS = 30_000
/** Nothing longer is looked at: 8,192 characters of at most four bytes. */
const LONGEST = 32_768
/** Refused. */
const FAILED = 0x80

export type Broker = { host: string, port: number, isSecure: boolean, ca: string | null }

/** MQTT 3.1.1 over TLS, clean sessions; comes back after pauses that grow and vary. `broker` is asked at each try. */
export function mqttLink (broker: () => Broker | null, clock: Clock, chance: () => number): Link {
  let client: MQTTClient | null = null
  let isOpen = false
  let isLive = false
  let failures = 0
  let again: (() => void) | null = null
  const sender = newSender((part, message) => {
    if (client === null) return 0
    const bytes = part.slice().buffer
    return message === null ? client.write(bytes) : client.write(bytes, { topic: message.topic, QoS: message.qos, retain: message.retain, byteLength: message.payload.length })
  })

  return {
    open (login, listener) {
      if (isOpen) return
      isOpen = true
      dial(login, listener)
    },
    publish (topic, payload, qos, retain) {
      if (isLive) sender.send({ topic, payload: new Uint8Array(ArrayBuffer.fromString(payload)), qos, retain })
    },
    drop () {
      isOpen = false
      again?.()
      again = null
      hangUp()
    }
  }

  function dial (login: Login, listener: LinkListener): void {
    const at = broker()
    if (at === null) return later(login, listener)
    const gatherer = newGatherer(LONGEST, (topic, payload) => {
      const text = isLive ? textOf(payload.slice().buffer) : null
      if (text !== null) listener.message(topic, text)
    })
    const lost = (): void => {
      if (client !== mine) return
      const was = isLive
      hangUp()
      if (was) listener.disconnected()
      if (isOpen) later(login, listener)
    }
    const mine: MQTTClient = client = new MQTTClient({
      host: at.host, port: at.port, id: login.clientId, user: login.username, password: ArrayBuffer.fromString(login.password), clean: true, keepalive: KEEPALIVE_MS,
      will: { topic: login.will.topic, message: ArrayBuffer.fromString(login.will.payload), QoS: 1, retain: true },
      dns: resolver(), socket: socket(at.isSecure, at.ca),
      onControl ({ operation, returnCode = 0, payload = [] }) {
        if (client !== mine) return
        if (operation === MQTTClient.CONNACK) {
          if (returnCode !== 0) return lost()
          mine.write(null, { operation: MQTTClient.SUBSCRIBE, items: [{ topic: login.filter, QoS: 1 }] })
        } else if (operation === MQTTClient.SUBACK) {
          if (payload.some((code) => code >= FAILED)) return lost()
          failures = 0
          isLive = true
          listener.connected()
        }
      },
      onReadable (count, { topic, more }) { gatherer.part(new Uint8Array(this.read(count)), topic, more) },
      onWritable (count) { if (client === mine) sender.room(count) },
      onClose: lost,
      onError: lost
    })
  }

  function later (login: Login, listener: LinkListener): void {
    again = clock.at(clock.now() + retryPauseMs(failures++, chance()), () => {
      again = null
      dial(login, listener)
    })
  }

  /** Without DISCONNECT, as when the cable is pulled: the broker publishes the will. */
  function hangUp (): void {
    const old = client
    client = null
    isLive = false
    sender.clear()
    old?.close()
  }
}
