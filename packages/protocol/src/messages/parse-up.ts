import { fields, int, json, list, moment, text, word, type Fields } from './read.ts'
import type {
  CommandStatus, ControllerMode, DoorState, EventFact, EventRecord, Events, Health, Hello, InSession, LockMode, LockReport,
  LockState, Request, ResetReason, Result, ClockTrust, Source, State, TimeQuestion
} from './types.ts'

export const lockStates: readonly LockState[] = ['notFullyLocked', 'locked', 'unlocked', 'unknown']
export const doorStates: readonly DoorState[] = ['open', 'closed', 'jammed', 'forcedOpen', 'ajar', 'unknown']
export const resetReasons: readonly ResetReason[] = ['powerOn', 'brownOut', 'watchdog', 'software', 'update', 'unknown']
export const lockModes: readonly LockMode[] = ['lock', 'unlock']
const clockTrusts: readonly ClockTrust[] = ['none', 'persisted', 'rtc', 'synced']
const modes: readonly ControllerMode[] = ['starting', 'ready', 'lockedOut', 'offline']
const sources: readonly Source[] = ['keypad', 'remote', 'auto', 'manual', 'offlineCode']
const statuses: readonly CommandStatus[] = ['succeeded', 'failed', 'expired']

/** Longest lock number; 0 stands for "not chosen" where a message allows it. */
export const MAX_LOCK = 999
/** Longest lockout or delay that a message may carry: a day, in ms. */
export const MAX_MS = 86_400_000
/** Counters stay within 31 bits. */
export const MAX_N = 2_147_483_647

/** Session and counter of a body; null when they are missing or malformed. */
export function parseInSession (f: Fields): InSession | null {
  const s = text(f.get('s'), 43)
  const n = int(f.get('n'), 1, MAX_N)
  return s === null || s.length !== 43 || n === null ? null : { s, n }
}

/** Body of up/hello. */
export function parseHello (body: string): Hello | null {
  const f = fields(json(body))
  const events = fields(f?.get('events'))
  const clock = fields(f?.get('clock'))
  if (f === null || events === null || clock === null || f.get('v') !== 1) return null
  const firmware = text(f.get('firmware'), 64)
  const hardware = text(f.get('hardware'), 64)
  const locks = int(f.get('locks'), 1, MAX_LOCK)
  const abilities = list(f.get('abilities'), 16, (one) => text(one, 32))
  const bootId = text(f.get('bootId'), 32)
  const reset = word(f.get('reset'), resetReasons)
  const epoch = text(f.get('epoch'), 22)
  const settingsVersion = int(f.get('settingsVersion'), 0, MAX_N)
  const first = int(events.get('first'), 0, MAX_N)
  const last = int(events.get('last'), 0, MAX_N)
  const head = text(events.get('head'), 22)
  const trust = word(clock.get('trust'), clockTrusts)
  const errorMs = int(clock.get('errorMs'), 0, MAX_N)
  if (firmware === null || hardware === null || locks === null || abilities === null || bootId === null || reset === null ||
    epoch === null || epoch.length !== 22 || settingsVersion === null || first === null || last === null || head === null ||
    trust === null || errorMs === null) return null
  return { v: 1, firmware, hardware, locks, abilities, bootId, reset, epoch, settingsVersion, events: { first, last, head }, clock: { trust, errorMs } }
}

/** Body of up/state. */
export function parseState (body: string): State | null {
  const f = fields(json(body))
  const session = f === null ? null : parseInSession(f)
  if (f === null || session === null) return null
  const mode = word(f.get('mode'), modes)
  const locks = list(f.get('locks'), MAX_LOCK, parseLockReport)
  const millivolts = int(f.get('millivolts'), 0, 100_000)
  const lockoutMs = int(f.get('lockoutMs'), 0, MAX_MS)
  if (mode === null || locks === null || millivolts === null || lockoutMs === null) return null
  return { ...session, mode, locks, millivolts, lockoutMs }
}

function parseLockReport (value: unknown): LockReport | null {
  const f = fields(value)
  const lock = int(f?.get('lock'), 1, MAX_LOCK)
  const lockState = word(f?.get('lockState'), lockStates)
  const doorState = word(f?.get('doorState'), doorStates)
  return lock === null || lockState === null || doorState === null ? null : { lock, lockState, doorState }
}

