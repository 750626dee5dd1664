import { newController, step, willOf, type Controller, type Effect, type Event, type Facts, type Identity, type Key, type Offered } from '@oncekey/controller'
import { brokerPassword, downloadToken, type Hmac, type ResetReason } from '@oncekey/protocol/messages'
import { downFilter } from '@oncekey/protocol/topics'
import type { Login, Reading, RunnerPorts } from './ports.ts'

/** What somebody who watches is told. All optional. */
export type Watcher = {
  /** Power, network or connection is another. */
  changed?: () => void
  /** A message as it travels, sealed. */
  passed?: (direction: 'up' | 'down', topic: string, payload: string, retain: boolean) => void
  /** Called before each effect is carried out; a power cut in here keeps it from happening. */
  before?: (effect: Effect) => void
  /** Storage failed: everything stands still until the next `powerOn`. */
  broken?: (error: unknown) => void
}

export type Runner = {
  readonly powered: boolean
  readonly network: boolean
  readonly connected: boolean
  readonly identity: Identity | null
  /** The version that runs, or ran last. */
  readonly firmware: string
  key: (key: Key) => void
  /** Gives a message to the program as if the broker had sent it. */
  inject: (topic: string, payload: string) => void
  /** Shows a claim code until `adopt`. */
  unclaimed: (claimCode: string) => void
  /** Somebody claimed it: boots again with an identity. */
  adopt: (identity: Identity) => void
  /** What the box measured of itself, about once a minute. */
  measure: (facts: Facts) => void
  /** Somebody at the box did what makes it forget everything. */
  factoryReset: () => void
  powerOn: (reset?: ResetReason) => void
  powerOff: () => void
  plugNetwork: () => void
  pullNetwork: () => void
}

/** What the display says when nothing can be remembered any more: no bolt moves then. */
const failed: readonly [string, string] = ['Storage failed  ', 'Call operator   ']

/**
 * Runs the controller program on whatever ports it was given: feeds it events one at a time and carries its effects
 * out in order. All decisions are the program's. A `save` is durable before the next effect starts, and one that fails
 * ends everything: a box that can not remember does not open. Nothing happens before `powerOn`.
 */
export function newRunner (ports: RunnerPorts, watcher: Watcher = {}): Runner {
  const { clock, link, storage, entropy, parts, hmac, programs, rtc } = ports
  let identity = ports.identity
  let { firmware } = ports
  let controller: Controller = newController(hmac)
  let powered = false
  let network = true
  let connected = false
  let bootedAt = 0
  let wake: (() => void) | null = null
  /** Rises at every boot and power cut, so that what an earlier life began can not reach into a later one. */
  let life = 0
  let waiting: Event[] = []
  let busy = false

  return {
    get powered () { return powered },
    get network () { return network },
    get connected () { return connected },
    get identity () { return identity },
    get firmware () { return firmware },
    key,
    inject: (topic, payload) => feed({ is: 'message', topic, payload }),
    unclaimed: (claimCode) => feed({ is: 'unclaimed', claimCode }),
    adopt (owner) {
      powerOff()
      identity = owner
      powerOn('software')
    },
    measure: (facts) => feed({ is: 'health', ...facts }),
    factoryReset: () => feed({ is: 'factoryReset' }),
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
    }
  }

  function powerOn (reset: ResetReason = 'powerOn'): void {
    if (powered) return
    powered = true
    const mine = ++life
    bootedAt = clock.now()
    controller = newController(hmac)
    const started = programs?.start() ?? { firmware: ports.firmware, trial: false, runs: true }
    firmware = started.firmware
    if (!started.runs) return changed()
    parts.on({ key, sensed })
    const saved = attempt(() => storage.load())
    if (saved === null) return
    feed({ is: 'booted', reset: started.trial ? 'update' : reset, identity, saved, entropy: entropy(8), firmware, hardware: ports.hardware, locks: ports.locks, ...(rtc === undefined ? {} : { rtc: rtc.read() }), ...(ports.records === undefined ? {} : { records: ports.records }) })
    for (const reading of mine === life ? parts.read() : []) sensed(reading)
    if (mine === life) connect()
    changed()
  }

  function powerOff (): void {
    if (!powered) return
    powered = false
    life++
    wake?.()
    wake = null
    waiting = []
    connected = false
    link.drop()
    programs?.stop()
    parts.off()
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
        watcher.passed?.('down', topic, payload, false)
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

  function key (pressed: Key): void {
    feed({ is: 'key', key: pressed })
  }

  function sensed (reading: Reading): void {
    feed({ is: 'sensed', ...reading })
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
          if (mine !== life) break
        }
      }
    } finally {
      busy = false
    }
  }

  function carryOut (effect: Effect): void {
    switch (effect.do) {
      case 'show': return parts.show(effect.rows)
      case 'tone': return parts.tone(effect.tone)
      case 'bolt': return parts.move(effect.lock, effect.to)
      case 'publish':
        if (!connected) return
        watcher.passed?.('up', effect.topic, effect.payload, effect.retain)
        return link.publish(effect.topic, effect.payload, effect.qos, effect.retain)
      case 'save':
        attempt(() => {
          storage.set(effect.key, effect.value)
          return true
        })
        return
      case 'fetch': return fetchImage(effect.image)
      case 'restart':
        if (programs?.prepare(effect.into) === true) programs.restart()
        return
      case 'keep': return programs?.keep()
      case 'setRtc': return rtc?.set(effect.time)
      case 'forget': return forget()
      case 'wake':
        wake?.()
        wake = effect.at === null ? null : clock.at(bootedAt + effect.at, () => { wake = null; feed({ is: 'woke' }) })
    }
  }

  function fetchImage (image: Offered | null): void {
    if (identity === null || programs === undefined) {
      if (image !== null) feed({ is: 'fetched', offer: image.offer, fault: 'noRoom' })
      return
    }
    const mine = life
    programs.fetch(image, image === null ? '' : downloadToken(identity.rootKey, 1, image.offer, hmac), (fault) => {
      if (mine === life && image !== null) feed({ is: 'fetched', offer: image.offer, fault })
    })
  }

  /** What it remembers goes first: an owner without a memory starts well, a memory without its owner does not. */
  function forget (): void {
    const mine = life
    attempt(() => {
      for (const key of Object.keys(storage.load())) storage.set(key, '')
      ports.disown?.()
      return true
    })
    if (mine !== life) return
    powerOff()
    identity = null
    powerOn('software')
  }

  /** What the program knows and what is stored are two things from the moment a save fails: as after a power cut, nothing may follow. */
  function attempt<Result> (work: () => Result): Result | null {
    try {
      return work()
    } catch (error) {
      powerOff()
      parts.show(failed)
      watcher.broken?.(error)
      return null
    }
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
