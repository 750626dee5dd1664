/**
 * A door on a bench: the controller program, a bolt with its contact, storage that keeps what was saved, and the
 * server's end of the link, with the real seals. Times are milliseconds since the door got power.
 */
import { base64url, utf8 } from '@oncekey/otp/sha256'
import {
  linkKeys, open, openEntry, parseEventRecord, parseEvents, parseHello, parseRequest, parseResult, parseState, seal, sessionOf,
  type DoorState, type EventRecord, type Hello, type LockMode, type LockState, type Request, type ResetReason, type Result, type State
} from '@oncekey/protocol/messages'
import { downTopic, parseTopic, upTopic, type DownName, type UpName } from '@oncekey/protocol/topics'
import { newController, step } from '../step.ts'
import type { Controller } from '../state.ts'
import type { Effect, Event, Identity, Key, Tone } from '../types.ts'

/** The server's time at which every door of the bench gets power: 21 November 2026, 14:03 UTC. */
export const POWER_ON = 1_795_269_780_000

export type Door = ReturnType<typeof door>

export type DoorOptions = {
  /** How many locks. Default 1. */
  locks?: number
  /** Default: site `gym`, controller `bank-a`, root key of the bytes 0..31. null = nobody's yet. */
  identity?: Identity | null
  /** What an earlier life saved. */
  saved?: Record<string, string>
  reset?: ResetReason
  /** A bolt that is slow (ms) or does not move at all (null). Default 300. */
  boltMs?: number | null
  /** Stop at boot: no welcome yet. Default: the door is on line and its contacts were read. */
  offline?: boolean
  /** Called before each step, with the event. */
  watch?: (controller: Controller, event: Event, now: number) => void
}

export const benchIdentity: Identity = { site: 'gym', controller: 'bank-a', rootKey: Uint8Array.from({ length: 32 }, (_, i) => i) }

/** Settings that the server might send. */
export const benchSettings = {
  version: 1, name: 'Bank A', language: 'en', utcOffsetMinutes: 0, wrongCodeEntryLimit: 3, lockoutMs: 120_000, autoRelockMs: 10_000,
  locks: [{ lock: 1, label: 'A07', kind: 'compartment' }, { lock: 2, label: 'A08', kind: 'compartment' }]
}

