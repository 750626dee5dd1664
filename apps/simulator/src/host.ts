/**
 * The host of the controller program: feeds events to `step` and carries its effects out, in order, on
 * whatever ports it was given. All decisions are the program's; all that moves, sounds and travels is
 * here. Power cuts are honest: what was not saved is gone, and effects that were not reached never happen.
 */
import { newController, step, willOf } from '@oncekey/controller'
import type { Controller, Effect, Event, Facts, Identity, Key, Tone } from '@oncekey/controller'
import { brokerPassword, type Hmac, type LockMode, type ResetReason } from '@oncekey/protocol/messages'
import { downFilter } from '@oncekey/protocol/topics'
import { drive, halt, newSteel, pry, read, setDoor, setJam, TRAVEL_MS, type Steel } from './hardware.ts'
import type { Clock, Entropy, Link, Login, Storage } from './ports.ts'

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
}

export type Host = {
  readonly rows: readonly [string, string]
  readonly steel: Steel
  readonly powered: boolean
  readonly network: boolean
  readonly connected: boolean
  readonly identity: Identity | null
  key: (key: Key) => void
  /** Gives a message to the program as if the broker had sent it. */
  inject: (topic: string, payload: string) => void
  /** Shows a claim code until `adopt`. */
  unclaimed: (claimCode: string) => void
  /** Somebody claimed it: boots again with an identity. */
  adopt: (identity: Identity) => void
  powerOn: (reset?: ResetReason) => void
  powerOff: () => void
  plugNetwork: () => void
  pullNetwork: () => void
  /** Returns whether the door is now as wished: a locked one does not open. */
  moveDoor: (lock: number, door: 'open' | 'closed') => boolean
  jam: (lock: number, jammed: boolean) => void
  /** Opens a door by force, whatever its bolt does. */
  force: (lock: number) => void
  /** What the box would measure of itself: its battery, its network. */
  measure: (facts: Facts) => void
  /** Somebody at the box makes it forget everything, its owner too. It starts anew, as nobody's. */
  factoryReset: () => void
}

const blank: readonly [string, string] = [' '.repeat(16), ' '.repeat(16)]

