/**
 * The host of a simulated door: the controller program on parts of simulated steel. Power cuts are honest: what was
 * not saved is gone, and effects that were not reached never happen.
 */
import type { Effect, Identity, Tone } from '@oncekey/controller'
import { newRunner, type Hearing, type Link, type Programs, type Runner } from '@oncekey/host'
import type { Hmac, LockMode, ResetReason } from '@oncekey/protocol/messages'
import { drive, halt, newSteel, pry, read, setDoor, setJam, TRAVEL_MS, type Steel } from './hardware.ts'
import type { Clock, Entropy, Storage } from './ports.ts'
import type { MakeUpdater } from './updates.ts'

/** One message that passed, as it travelled. */
export type Passed = { at: number, direction: 'up' | 'down', topic: string, payload: string, retain: boolean }

/** What somebody who watches the door is told. All optional. */
export type Watcher = {
  /** Something that can be seen has changed: display, bolt, door, switches. */
  changed?: () => void
  tone?: (tone: Tone) => void
  passed?: (message: Passed) => void
  /** Called before each effect is carried out; a power cut in here keeps it from happening. */
  before?: (effect: Effect) => void
}

export type HostPorts = {
  /** null: nobody has claimed this controller yet. */
  identity: Identity | null
  /** How many locks hang on it, 1..999. */
  locks: number
  link: Link
  storage: Storage
  clock: Clock
  entropy: Entropy
  /** The steel as it was left; a new bank when absent. */
  steel?: Steel
  firmware?: string
  hardware?: string
  /** A faster HMAC-SHA-256 where the platform has one. */
  hmac?: Hmac
  watcher?: Watcher
  /** Two slots for programs; absent: there is no room for another program. */
  updates?: MakeUpdater
}

export type Host = Runner & {
  readonly rows: readonly [string, string]
  readonly steel: Steel
  /** Returns whether the door is now as wished: a locked one does not open. */
  moveDoor: (lock: number, door: 'open' | 'closed') => boolean
  jam: (lock: number, jammed: boolean) => void
  /** Opens a door by force, whatever its bolt does. */
  force: (lock: number) => void
}

const blank: readonly [string, string] = [' '.repeat(16), ' '.repeat(16)]

/** Builds the door, without power. Nothing happens before `powerOn`. */
export function newHost (ports: HostPorts): Host {
  const { clock } = ports
  const watcher = ports.watcher ?? {}
  let steel = ports.steel ?? newSteel(ports.locks)
  let rows = blank
  let hearing: Hearing | null = null
  const firmware = ports.firmware ?? '0.1.0'
  /** What the running program does wrong, on purpose. */
  let isDeaf = false
  const travels = new Map<number, () => void>()

  const runner: Runner = newRunner({
    ...ports,
    link: { ...ports.link, open (login, listener) { if (!isDeaf) ports.link.open(login, listener) } },
    firmware,
    hardware: ports.hardware ?? 'simulator',
    ...(ports.updates === undefined ? {} : { programs: programsOf(ports.updates) }),
    parts: {
      on (hear) { hearing = hear },
      off () {
        hearing = null
        for (const cancel of travels.values()) cancel()
        travels.clear()
        steel = halt(steel, clock.now())
        rows = blank
      },
      show (next) {
        rows = next
        changed()
      },
      tone: (tone) => watcher.tone?.(tone),
      move,
      read: () => steel.locks.flatMap(({ lock }) => read(steel, lock, clock.now()) ?? [])
    }
  }, {
    changed,
    passed: (direction, topic, payload, retain) => watcher.passed?.({ at: Date.now(), direction, topic, payload, retain }),
    before: (effect) => watcher.before?.(effect)
  })

  return {
    ...runner,
    get rows () { return rows },
    get steel () { return steel },
    get powered () { return runner.powered },
    get network () { return runner.network },
    get connected () { return runner.connected },
    get identity () { return runner.identity },
    get firmware () { return runner.firmware },
    moveDoor (lock, door) {
      const before = read(steel, lock, clock.now())?.doorState
      steel = setDoor(steel, lock, door, clock.now())
      const reading = read(steel, lock, clock.now())
      if (reading !== null && reading.doorState !== before) hearing?.sensed(reading)
      changed()
      return reading?.doorState === door
    },
    force (lock) {
      steel = pry(steel, lock)
      const reading = read(steel, lock, clock.now())
      if (reading !== null) hearing?.sensed(reading)
      changed()
    },
    jam (lock, jammed) {
      steel = setJam(steel, lock, jammed, clock.now())
      changed()
    }
  }

  function programsOf (make: MakeUpdater): Programs {
    const updater = make(firmware, { storage: ports.storage, clock, restart: () => restart('watchdog') })
    return {
      ...updater,
      start () {
        const { deaf, hangs, ...started } = updater.start()
        isDeaf = deaf
        return { ...started, runs: !hangs }
      },
      restart: () => restart('update')
    }
  }

  function restart (reset: ResetReason): void {
    runner.powerOff()
    runner.powerOn(reset)
  }

  function move (lock: number, to: LockMode): void {
    steel = drive(steel, lock, to, clock.now())
    changed()
    travels.get(lock)?.()
    travels.set(lock, clock.at(clock.now() + TRAVEL_MS, () => {
      travels.delete(lock)
      const reading = read(steel, lock, clock.now())
      if (reading !== null) hearing?.sensed(reading)
      changed()
    }))
  }

  function changed (): void {
    watcher.changed?.()
  }
}