export function door (options: DoorOptions = {}) {
  const { locks = 1, identity = benchIdentity, reset = 'powerOn', offline = false, watch } = options
  const keys = linkKeys((identity ?? benchIdentity).rootKey, 1)
  const address = identity ?? benchIdentity
  let draws = 0
  const entropy = (bytes: number): Uint8Array => {
    draws++
    return Uint8Array.from({ length: bytes }, (_, i) => (draws * 37 + i * 11 + Object.keys(saved).length * 5) & 255)
  }
  const saved: Record<string, string> = { ...options.saved }
  const boltMs = options.boltMs === undefined ? 300 : options.boltMs

  const self = {
    controller: newController(),
    now: 0,
    /** How long the bolt takes; null = it is stuck. */
    boltMs,
    /** Everything that was done, in order. */
    effects: [] as Effect[],
    rows: ['', ''] as readonly [string, string],
    wakeAt: null as number | null,
    saved,
    bolts: Array.from({ length: locks }, (): { lockState: LockState, doorState: DoorState, settleAt: number | null, to: LockMode } => (
      { lockState: 'locked', doorState: 'closed', settleAt: null, to: 'lock' })),
    /** Only so many effects are still carried out before the power goes; null = all. */
    powerFor: null as number | null,
    epoch: '',
    session: '',
    sentN: 0,
    acked: 0,
    hello: null as Hello | null,

    /** One event, now. Gives the effects that were carried out. */
    step (event: Event): Effect[] {
      watch?.(self.controller, event, self.now)
      const turn = step(self.controller, event, self.now)
      self.controller = turn.controller
      const done: Effect[] = []
      for (const effect of turn.effects) {
        if (self.powerFor === 0) throw new PowerCut()
        if (self.powerFor !== null) self.powerFor--
        done.push(effect)
        self.effects.push(effect)
        carryOut(effect)
      }
      return done
    },
    boot (because: ResetReason = reset): Effect[] {
      self.now = 0
      self.wakeAt = null
      for (const bolt of self.bolts) bolt.settleAt = null
      return self.step({ is: 'booted', reset: because, identity, saved: { ...saved }, entropy: entropy(8), firmware: '1.0', hardware: 'bench', locks })
    },
    /** Power off and on; what was saved stays, and the bolts stay where they are. */
    reboot (because: ResetReason = 'powerOn'): void {
      self.powerFor = null
      self.boot(because)
      self.senseAll()
    },
    senseAll (): void {
      for (let lock = 1; lock <= locks; lock++) self.sense(lock)
    },
    sense (lock: number, change: { lockState?: LockState, doorState?: DoorState } = {}): Effect[] {
      const bolt = self.bolts[lock - 1]!
      Object.assign(bolt, change)
      return self.step({ is: 'sensed', lock, lockState: bolt.lockState, doorState: bolt.doorState })
    },
    openDoor: (lock = 1) => self.sense(lock, { doorState: 'open' }),
    closeDoor: (lock = 1) => self.sense(lock, { doorState: 'closed' }),
    /** Time passes; timers and bolts do what they do. */
    wait (ms: number): void {
      const end = self.now + ms
      for (;;) {
        const next = Math.min(self.wakeAt ?? Infinity, ...self.bolts.map((bolt) => bolt.settleAt ?? Infinity))
        if (next > end) break
        self.now = Math.max(self.now, next)
        const settled = self.bolts.findIndex((bolt) => bolt.settleAt !== null && bolt.settleAt <= self.now)
        if (settled >= 0) {
          const bolt = self.bolts[settled]!
          bolt.settleAt = null
          self.sense(settled + 1, { lockState: bolt.to === 'lock' ? 'locked' : 'unlocked' })
        } else {
          self.wakeAt = null
          self.step({ is: 'woke' })
        }
      }
      self.now = end
    },
    type (keysPressed: string): void {
      for (const key of keysPressed) self.step({ is: 'key', key: keyOf(key) })
    },
    connect (): void {
      self.step({ is: 'connected', entropy: entropy(16) })
      const hello = self.heardLast('hello', parseHello)
      self.hello = hello
      self.epoch = hello?.epoch ?? ''
      self.session = ''
    },
    disconnect: () => self.step({ is: 'disconnected' }),
    /** The server answers the hello; it has every record up to `acked`. */
    welcome (facts: { lockoutMs?: number, acked?: number, nonce?: string, epoch?: string, time?: number } = {}): Effect[] {
      const nonce = facts.nonce ?? base64url(entropy(16))
      const welcome = { epoch: self.epoch, nonce, time: POWER_ON + self.now, lockoutMs: 0, acked: self.acked, ...facts }
      const before = self.controller.link?.session?.s
      const done = self.deliver(self.sealed('welcome', welcome))
      const after = self.controller.link?.session?.s
      if (after !== before) {
        self.session = sessionOf(welcome.epoch, welcome.nonce) ?? ''
        self.sentN = 0
      }
      return done
    },
    online (facts: { lockoutMs?: number, acked?: number } = {}): void {
      self.connect()
      self.welcome(facts)
    },
    /** A sealed message of the server, as it would travel. */
    sealed (name: DownName, body: object): { topic: string, payload: string } {
      const topic = downTopic(address, name)
      return { topic, payload: seal(keys.macDown, topic, JSON.stringify(body)) }
    },
    /** The next message of the session. */
    message (name: DownName, facts: object): { topic: string, payload: string } {
      self.sentN++
      return self.sealed(name, { s: self.session, n: self.sentN, ...facts })
    },
    deliver: (message: { topic: string, payload: string }) => self.step({ is: 'message', ...message }),
    say: (name: DownName, facts: object) => self.deliver(self.message(name, facts)),
    settings: (change: object = {}) => self.deliver(self.sealed('settings', { ...benchSettings, ...change })),
    /** The server answers the last question. */
    answer (granted: boolean, facts: object = {}): Effect[] {
      const { id } = self.question()
      return self.say('answer', granted
        ? { id, kind: 'verify', granted, lock: 1, mode: 'unlock', ...facts }
        : { id, kind: 'verify', granted, triesLeft: 2, lockoutMs: 0, ...facts })
    },
    command: (id: string, op: 'unlock' | 'lock' | 'clearLockout', facts: object = {}) => self.say('command', {
      id, op, expires: POWER_ON + self.now + 10_000, ...(op === 'clearLockout' ? {} : { lock: 1 }), ...facts
    }),
    /** The server has every record that was ever sent. */
    ack (seq = self.controller.ring.seq): Effect[] {
      self.acked = seq
      return self.say('ack', { seq })
    },
    /** The last question, with the digits that the server reads in it. */
    question (): Request & { digits: string | null } {
      const request = self.heardLast('request', parseRequest)
      if (request === null) throw new Error('The door asked nothing.')
      return { ...request, digits: request.kind === 'verify' ? openEntry(keys.encUp, request.s, request.n, request.entry) : null }
    },
    /** All bodies that the server could open, of one kind, in order. */
    heard<Body> (name: UpName, parse: (body: string) => Body | null): Body[] {
      const bodies: Body[] = []
      for (const effect of self.effects) {
        if (effect.do !== 'publish' || parseTopic(effect.topic)?.name !== name) continue
        const text = open(keys.macUp, upTopic(address, name), effect.payload)
        const body = text === null ? null : parse(text)
        if (body === null) throw new Error('The server can not read ' + name + ': ' + effect.payload)
        bodies.push(body)
      }
      return bodies
    },
    heardLast<Body> (name: UpName, parse: (body: string) => Body | null): Body | null {
      const bodies = self.heard(name, parse)
      return bodies[bodies.length - 1] ?? null
    },
    /** The records that arrived at the server, each once, in order. */
    arrived (): EventRecord[] {
      const bySeq = new Map<string, EventRecord>()
      for (const { records } of self.heard('event', parseEvents)) {
        for (const text of records) {
          const record = parseEventRecord(text)
          if (record === null) throw new Error('No record: ' + text)
          bySeq.set(text, record)
        }
      }
      return [...bySeq.values()]
    },
    /** The records that are stored, oldest first. */
    stored (): EventRecord[] {
      const found: EventRecord[] = []
      for (const [key, text] of Object.entries(saved)) {
        const record = key.startsWith('r/') ? parseEventRecord(text) : null
        if (record !== null) found.push(record)
      }
      return found.sort((a, b) => a.seq - b.seq)
    },
    results: (): Result[] => self.heard('result', parseResult),
    reported: (): State | null => self.heardLast('state', parseState),
    /** How often a bolt was moved, all in all. */
    moves: (): number => self.effects.filter((effect) => effect.do === 'bolt').length,
    tones: (): Tone[] => self.effects.flatMap((effect) => effect.do === 'tone' ? [effect.tone] : []),
    isLocked: (lock = 1): boolean => self.bolts[lock - 1]!.lockState === 'locked',
    /** The display, without the blanks at the ends. */
    get lcd (): string {
      return self.rows.map((row) => row.trimEnd()).join(' / ')
    }
  }

  function carryOut (effect: Effect): void {
    switch (effect.do) {
      case 'show': self.rows = effect.rows; return
      case 'wake': self.wakeAt = effect.at; return
      case 'save':
        if (effect.value === '') delete saved[effect.key]
        else saved[effect.key] = effect.value
        return
      case 'bolt': {
        const bolt = self.bolts[effect.lock - 1]!
        bolt.to = effect.to
        bolt.settleAt = self.boltMs === null ? null : self.now + self.boltMs
        return
      }
      case 'tone':
      case 'publish':
    }
  }

  self.boot()
  self.senseAll()
  if (!offline) {
    self.settings()
    self.online()
    self.ack()
    self.wait(3000)
  }
  return self
}

/** Thrown when the bench's power goes; `reboot` brings it back. */
export class PowerCut extends Error {}

const keysOfPad: readonly Key[] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '#', '*', 'A', 'B', 'C', 'D']

function keyOf (text: string): Key {
  const key = keysOfPad.find((one) => one === text)
  if (key === undefined) throw new RangeError('No such key: ' + text)
  return key
}

/** The bytes of a text; for entropy in tests. */
export const bytesOf = utf8
