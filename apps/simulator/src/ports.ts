/**
 * What the host of a simulated door asks of the world around it. Every port has a real adapter and
 * one for tests: the clock may be virtual, the storage may be memory, a file or localStorage, the link
 * may be MQTT in Node, MQTT in a browser or a pipe inside a test.
 */

/** How a controller logs in to the broker, and what the broker says when the controller is lost. */
export type Login = {
  clientId: string
  username: string
  password: string
  will: { topic: string, payload: string }
  /** The one filter to subscribe to, with QoS 1. */
  filter: string
}

export type LinkListener = {
  /** Logged in and subscribed. */
  connected: () => void
  /** Called once for every `connected`. */
  disconnected: () => void
  message: (topic: string, payload: string) => void
}

/** A way to the broker. Clean sessions: nothing is kept for later by either side. */
export type Link = {
  /** Connects, and connects again whenever the connection is lost, until `drop`. Ignored while already open. */
  open: (login: Login, listener: LinkListener) => void
  /** Sends, or forgets the message when there is no connection: the program sends again what still matters. */
  publish: (topic: string, payload: string, qos: 0 | 1, retain: boolean) => void
  /** The cable is pulled: no farewell, so the broker publishes the will. No callback comes after it. May be called twice. */
  drop: () => void
}

export type Clock = {
  /** Whole milliseconds, never backwards; the zero is anywhere. */
  now: () => number
  /** Calls `work` at `now() >= at`. Returns the way to call it off. */
  at: (at: number, work: () => void) => () => void
}

/** A map that survives a power cut. What `set` stored is durable when it returns; '' deletes. */
export type Storage = {
  load: () => Record<string, string>
  set: (key: string, value: string) => void
}

/** Fresh random bytes. */
export type Entropy = (count: number) => Uint8Array

/** The clock on the wall. */
export function realClock (): Clock {
  return {
    now: () => Math.floor(performance.now()),
    at (at, work) {
      let timer = setTimeout(due, wait())
      return () => clearTimeout(timer)

      function wait (): number {
        return Math.min(0x7fffffff, Math.max(0, Math.ceil(at - performance.now())))
      }
      // Timers may fire a little early; the steel and the program count to the millisecond.
      function due (): void {
        if (Math.floor(performance.now()) >= at) work()
        else timer = setTimeout(due, wait())
      }
    }
  }
}

/** Storage that lives as long as this object: power cuts do not touch it, the end of the process does. */
export function memoryStorage (saved: Record<string, string> = {}): Storage & { saved: Record<string, string> } {
  const store = { ...saved }
  return {
    saved: store,
    load: () => ({ ...store }),
    set (key, value) {
      if (value === '') delete store[key]
      else store[key] = value
    }
  }
}

/** The platform's own random bytes; there in every Node and browser, on plain http too. */
export function realEntropy (count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count))
}
