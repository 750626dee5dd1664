/** For tests of programs that use the engine: a clock that moves when told to, randomness and keys that repeat. Never for anything else. */
import type { Entropy } from './digits.ts'
import { keyRing, type KeyRing } from './keyring.ts'

export type FakeClock = {
  /** Give this to `createOtp`. */
  readonly now: () => number
  /** Moves it on, or back. */
  readonly wait: (ms: number) => void
}

/** @param start ms since 1970 */
export function fakeClock (start: number = Date.UTC(2026, 10, 21, 12)): FakeClock {
  let now = start
  return { now: () => now, wait: ms => { now += ms } }
}

/** Repeatable bytes (mulberry32). */
export function seededBytes (seed: number): Entropy {
  let state = seed
  return count => Uint8Array.from({ length: count }, () => {
    state = state + 0x6d2b79f5 | 0
    let t = Math.imul(state ^ state >>> 15, state | 1)
    t = t + Math.imul(t ^ t >>> 7, t | 61) ^ t
    return t ^ t >>> 14
  })
}

/** A ring of keys that follow from their names. */
export function ring (...ids: string[]): KeyRing {
  return keyRing(ids.map(id => ({ id, key: new Uint8Array(32).fill(id.charCodeAt(id.length - 1)) })))
}
