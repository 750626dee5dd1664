/**
 * One simulated door as a test, a script or a demonstration holds it: keys to press, doors to pull, plugs
 * to draw, and everything that can be seen and heard.
 */
import type { Effect, Facts, Identity, Key, Tone } from '@oncekey/controller'
import type { Hmac, ResetReason } from '@oncekey/protocol/messages'
import { look, totalMoves, type LockView, type Steel } from './hardware.ts'
import { newHost, type Passed } from './host.ts'
import type { MakeUpdater } from './updates.ts'
import { memoryStorage, realClock, realEntropy, type Clock, type Entropy, type Link, type Storage } from './ports.ts'

export type DoorOptions = {
  /** null: a controller that nobody has claimed; see `unclaimed` and `adopt`. */
  identity: Identity | null
  /** `withFaults` makes it a bad one. */
  link: Link
  /** How many locks, 1..999. One when absent. */
  locks?: number
  clock?: Clock
  entropy?: Entropy
  storage?: Storage
  steel?: Steel
  firmware?: string
  hardware?: string
  hmac?: Hmac
  /** Two slots for programs, e.g. `nodeUpdates()`; absent: updates find no room. */
  updates?: MakeUpdater
  /** Why it starts; `powerOn` when absent. */
  reset?: ResetReason
  /** Sees every message as it travels, sealed. */
  tap?: (message: Passed) => void
  onChange?: () => void
  onTone?: (tone: Tone) => void
  /** Called before each effect; a `cutPower` in here keeps it from happening. */
  onEffect?: (effect: Effect) => void
  /** How many messages `heard` keeps; 2,000 when absent. */
  remember?: number
}

export type SimulatedDoor = {
  /** Presses keys one after the other: '123456#'. Spaces are skipped. Throws on what is no key. */
  type: (keys: string) => void
  /** The display: two rows of 16 characters; blank without power. */
  rows: () => readonly [string, string]
  /** Throws when there is no such lock. */
  lock: (lock: number) => LockView
  locks: () => LockView[]
  /** Returns whether it is open now: a locked door does not open. */
  openDoor: (lock: number) => boolean
  closeDoor: (lock: number) => boolean
  cutNetwork: () => void
  restoreNetwork: () => void
  cutPower: () => void
  restorePower: (reset?: ResetReason) => void
  jam: (lock: number, jammed: boolean) => void
  /** Opens a door by force, whatever its bolt does. */
  force: (lock: number) => void
  /** What the box would measure of itself: battery (mV), network, temperature. */
  measure: (facts: Partial<Facts>) => void
  /** Somebody at the box makes it forget everything, its owner too. */
  factoryReset: () => void
  /** Bolt movements so far, over all locks. */
  readonly moves: number
  /** Bolts and doors as they stand, to be kept over a restart of the program. */
  readonly steel: Steel
  readonly powered: boolean
  readonly network: boolean
  /** Logged in at the broker and subscribed. */
  readonly connected: boolean
  /** The version that runs, or ran last. */
  readonly firmware: string
  /** Every message that passed, oldest first, as it travelled. */
  readonly heard: readonly Passed[]
  readonly tones: readonly Tone[]
  /** Gives the program a message as if the broker had sent it: for replays. */
  inject: (topic: string, payload: string) => void
  /** Sends anything under this controller's own login: for attacks. */
  publish: (topic: string, payload: string, qos?: 0 | 1, retain?: boolean) => void
  unclaimed: (claimCode: string) => void
  adopt: (identity: Identity) => void
  /** Resolves when the predicate holds, looked at whenever something changes; rejects after `ms` saying what the display shows. */
  until: (predicate: (door: SimulatedDoor) => boolean, ms?: number) => Promise<void>
  /** Pulls power and network for good. */
  stop: () => void
}

const keys: readonly Key[] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '#', '*', 'A', 'B', 'C', 'D']

/** Puts power on a new door and lets it run until `stop`. */
export function simulateDoor (options: DoorOptions): SimulatedDoor {
  const clock = options.clock ?? realClock()
  const link = options.link
  const remember = options.remember ?? 2000
  const heard: Passed[] = []
  const tones: Tone[] = []
  const watchers = new Set<() => void>()
  const host = newHost({
    identity: options.identity,
    locks: options.locks ?? 1,
    link,
    clock,
    storage: options.storage ?? memoryStorage(),
    entropy: options.entropy ?? realEntropy,
    ...(options.steel === undefined ? {} : { steel: options.steel }),
    ...(options.firmware === undefined ? {} : { firmware: options.firmware }),
    ...(options.hardware === undefined ? {} : { hardware: options.hardware }),
    ...(options.updates === undefined ? {} : { updates: options.updates }),
    ...(options.hmac === undefined ? {} : { hmac: options.hmac }),
    watcher: {
      changed,
      tone (tone) {
        keep(tones, tone)
        options.onTone?.(tone)
        changed()
      },
      passed (message) {
        keep(heard, message)
        options.tap?.(message)
        changed()
      },
      before: (effect) => options.onEffect?.(effect)
    }
  })

  const door: SimulatedDoor = {
    type (text) {
      for (const char of text) {
        if (char === ' ') continue
        const key = keys.find((one) => one === char.toUpperCase())
        if (key === undefined) throw new Error(`'${char}' is no key. Keys: ${keys.join(' ')}`)
        host.key(key)
      }
    },
    rows: () => host.rows,
    lock (lock) {
      const view = door.locks().find((one) => one.lock === lock)
      if (view === undefined) throw new Error(`There is no lock ${lock}.`)
      return view
    },
    locks: () => look(host.steel, clock.now()),
    openDoor: (lock) => host.moveDoor(lock, 'open'),
    closeDoor: (lock) => host.moveDoor(lock, 'closed'),
    cutNetwork: host.pullNetwork,
    restoreNetwork: host.plugNetwork,
    cutPower: host.powerOff,
    restorePower: host.powerOn,
    jam: host.jam,
    force: host.force,
    measure: (facts) => host.measure({ millivolts: 0, freeBytes: 0, ...facts }),
    factoryReset: host.factoryReset,
    get moves () { return totalMoves(host.steel) },
    get steel () { return host.steel },
    get powered () { return host.powered },
    get network () { return host.network },
    get connected () { return host.connected },
    get firmware () { return host.firmware },
    heard,
    tones,
    inject: host.inject,
    publish: (topic, payload, qos = 1, retain = false) => link.publish(topic, payload, qos, retain),
    unclaimed: host.unclaimed,
    adopt: host.adopt,
    until,
    stop () {
      host.powerOff()
      link.drop()
      watchers.clear()
    }
  }
  host.powerOn(options.reset ?? 'powerOn')
  return door

  function until (predicate: (door: SimulatedDoor) => boolean, ms = 5000): Promise<void> {
    if (predicate(door)) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        watchers.delete(look)
        reject(new Error(`Waited ${ms} ms in vain. The display shows '${door.rows().join(' / ')}', connected: ${door.connected}.`))
      }, ms)
      function look (): void {
        if (!predicate(door)) return
        clearTimeout(late)
        watchers.delete(look)
        resolve()
      }
      watchers.add(look)
    })
  }

  function keep<T> (list: T[], one: T): void {
    list.push(one)
    if (list.length > remember) list.shift()
  }

  function changed (): void {
    options.onChange?.()
    for (const look of [...watchers]) look()
  }
}
