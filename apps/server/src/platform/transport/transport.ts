/**
 * The way to the controllers. Adapters: the embedded broker (broker.ts) and an in-memory one for tests
 * (memory.ts). Delivery is not promised: what matters carries an id of ours and is asked for again.
 */
export type Transport = {
  /** Sends to whoever subscribed. Never queued for somebody who is not there, unless retained. */
  publish: (topic: string, payload: string, options: { qos: 0 | 1, retain: boolean }) => void
  /** Everything a controller published under its own topics. `client` is the authenticated controller id. */
  onMessage: (listener: (topic: string, payload: string, client: string) => void) => void
  /** A controller connected or its connection ended. */
  onPresence: (listener: (client: string, isConnected: boolean) => void) => void
  /** What a broker noticed and a controller must not do: foreign topics, wrong passwords, two with one id, oversized packets. */
  onAbuse: (listener: (client: string, what: Abuse) => void) => void
  isConnected: (client: string) => boolean
  /** False when nothing can reach the controllers, e.g. the broker's port could not be opened. */
  isOpen: () => boolean
  /** Sends a message round, through the broker and back to us, where no controller hears it; false when it does not come back in time (2 s). */
  loop: () => Promise<boolean>
  /** Ends a connection, e.g. of a controller that was removed. */
  disconnect: (client: string) => void
  close: () => Promise<void>
}

export type Abuse = 'wrongPassword' | 'foreignTopic' | 'duplicate' | 'oversized'

/** Says whether this is the password of that controller. Never throws. */
export type Authenticate = (client: string, password: string) => Promise<boolean>