/** Builds the door, without power. Nothing happens before `powerOn`. */
export function newHost (ports: HostPorts): Host {
  const { clock, link, storage, entropy, hmac } = ports
  const watcher = ports.watcher ?? {}
  const firmware = ports.firmware ?? '0.1.0'
  const hardware = ports.hardware ?? 'simulator'
  let identity = ports.identity
  let controller: Controller = newController(hmac)
  let steel = ports.steel ?? newSteel(ports.locks)
  let rows = blank
  let powered = false
  let network = true
  let connected = false
  let bootedAt = 0
  let wake: (() => void) | null = null
  const travels = new Map<number, () => void>()
  /** Rises at every boot and power cut, so that what an earlier life began can not reach into a later one. */
  let life = 0
  const waiting: Event[] = []
  let busy = false

  return {
    get rows () { return rows },
    get steel () { return steel },
    get powered () { return powered },
    get network () { return network },
    get connected () { return connected },
    get identity () { return identity },
    key: (key) => feed({ is: 'key', key }),
    inject: (topic, payload) => feed({ is: 'message', topic, payload }),
    unclaimed: (claimCode) => feed({ is: 'unclaimed', claimCode }),
    adopt (owner) {
      powerOff()
      identity = owner
      powerOn('software')
    },
    powerOn,
    powerOff,
    plugNetwork () {
      if (network) return
      network = true
      connect()
      changed()
    },
    pullNetwork () {
      if (!network) return
      network = false
      disconnect()
      changed()
    },
    moveDoor (lock, door) {
      const before = read(steel, lock, clock.now())?.doorState
      steel = setDoor(steel, lock, door, clock.now())
      const reading = read(steel, lock, clock.now())
      if (reading !== null && reading.doorState !== before) sense(lock)
      changed()
      return reading?.doorState === door
    },
    jam (lock, jammed) {
      steel = setJam(steel, lock, jammed, clock.now())
      changed()
    },
    force (lock) {
      steel = pry(steel, lock)
      sense(lock)
      changed()
    },
    measure: (facts) => feed({ is: 'health', ...facts }),
    factoryReset: () => feed({ is: 'factoryReset' })
  }

  function powerOn (reset: ResetReason = 'powerOn'): void {
    if (powered) return
    powered = true
    life++
    bootedAt = clock.now()
    controller = newController(hmac)
    feed({ is: 'booted', reset, identity, saved: storage.load(), entropy: entropy(8), firmware, hardware, locks: ports.locks })
    for (const { lock } of steel.locks) sense(lock)
    connect()
    changed()
  }

  function powerOff (): void {
    if (!powered) return
    powered = false
    life++
    wake?.()
    wake = null
    for (const cancel of travels.values()) cancel()
    travels.clear()
    waiting.length = 0
    connected = false
    link.drop()
    steel = halt(steel, clock.now())
    rows = blank
    changed()
  }

  function connect (): void {
    if (!powered || !network || identity === null) return
    const mine = life
    link.open(loginOf(identity, hmac), {
      connected () {
        if (mine !== life || !network) return
        connected = true
        feed({ is: 'connected', entropy: entropy(16) })
        changed()
      },
      disconnected () {
        if (mine !== life || !connected) return
        connected = false
        feed({ is: 'disconnected' })
        changed()
      },
      message (topic, payload) {
        if (mine !== life || !connected) return
        watcher.passed?.({ at: Date.now(), direction: 'down', topic, payload, retain: false })
        feed({ is: 'message', topic, payload })
      }
    })
  }

  function disconnect (): void {
    link.drop()
    if (!connected) return
    connected = false
    feed({ is: 'disconnected' })
  }

  /** One event at a time, in order of arrival, also when carrying out an effect brings the next one. */
  function feed (event: Event): void {
    if (!powered) return
    waiting.push(event)
    if (busy) return
    busy = true
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const turn = step(controller, next, clock.now() - bootedAt)
        controller = turn.controller
        const mine = life
        for (const effect of turn.effects) {
          watcher.before?.(effect)
          if (mine !== life) break
          carryOut(effect)
        }
      }
    } finally {
      busy = false
    }
  }

  function carryOut (effect: Effect): void {
    switch (effect.do) {
      case 'show':
        rows = effect.rows
        return changed()
      case 'tone':
        return watcher.tone?.(effect.tone)
      case 'bolt':
        return move(effect.lock, effect.to)
      case 'publish':
        if (!connected) return
        watcher.passed?.({ at: Date.now(), direction: 'up', topic: effect.topic, payload: effect.payload, retain: effect.retain })
        return link.publish(effect.topic, effect.payload, effect.qos, effect.retain)
      case 'save':
        return storage.set(effect.key, effect.value)
      case 'forget':
        return forget()
      case 'wake':
        wake?.()
        wake = effect.at === null ? null : clock.at(bootedAt + effect.at, () => { wake = null; feed({ is: 'woke' }) })
    }
  }

  function forget (): void {
    for (const key of Object.keys(storage.load())) storage.set(key, '')
    powerOff()
    identity = null
    powerOn('software')
  }

  function move (lock: number, to: LockMode): void {
    steel = drive(steel, lock, to, clock.now())
    changed()
    travels.get(lock)?.()
    travels.set(lock, clock.at(clock.now() + TRAVEL_MS, () => {
      travels.delete(lock)
      sense(lock)
      changed()
    }))
  }

  function sense (lock: number): void {
    const reading = read(steel, lock, clock.now())
    if (reading !== null) feed({ is: 'sensed', ...reading })
  }

  function changed (): void {
    watcher.changed?.()
  }
}

/** How this controller logs in: its id is user name and client id, the password is derived from its root key. */
export function loginOf (identity: Identity, hmac?: Hmac): Login {
  return {
    clientId: identity.controller,
    username: identity.controller,
    password: brokerPassword(identity.rootKey, 1, hmac),
    will: willOf(identity),
    filter: downFilter(identity)
  }
}
