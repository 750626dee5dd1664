/**
 * What the runner of a controller asks of the world around it. Every port has several real adapters: the clock may be
 * a wall's, an ESP32's or a test's; storage may be flash, a file or a browser's; the link may be MQTT on any of them.
 */
import type { Identity, Key, Offered, Tone } from '@oncekey/controller'
import type { DoorState, Hmac, LockMode, LockState, UpdateOutcome } from '@oncekey/protocol/messages'

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

/** A map that survives a power cut. What `set` stored is durable when it returns; '' deletes. `set` and `load` throw when they can not. */
export type Storage = {
  load: () => Record<string, string>
  set: (key: string, value: string) => void
}

/** Fresh random bytes. */
export type Entropy = (count: number) => Uint8Array

/** What the contacts of one lock say. */
export type Reading = { lock: number, lockState: LockState, doorState: DoorState }

/** What the parts of a box tell on their own. */
export type Hearing = { key: (key: Key) => void, sensed: (reading: Reading) => void }

/** Display, buzzer, bolts and contacts of one box. Nothing moves before the first `move`. */
export type Parts = {
  /** Power came. From now on keys and contacts are told. */
  on: (hear: Hearing) => void
  /** Power went: no pulse, no tone, no call after this. May be called twice. */
  off: () => void
  /** Two rows of 16 characters. */
  show: (rows: readonly [string, string]) => void
  tone: (tone: Tone) => void
  /** Drives one bolt; its contact is told by `sensed` when the move had its time. */
  move: (lock: number, to: LockMode) => void
  /** Reads all contacts now. */
  read: () => readonly Reading[]
}

/** Two places for programs, one of which runs. */
export type Programs = {
  /** Power came. `trial`: this program runs once, unless it is kept. `runs` false: it hangs, and only a watchdog helps. */
  start: () => { firmware: string, trial: boolean, runs: boolean }
  /** Gets an image into the other place, in the background; null = let go. `done` comes once. @param token what the server asks of a download */
  fetch: (image: Offered | null, token: string, done: (fault: UpdateOutcome | null) => void) => void
  /** Which program the next start runs. False: it would be the one that runs, so there is nothing to restart for. */
  prepare: (into: 'new' | 'old') => boolean
  /** Starts the machine anew. */
  restart: () => void
  keep: () => void
  /** Power went: what is under way ends here. May be called twice. */
  stop: () => void
}

/** A clock with a battery of its own, such as a DS3231. */
export type BatteryClock = {
  /** ms since 1970, 0: it stood still; and by how much it may be off. */
  read: () => { time: number, errorMs: number }
  set: (time: number) => void
}

/** What a runner is made of. */
export type RunnerPorts = {
  /** null: nobody has claimed this controller yet. */
  identity: Identity | null
  /** How many locks hang on it, 1..96. */
  locks: number
  parts: Parts
  link: Link
  storage: Storage
  clock: Clock
  entropy: Entropy
  firmware: string
  hardware: string
  /** A faster HMAC-SHA-256 where the platform has one. */
  hmac?: Hmac
  /** Absent: there is no room for another program. */
  programs?: Programs
  rtc?: BatteryClock
  /** How many records that nobody acknowledged the storage has room for; the program's own number when absent. */
  records?: number
  /** The owner is forgotten, for good, before the box starts anew as nobody's. */
  disown?: () => void
}

/** Storage that lives as long as this object: power cuts do not touch it, the end of the program does. */
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
