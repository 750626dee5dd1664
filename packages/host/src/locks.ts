import { lockAngle, turnTo, unlockAngle, type Calibration } from '@oncekey/drivers'
import type { DoorState, LockMode, LockState } from '@oncekey/protocol/messages'
import type { Clock, Reading } from './ports.ts'

/** How often contacts are read, and how many equal samples make a fact. */
const CONTACT_MS = 10
const SAMPLES = 3

/** One bolt with a hobby servo, and what says where it is. */
export type LockPins = {
  /** Pulses of `us` microseconds, fifty a second; 0 = none. */
  pulse: (us: number) => void
  /** Closed while the bolt is fully out. null: not fitted, and then nobody knows. */
  boltOut: (() => boolean) | null
  /** Closed while the bolt is fully back. null: not fitted; a bolt that left the other end after an unlock then counts as back. */
  boltBack: (() => boolean) | null
  /** Closed while the door is. null: not fitted, and then it does not lock by itself. */
  doorShut: (() => boolean) | null
  /** What this unit was measured to need; the driver's default when absent. */
  calibration?: Calibration
  /** Degrees, 0..180. */
  lockDegrees?: number
  unlockDegrees?: number
}

type One = { readonly lock: number, readonly pins: LockPins, goal: LockMode | null, seen: string, times: number, told: string, rested: (() => void) | null }

/** Drives the bolts and watches their contacts. A servo says nothing back, so only a contact makes `locked`. */
export function newLocks (pins: readonly LockPins[], clock: Clock, sensed: (reading: Reading) => void): {
  on: () => void
  off: () => void
  move: (lock: number, to: LockMode) => void
  read: () => readonly Reading[]
} {
  const all: One[] = pins.map((one, i) => ({ lock: i + 1, pins: one, goal: null, seen: '', times: 0, told: '', rested: null }))
  let stop: (() => void) | null = null

  function watch (): void {
    stop = clock.at(clock.now() + CONTACT_MS, watch)
    for (const one of all) {
      const reading = readingOf(one)
      const text = reading.lockState + reading.doorState
      one.times = text === one.seen ? one.times + 1 : 1
      one.seen = text
      if (one.times >= SAMPLES && text !== one.told) tell(one, reading)
    }
  }

  function tell (one: One, reading: Reading): void {
    one.told = reading.lockState + reading.doorState
    sensed(reading)
  }

  function still (one: One): void {
    one.rested?.()
    one.rested = null
    one.pins.pulse(0)
  }

  return {
    on () {
      stop?.()
      for (const one of all) {
        one.goal = null
        still(one)
      }
      watch()
    },
    off () {
      stop?.()
      stop = null
      for (const one of all) still(one)
    },
    move (lock, to) {
      const one = all.find((each) => each.lock === lock)
      if (one === undefined) return
      one.rested?.()
      one.goal = to
      const { calibration, lockDegrees = lockAngle, unlockDegrees = unlockAngle } = one.pins
      const { us, until } = turnTo(to === 'lock' ? lockDegrees : unlockDegrees, clock.now(), calibration)
      one.pins.pulse(us)
      one.rested = clock.at(until, () => {
        still(one)
        // Also when nothing has changed: whoever asked for the move waits for an answer.
        tell(one, readingOf(one))
      })
    },
    read: () => all.map((one) => {
      const reading = readingOf(one)
      one.told = one.seen = reading.lockState + reading.doorState
      return reading
    })
  }
}

function readingOf ({ lock, pins, goal, rested }: One): Reading {
  return { lock, lockState: lockStateOf(pins, goal, rested !== null), doorState: doorStateOf(pins) }
}

function lockStateOf ({ boltOut, boltBack }: LockPins, goal: LockMode | null, isMoving: boolean): LockState {
  const isBack = boltBack?.() ?? null
  if (boltOut === null) return isBack === true ? 'unlocked' : 'unknown'
  if (boltOut()) return isBack === true ? 'unknown' : 'locked'
  if (isBack ?? (goal === 'unlock' && !isMoving)) return 'unlocked'
  return 'notFullyLocked'
}

function doorStateOf ({ doorShut }: LockPins): DoorState {
  if (doorShut === null) return 'unknown'
  return doorShut() ? 'closed' : 'open'
}
