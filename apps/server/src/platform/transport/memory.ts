import { MAX_PAYLOAD } from '@oncekey/protocol/messages'
import { mayPublish } from './rules.ts'
import type { Abuse, Transport } from './transport.ts'

/** One message that a house sent, as it travelled. */
export type Sent = { topic: string, payload: string, qos: 0 | 1, retain: boolean }

/** A controller's end of the pipe. */
export type MemoryClient = {
  /** Says something, under the same rules as at the broker. @returns false when the rules refuse it */
  publish: (topic: string, payload: string, retain?: boolean) => boolean
  /** Ends the connection from this side. May be called twice. */
  drop: () => void
  readonly isConnected: boolean
}

export type MemoryTransport = Transport & {
  /** A controller connects and subscribes; what is retained for it is delivered at once. The newest connection of an id wins. */
  connect: (client: string, hear: (topic: string, payload: string) => void) => MemoryClient
  /** What the broker notices beside messages, as a test wants it noticed. */
  abuse: (client: string, what: Abuse) => void
  /** Everything that the house has sent, oldest first. */
  sent: Sent[]
}

/** A broker without sockets for tests: in order, at once, and forgetful as the real one. */
export function memoryTransport (): MemoryTransport {
  const online = new Map<string, { hear: (topic: string, payload: string) => void, drop: () => void }>()
  const retained = new Map<string, string>()
  const onMessage: ((topic: string, payload: string, client: string) => void)[] = []
  const onPresence: ((client: string, isConnected: boolean) => void)[] = []
  const onAbuse: ((client: string, what: Abuse) => void)[] = []
  const abuse = (client: string, what: Abuse): void => { for (const listener of onAbuse) listener(client, what) }
  const present = (client: string, isConnected: boolean): void => { for (const listener of onPresence) listener(client, isConnected) }
  const sent: Sent[] = []
  let isOpen = true

  return {
    sent,
    abuse,
    publish (topic, payload, { qos, retain }) {
      if (!isOpen) return
      sent.push({ topic, payload, qos, retain })
      if (retain) {
        if (payload === '') retained.delete(topic)
        else retained.set(topic, payload)
      }
      online.get(topic.split('/')[3] ?? '')?.hear(topic, payload)
    },
    onMessage (listener) { onMessage.push(listener) },
    onPresence (listener) { onPresence.push(listener) },
    onAbuse (listener) { onAbuse.push(listener) },
    isConnected: (client) => online.has(client),
    isOpen: () => isOpen,
    loop: async () => isOpen,
    disconnect (client) { online.get(client)?.drop() },
    async close () {
      isOpen = false
      for (const one of online.values()) one.drop()
    },
    connect (client, hear) {
      if (online.has(client)) {
        abuse(client, 'duplicate')
        online.get(client)?.drop()
      }
      let isConnected = true
      const drop = (): void => {
        if (!isConnected) return
        isConnected = false
        online.delete(client)
        present(client, false)
      }
      online.set(client, { hear, drop })
      present(client, true)
      for (const [topic, payload] of retained) if (topic.split('/')[3] === client) hear(topic, payload)
      return {
        get isConnected () { return isConnected },
        drop,
        publish (topic, payload, retain = false) {
          if (!isConnected) return false
          if (payload.length > MAX_PAYLOAD || !mayPublish(client, topic, retain)) {
            abuse(client, payload.length > MAX_PAYLOAD ? 'oversized' : 'foreignTopic')
            drop()
            return false
          }
          for (const listener of onMessage) listener(topic, payload, client)
          return true
        }
      }
    }
  }
}
