/**
 * A door on a bench: the controller program, a bolt with its contact, storage that keeps what was saved, and the
 * server's end of the link, with the real seals. Times are milliseconds since the door got power.
 */
import { base64url, sha256, utf8 } from '@oncekey/otp/sha256'
import {
  linkKeys, open, openEntry, parseEventRecord, parseEvents, parseHello, parseRequest, parseResult, parseState, seal, sessionOf,
  type DoorState, type EventRecord, type LinkKeys, type LockMode, type LockState, type Request, type ResetReason, type Result, type State
} from '@oncekey/protocol/messages'
import { downTopic, parseTopic, upTopic, type DownName, type UpName } from '@oncekey/protocol/topics'
import { newController, step } from '../step.ts'
import type { Controller } from '../state.ts'
import type { Effect, Event, Facts, Identity, Key, Tone } from '../types.ts'

/** The server's time at which every door of the bench gets power: 21 November 2026, 14:03 UTC. */
export const POWER_ON = 1_795_269_780_000

export type DoorOptions = {
  /** How many locks. Default 1. */
  locks?: number
  /** Default: site `gym`, controller `bank-a`, root key of the bytes 0..31. null = nobody's yet. */
  identity?: Identity | null
  /** What an earlier life saved. */
  saved?: Record<string, string>
  /** A bolt that is slow (ms) or does not move at all (null). Default 300. */
  boltMs?: number | null
  /** What its clock with a battery says at boot. */
  rtc?: { time: number, errorMs: number }
  /** How many records its storage has room for. */
  records?: number
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

type Bolt = { lockState: LockState, doorState: DoorState, settleAt: number | null, to: LockMode }
type Travelling = { topic: string, payload: string }

/** A door that has power, is on line, has its settings, and shows `ready`. */
export function door (options: DoorOptions = {}): Door {
  const made = new Door(options)
  made.boot()
  made.senseAll()
  if (options.offline === true) return made
  made.settings()
  made.online()
  made.ackAll()
  made.wait(3000)
  return made
}

export class Door {
  controller: Controller = newController()
  now = 0
  /** How long a bolt takes, ms; null = it is stuck. */
  boltMs: number | null
  /** Everything that was done, in order. */
  effects: Effect[] = []
  rows: readonly [string, string] = ['', '']
  wakeAt: number | null = null
  saved: Record<string, string>
  bolts: Bolt[]
  /** Only so many effects are still carried out before the power goes; null = all. */
  powerFor: number | null = null
  /** What the program says that it is, from the next boot on. */
  firmware = '1.0'
  epoch = ''
  session = ''
  sentN = 0
  acked = 0
  readonly options: DoorOptions
  readonly identity: Identity
  private readonly keys: LinkKeys
  private draws = 0

  constructor (options: DoorOptions = {}) {
    const { identity = benchIdentity, locks = 1, saved = {}, boltMs = 300 } = options
    this.options = options
    this.identity = identity ?? benchIdentity
    this.keys = linkKeys(this.identity.rootKey, 1)
    this.boltMs = boltMs
    this.saved = { ...saved }
    this.bolts = Array.from({ length: locks }, () => ({ lockState: 'locked', doorState: 'closed', settleAt: null, to: 'lock' }))
  }

  /** Bytes that never come twice on this bench. */
  entropy (bytes: number): Uint8Array {
    this.draws++
    return sha256(utf8('bench ' + String(this.draws))).slice(0, bytes)
  }

  /** One event, now. Gives the effects that were carried out; throws PowerCut where the power goes. */
  step (event: Event): Effect[] {
    this.options.watch?.(this.controller, event, this.now)
    const turn = step(this.controller, event, this.now)
    this.controller = turn.controller
    for (const effect of turn.effects) {
      if (this.powerFor === 0) throw new PowerCut()
      if (this.powerFor !== null) this.powerFor--
      this.effects.push(effect)
      this.carryOut(effect)
    }
    return turn.effects
  }

  boot (reset: ResetReason = 'powerOn'): Effect[] {
    const { identity = benchIdentity, locks = 1, rtc, records } = this.options
    this.now = 0
    this.wakeAt = null
    return this.step({
      is: 'booted', reset, identity, saved: { ...this.saved }, entropy: this.entropy(8), firmware: this.firmware, hardware: 'bench', locks, ...rtc && { rtc }, ...records === undefined ? {} : { records }
    })
  }

  /** Power off and on. What was saved stays; a bolt under way arrives, or stops where it was. */
  reboot (reset: ResetReason = 'powerOn', boltsArrive = true): void {
    this.powerFor = null
    for (const bolt of this.bolts) {
      if (boltsArrive && bolt.settleAt !== null) bolt.lockState = stateAfter(bolt.to)
      bolt.settleAt = null
    }
    this.boot(reset)
    this.senseAll()
  }

  /** The host reads every contact. */
  senseAll (): void {
    for (let lock = 1; lock <= this.bolts.length; lock++) this.sense(lock)
  }

  /** A contact changes, or is only read. */
  sense (lock: number, change: { lockState?: LockState, doorState?: DoorState } = {}): Effect[] {
    const bolt = this.bolt(lock)
    Object.assign(bolt, change)
    return this.step({ is: 'sensed', lock, lockState: bolt.lockState, doorState: bolt.doorState })
  }

  openDoor (lock = 1): Effect[] {
    return this.sense(lock, { doorState: 'open' })
  }

  closeDoor (lock = 1): Effect[] {
    return this.sense(lock, { doorState: 'closed' })
  }

  /** The host measures itself. */
  health (facts: Partial<Facts> = {}): Effect[] {
    return this.step({ is: 'health', millivolts: 0, freeBytes: 100_000, ...facts })
  }

  /** Time passes; timers and bolts do what they do. */
  wait (ms: number): void {
    const end = this.now + ms
    for (;;) {
      const next = Math.min(this.wakeAt ?? Infinity, ...this.bolts.map((bolt) => bolt.settleAt ?? Infinity))
      if (next > end) break
      this.now = Math.max(this.now, next)
      const arrived = this.bolts.findIndex((bolt) => bolt.settleAt !== null && bolt.settleAt <= this.now)
      if (arrived >= 0) {
        const bolt = this.bolt(arrived + 1)
        bolt.settleAt = null
        this.sense(arrived + 1, { lockState: stateAfter(bolt.to) })
      } else {
        this.wakeAt = null
        this.step({ is: 'woke' })
      }
    }
    this.now = end
  }

  type (keys: string): void {
    for (const text of keys) {
      const key = keysOfPad.find((one) => one === text)
      if (key === undefined) throw new RangeError('No such key: ' + text)
      this.step({ is: 'key', key })
    }
  }

  connect (): void {
    this.step({ is: 'connected', entropy: this.entropy(16) })
    this.epoch = this.heardLast('hello', parseHello)?.epoch ?? ''
    this.session = ''
  }

  disconnect (): Effect[] {
    return this.step({ is: 'disconnected' })
  }

  /** The server answers the hello; it has every record up to `acked`. */
  welcome (facts: { lockoutMs?: number, acked?: number, nonce?: string, epoch?: string, time?: number } = {}): Effect[] {
    const nonce = facts.nonce ?? base64url(this.entropy(16))
    const welcome = { epoch: this.epoch, nonce, time: POWER_ON + this.now, lockoutMs: 0, acked: this.acked, ...facts }
    const message = this.sealed('welcome', welcome)
    this.session = sessionOf(welcome.epoch, welcome.nonce) ?? ''
    this.sentN = 0
    return this.deliver(message)
  }

  online (facts: { lockoutMs?: number, acked?: number } = {}): void {
    this.connect()
    this.welcome(facts)
  }

  /** A sealed message of the server, as it travels. */
  sealed (name: DownName, body: object): Travelling {
    const topic = downTopic(this.identity, name)
    return { topic, payload: seal(this.keys.macDown, topic, JSON.stringify(body)) }
  }

  /** The next message of the session, as it travels. */
  message (name: DownName, facts: object): Travelling {
    this.sentN++
    return this.sealed(name, { s: this.session, n: this.sentN, ...facts })
  }

  deliver (message: Travelling): Effect[] {
    return this.step({ is: 'message', ...message })
  }

  say (name: DownName, facts: object): Effect[] {
    return this.deliver(this.message(name, facts))
  }

  settings (change: object = {}): Effect[] {
    return this.deliver(this.sealed('settings', { ...benchSettings, ...change }))
  }

  /** What the server answers to the last question. */
  answerTo (granted: boolean, facts: object = {}): object {
    const { id } = this.question()
    return granted
      ? { id, kind: 'verify', granted, lock: 1, mode: 'unlock', ...facts }
      : { id, kind: 'verify', granted, triesLeft: 2, lockoutMs: 0, ...facts }
  }

  answer (granted: boolean, facts: object = {}): Effect[] {
    return this.say('answer', this.answerTo(granted, facts))
  }

  /** An image is offered; signed by nobody, for the host looks at that. */
  offer (offer: number, facts: object = {}): Effect[] {
    return this.deliver(this.sealed('update', {
      offer, op: 'install', version: '1.1.0', minimum: '1.0.0', hardware: 'bench', size: 4096, sha256: 'A'.repeat(43), key: 'A'.repeat(43), signature: 'A'.repeat(86),
      url: 'https://gym.example/image', ...facts
    }))
  }

  command (id: string, op: 'unlock' | 'lock' | 'clearLockout', facts: object = {}): Effect[] {
    const lock = op === 'clearLockout' ? {} : { lock: 1 }
    return this.say('command', { id, op, expires: POWER_ON + this.now + 10_000, ...lock, ...facts })
  }

  /** The server has every record up to `seq`. */
  ack (seq: number): Effect[] {
    this.acked = seq
    return this.say('ack', { seq })
  }

  /** The server takes and acknowledges records until there are none left. */
  ackAll (): void {
    while (this.controller.ring.records.length > 0) this.ack(Math.max(...this.arrived().map(({ seq }) => seq)))
  }

  /** The last question, with the digits that the server reads in it. */
  question (): Request & { digits: string | null } {
    const request = this.heardLast('request', parseRequest)
    if (request === null) throw new Error('The door asked nothing.')
    return { ...request, digits: request.kind === 'verify' ? openEntry(this.keys.encUp, request.s, request.n, request.entry) : null }
  }

  /** All bodies of one kind that the server opened, in order. */
  heard<Body> (name: UpName, parse: (body: string) => Body | null): Body[] {
    const bodies: Body[] = []
    for (const effect of this.effects) {
      if (effect.do !== 'publish' || parseTopic(effect.topic)?.name !== name) continue
      const text = open(this.keys.macUp, upTopic(this.identity, name), effect.payload)
      const body = text === null ? null : parse(text)
      if (body === null) throw new Error('The server can not read ' + name + ': ' + effect.payload)
      bodies.push(body)
    }
    return bodies
  }

  heardLast<Body> (name: UpName, parse: (body: string) => Body | null): Body | null {
    const bodies = this.heard(name, parse)
    return bodies[bodies.length - 1] ?? null
  }

  /** The records that arrived at the server, each once, in order. */
  arrived (): EventRecord[] {
    const texts = new Set(this.heard('event', parseEvents).flatMap(({ records }) => records))
    return [...texts].map(readRecord)
  }

  /** The records that are stored, oldest first. */
  stored (): EventRecord[] {
    const texts = Object.entries(this.saved).filter(([key]) => key.startsWith('r/')).map(([, text]) => text)
    return texts.map(readRecord).sort((a, b) => a.seq - b.seq)
  }

  /** What the records say that arrived or are still stored, oldest first: "lock.actuated 1 unlock keypad unlocked". */
  log (): string[] {
    const bySeq = new Map<number, EventRecord>()
    for (const record of [...this.arrived(), ...this.stored()]) bySeq.set(record.seq, record)
    return [...bySeq.values()].sort((a, b) => a.seq - b.seq).map(sentence)
  }

  results (): Result[] {
    return this.heard('result', parseResult)
  }

  reported (): State | null {
    return this.heardLast('state', parseState)
  }

  /** How often a bolt was moved, all in all. */
  moves (): number {
    return this.effects.filter((effect) => effect.do === 'bolt').length
  }

  tones (): Tone[] {
    return this.effects.flatMap((effect) => effect.do === 'tone' ? [effect.tone] : [])
  }

  bolt (lock = 1): Bolt {
    const bolt = this.bolts[lock - 1]
    if (bolt === undefined) throw new RangeError('No such lock: ' + String(lock))
    return bolt
  }

  isLocked (lock = 1): boolean {
    return this.bolt(lock).lockState === 'locked'
  }

  /** The display, without the blanks at the ends and without an empty row. */
  get lcd (): string {
    return this.rows.map((row) => row.trimEnd()).filter((row) => row !== '').join(' / ')
  }

  private carryOut (effect: Effect): void {
    if (effect.do === 'show') this.rows = effect.rows
    if (effect.do === 'wake') this.wakeAt = effect.at
    if (effect.do === 'forget') {
      this.saved = {}
      this.wakeAt = null
    }
    if (effect.do === 'save' && effect.value === '') delete this.saved[effect.key]
    if (effect.do === 'save' && effect.value !== '') this.saved[effect.key] = effect.value
    if (effect.do === 'bolt' && this.bolts[effect.lock - 1] !== undefined) {
      const bolt = this.bolt(effect.lock)
      bolt.to = effect.to
      bolt.settleAt = this.boltMs === null ? null : this.now + this.boltMs
    }
  }
}

/** Thrown when the bench's power goes; `reboot` brings it back. */
export class PowerCut extends Error {}

const keysOfPad: readonly Key[] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '#', '*', 'A', 'B', 'C', 'D']

function stateAfter (mode: LockMode): LockState {
  return mode === 'lock' ? 'locked' : 'unlocked'
}

function readRecord (text: string): EventRecord {
  const record = parseEventRecord(text)
  if (record === null) throw new Error('No record: ' + text)
  return record
}

function sentence (record: EventRecord): string {
  switch (record.type) {
    case 'lock.actuated': return [record.type, record.lock, record.mode, record.source, record.lockState].join(' ')
    case 'lock.jammed': return [record.type, record.lock, record.mode, record.source].join(' ')
    case 'door.changed': return [record.type, record.lock, record.doorState, ...record.ended === undefined ? [] : ['ended', record.ended]].join(' ')
    case 'battery.changed': return [record.type, record.level, record.millivolts].join(' ')
    case 'controller.wiped': return record.type
    case 'controller.booted': return [record.type, record.reset].join(' ')
    case 'keypad.lockedOut': return [record.type, record.lockoutMs].join(' ')
    case 'records.overwritten': return [record.type, record.first, record.last].join(' ')
    case 'update.ended': return [record.type, record.offer, record.outcome].join(' ')
  }
}
