/**
 * What goes into the controller program and what comes out. `step(controller, event, now)` returns the
 * next controller and a list of effects; a host (browser, Node, ESP32, test) carries the effects out in
 * order. `now` is monotonic: milliseconds since boot.
 */
import type { DoorState, Image, LockMode, LockState, ResetReason, UpdateOutcome } from '@oncekey/protocol/messages'

export type Key = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | '#' | '*' | 'A' | 'B' | 'C' | 'D'
export type Tone = 'start' | 'key' | 'connected' | 'sent' | 'granted' | 'moved' | 'refused'

/** Whose controller this is: given at commissioning, kept by the host. `rootKey`: 32 bytes. */
export type Identity = { site: string, controller: string, rootKey: Uint8Array }

/**
 * `millivolts` 0: there is no battery to measure. `rssi` in dBm. `network`: its name. `error`: what failed last when the
 * host tried to connect, at most 16 characters.
 */
export type Facts = { millivolts: number, freeBytes: number, rssi?: number, celsius?: number, network?: string, address?: string, error?: string }

export type Event =
  /** Power came. `saved`: what earlier `save` effects stored, by key. `entropy`: 8 fresh random bytes for the boot id. */
  | { is: 'booted', reset: ResetReason, identity: Identity | null, saved: Readonly<Record<string, string>>, entropy: Uint8Array, firmware: string, hardware: string, locks: number
    /** What a clock with a battery says, ms since 1970 (0: it stood still), and by how much it may be off. Absent: there is none. */
    rtc?: { time: number, errorMs: number }
    /** How many records that nobody acknowledged the storage has room for. Absent: 500. */
    records?: number }
  /** Nobody owns this controller yet: its claim code is shown until `booted` with an identity. */
  | { is: 'unclaimed', claimCode: string }
  | { is: 'key', key: Key }
  /** The broker accepted us. `entropy`: 16 fresh random bytes for the epoch. */
  | { is: 'connected', entropy: Uint8Array }
  | { is: 'disconnected' }
  | { is: 'message', topic: string, payload: string }
  /** A contact changed, or was read after a move. */
  | { is: 'sensed', lock: number, lockState: LockState, doorState: DoorState }
  /** The image of this offer is whole, signed and in the other slot (`fault` null), or never will be. */
  | { is: 'fetched', offer: number, fault: UpdateOutcome | null }
  /** What the host measured of itself, about once a minute. */
  | { is: 'health' } & Facts
  /** Somebody at the box did what makes it forget everything. */
  | { is: 'factoryReset' }
  /** The moment asked for by `wake` has come (early or late is harmless). */
  | { is: 'woke' }

/** An image with the number of its offer. */
export type Offered = Image & { readonly offer: number }

export type Effect =
  /** Two rows of exactly 16 characters. Texts are ASCII; names are as people wrote them, and the display's driver makes them safe. */
  | { do: 'show', rows: readonly [string, string] }
  | { do: 'tone', tone: Tone }
  /** Move one bolt. Every `save` before it in the list is durable first. */
  | { do: 'bolt', lock: number, to: LockMode }
  | { do: 'publish', topic: string, payload: string, qos: 0 | 1, retain: boolean }
  /** Make durable before the next effect. '' deletes. */
  | { do: 'save', key: string, value: string }
  /** The time, for the clock with a battery; only where `booted` told of one. */
  | { do: 'setRtc', time: number }
  /**
   * Get this image into the slot that is not running, and say `fetched`; null = let go of it. The same offer again goes
   * on where it was. The host checks the signature before anything else, and the hash of the slot when all is there.
   */
  | { do: 'fetch', image: Offered | null }
  /**
   * Restart, `new`: once into the other slot; `old`: into the one before. The next boot says `reset: 'update'`. A program
   * that was kept does not go back: then `old` does nothing.
   */
  | { do: 'restart', into: 'new' | 'old' }
  /** The running program is good: from now on every restart is into it. */
  | { do: 'keep' }
  /**
   * Wipe the storage, the identity and its keys, once what was published before has left or can not. Then start anew:
   * `booted` without an identity. Nothing else happens until then.
   */
  | { do: 'forget' }
  /** Call again with `woke` at this time (ms since boot); replaces the earlier wish; null = not needed. */
  | { do: 'wake', at: number | null }