/** Body of up/event; the records stay texts, because their bytes are what the chain covers. */
export function parseEvents (body: string): Events | null {
  const f = fields(json(body))
  const session = f === null ? null : parseInSession(f)
  const records = list(f?.get('records'), 32, (one) => text(one, 1024))
  return session === null || records === null || records.length === 0 ? null : { ...session, records }
}

/** One record of up/event. */
export function parseEventRecord (record: string): EventRecord | null {
  const f = fields(json(record))
  if (f === null) return null
  const seq = int(f.get('seq'), 1, MAX_N)
  const bootId = text(f.get('bootId'), 32)
  const time = moment(f.get('time'))
  const trust = word(f.get('trust'), clockTrusts)
  const prev = text(f.get('prev'), 22)
  const fact = parseFact(f)
  if (seq === null || bootId === null || time === null || trust === null || prev === null || fact === null) return null
  return { seq, bootId, time, trust, prev, ...fact }
}

function parseFact (f: Fields): EventFact | null {
  const type = f.get('type')
  const lock = int(f.get('lock'), 1, MAX_LOCK)
  if (type === 'controller.booted') {
    const reset = word(f.get('reset'), resetReasons)
    return reset === null ? null : { type, reset }
  }
  if (type === 'keypad.lockedOut') {
    const lockoutMs = int(f.get('lockoutMs'), 0, MAX_MS)
    return lockoutMs === null ? null : { type, lockoutMs }
  }
  if (type === 'records.overwritten') {
    const first = int(f.get('first'), 1, MAX_N)
    const last = int(f.get('last'), 1, MAX_N)
    return first === null || last === null ? null : { type, first, last }
  }
  if (lock === null) return null
  if (type === 'door.changed') {
    const doorState = word(f.get('doorState'), doorStates)
    return doorState === null ? null : { type, lock, doorState }
  }
  const mode = word(f.get('mode'), lockModes)
  const source = word(f.get('source'), sources)
  const ref = text(f.get('ref'), 64)
  if (mode === null || source === null || ref === null) return null
  if (type === 'lock.jammed') return { type, lock, mode, source, ref }
  const lockState = word(f.get('lockState'), lockStates)
  return type === 'lock.actuated' && lockState !== null ? { type, lock, mode, source, ref, lockState } : null
}

/** Body of up/request. */
export function parseRequest (body: string): Request | null {
  const f = fields(json(body))
  const session = f === null ? null : parseInSession(f)
  const id = text(f?.get('id'), 64)
  const lock = int(f?.get('lock'), 0, MAX_LOCK)
  if (f === null || session === null || id === null || id.length === 0 || lock === null) return null
  const kind = f.get('kind')
  if (kind === 'verify') {
    const entry = text(f.get('entry'), 22)
    return entry === null || entry.length !== 22 ? null : { ...session, id, kind, entry, lock }
  }
  const mode = word(f.get('mode'), lockModes)
  return kind === 'requestCode' && mode !== null ? { ...session, id, kind, mode, lock } : null
}

/** Body of up/result. */
export function parseResult (body: string): Result | null {
  const f = fields(json(body))
  const session = f === null ? null : parseInSession(f)
  const id = text(f?.get('id'), 64)
  const status = word(f?.get('status'), statuses)
  const measured = word(f?.get('measured'), lockStates)
  return session === null || id === null || status === null || measured === null ? null : { ...session, id, status, measured }
}

/** Body of up/time. */
export function parseTimeQuestion (body: string): TimeQuestion | null {
  const f = fields(json(body))
  const session = f === null ? null : parseInSession(f)
  const t1 = moment(f?.get('t1'))
  return session === null || t1 === null ? null : { ...session, t1 }
}

/** Body of up/health. */
export function parseHealth (body: string): Health | null {
  const f = fields(json(body))
  const session = f === null ? null : parseInSession(f)
  const uptimeMs = moment(f?.get('uptimeMs'))
  const freeBytes = moment(f?.get('freeBytes'))
  const queued = int(f?.get('queued'), 0, MAX_N)
  return session === null || uptimeMs === null || freeBytes === null || queued === null ? null : { ...session, uptimeMs, freeBytes, queued }
}
