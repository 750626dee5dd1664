/**
 * A bad network on purpose: loses, doubles and delays messages in both directions, from a seed, so that
 * a run that failed can be run again.
 */
import type { Clock, Link } from './ports.ts'

/** Chances are 0..1 a message. `delayMs`: each message waits 0..delayMs more, so they may overtake each other. */
export type Faults = { seed: number, drop?: number, duplicate?: number, delayMs?: number }

/** The same link, behind a bad network. */
export function withFaults (link: Link, faults: Faults, clock: Clock): Link {
  const chance = seeded(faults.seed)
  const { drop = 0, duplicate = 0, delayMs = 0 } = faults
  const waiting = new Set<() => void>()
  let line = 0

  return {
    open (login, listener) {
      const mine = ++line
      link.open(login, {
        connected: listener.connected,
        disconnected () {
          forget()
          listener.disconnected()
        },
        message: (topic, payload) => pass(() => { if (mine === line) listener.message(topic, payload) })
      })
    },
    publish: (topic, payload, qos, retain) => pass(() => link.publish(topic, payload, qos, retain)),
    drop () {
      line++
      forget()
      link.drop()
    }
  }

  function pass (send: () => void): void {
    if (chance() < drop) return
    later(send)
    if (chance() < duplicate) later(send)
  }

  function later (send: () => void): void {
    if (delayMs === 0) return send()
    const cancel = clock.at(clock.now() + chance() * delayMs, () => {
      waiting.delete(cancel)
      send()
    })
    waiting.add(cancel)
  }

  /** What was under way dies with the connection. */
  function forget (): void {
    for (const cancel of waiting) cancel()
    waiting.clear()
  }
}

/** Numbers 0..1 from a seed (mulberry32): the same row every time. */
export function seeded (seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = state + 0x6d2b79f5 >>> 0
    let t = Math.imul(state ^ state >>> 15, state | 1)
    t = t + Math.imul(t ^ t >>> 7, t | 61) ^ t
    return ((t ^ t >>> 14) >>> 0) / 4294967296
  }
}
