/**
 * A model of the steel: for every lock a bolt that takes its time, a contact that says where it is, and
 * a door. Pure: time comes in as an argument, and what a call changes comes back as a new value. The
 * steel keeps its place without power (fail-secure); only contacts that are read can tell.
 */
import type { DoorState, LockMode, LockState } from '@oncekey/protocol/messages'

/** How long a servo takes from one end to the other. */
export const TRAVEL_MS = 300

export type Bolt = {
  /** 0 = fully unlocked, 1 = fully locked, at `since`. */
  from: number
  /** Where it is going; equal to `from` at rest. */
  to: number
  since: number
}

export type SteelLock = { lock: number, bolt: Bolt, door: 'open' | 'closed', jammed: boolean, moves: number }

export type Steel = { locks: readonly SteelLock[] }

/** What the contacts of one lock say. */
export type Reading = { lock: number, lockState: LockState, doorState: DoorState }

/** All that can be seen of one lock. */
export type LockView = Reading & {
  /** Where the bolt stands: 0 unlocked .. 1 locked. */
  position: number
  /** Where it is going to; equal to `position` at rest. */
  goal: number
  jammed: boolean
  /** How often its bolt has moved. */
  moves: number
}

/** A bank as it leaves the works: every door closed, every bolt locked. `count` 1..999. */
export function newSteel (count: number): Steel {
  const locks: SteelLock[] = []
  for (let lock = 1; lock <= count; lock++) {
    locks.push({ lock, bolt: { from: 1, to: 1, since: 0 }, door: 'closed', jammed: false, moves: 0 })
  }
  return { locks }
}

/** Where the bolt is at `now`: 0 unlocked .. 1 locked. */
export function boltAt (bolt: Bolt, now: number): number {
  const way = bolt.to - bolt.from
  const gone = Math.max(0, now - bolt.since) / TRAVEL_MS
  return Math.abs(way) <= gone ? bolt.to : bolt.from + Math.sign(way) * gone
}

/** Power on the servo: the bolt starts for the other end. A jammed bolt hums and stays. */
export function drive (steel: Steel, lock: number, mode: LockMode, now: number): Steel {
  return change(steel, lock, (one) => {
    const from = boltAt(one.bolt, now)
    const to = mode === 'lock' ? 1 : 0
    if (one.jammed || from === to) return one
    return { ...one, bolt: { from, to, since: now }, moves: one.moves + 1 }
  })
}

/** No power, or a jam: every bolt that is under way (or only `lock`'s) stops where it is. */
export function halt (steel: Steel, now: number, lock?: number): Steel {
  return {
    locks: steel.locks.map((one) => {
      if (lock !== undefined && one.lock !== lock) return one
      const at = boltAt(one.bolt, now)
      return { ...one, bolt: { from: at, to: at, since: now } }
    })
  }
}

/** Somebody wedges the bolt, or frees it. It stays where it is until it is driven again. */
export function setJam (steel: Steel, lock: number, jammed: boolean, now: number): Steel {
  return change(halt(steel, now, lock), lock, (one) => ({ ...one, jammed }))
}

/** Somebody pulls the door: it opens only when the bolt is fully back. Somebody pushes it: it always closes (the latch is slanted). */
export function setDoor (steel: Steel, lock: number, door: 'open' | 'closed', now: number): Steel {
  return change(steel, lock, (one) => door === 'open' && boltAt(one.bolt, now) !== 0 ? one : { ...one, door })
}

/** Somebody breaks a door open: its bolt stays where it is. */
export function pry (steel: Steel, lock: number): Steel {
  return change(steel, lock, (one) => ({ ...one, door: 'open' }))
}

/** Reads the contacts of one lock; null when there is no such lock. */
export function read (steel: Steel, lock: number, now: number): Reading | null {
  const one = steel.locks.find((each) => each.lock === lock)
  return one === undefined ? null : readOne(one, now)
}

/** Looks at all locks. */
export function look (steel: Steel, now: number): LockView[] {
  return steel.locks.map((one) => ({ ...readOne(one, now), position: boltAt(one.bolt, now), goal: one.bolt.to, jammed: one.jammed, moves: one.moves }))
}

/** Bolt movements since the works, over all locks. */
export function totalMoves (steel: Steel): number {
  return steel.locks.reduce((sum, one) => sum + one.moves, 0)
}

function readOne ({ lock, bolt, door }: SteelLock, now: number): Reading {
  const at = boltAt(bolt, now)
  return { lock, lockState: at === 1 ? 'locked' : at === 0 ? 'unlocked' : 'notFullyLocked', doorState: door }
}

function change (steel: Steel, lock: number, how: (one: SteelLock) => SteelLock): Steel {
  return { locks: steel.locks.map((one) => one.lock === lock ? how(one) : one) }
}
