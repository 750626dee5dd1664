import { binary, body, fields, int, list, optional, text, word, type Fields } from './read.ts'
import type { EventFact, EventHead, EventRecord, Events, Health, Hello, InSession, LockReport, Request, Result, State, TimeQuestion } from './types.ts'
import {
  batteryLevels, clockTrusts, commandStatuses, controllerModes, doorAlarms, doorStates, lockModes, lockStates, MAX_ID, MAX_LOCK, MAX_MILLIVOLTS, MAX_MOMENT, MAX_MS, MAX_N,
  MAX_RECORD, MAX_RECORDS, resetReasons, sources, updateOutcomes
} from './words.ts'

/** Session and counter of a body; null when they are missing or malformed. */
export function parseInSession (f: Fields | null): InSession | null {
  const s = text(f?.get('s'), 43, 43)
  const n = int(f?.get('n'), 1, MAX_N)
  return s === null || n === null ? null : { s, n }
}

/** Body of up/hello. */
export function parseHello (message: string): Hello | null {
  const f = body(message)
  const events = fields(f?.get('events'))
  const clock = fields(f?.get('clock'))
  if (f === null || f.get('v') !== 1) return null
  const firmware = text(f.get('firmware'), 0, 64)
  const hardware = text(f.get('hardware'), 0, 64)
  const locks = int(f.get('locks'), 1, MAX_LOCK)
  const abilities = list(f.get('abilities'), 0, 16, (one) => text(one, 0, 32))
  const bootId = text(f.get('bootId'), 1, 32)
  const reset = word(f.get('reset'), resetReasons)
  const epoch = binary(f.get('epoch'), 16)
  const settingsVersion = int(f.get('settingsVersion'), 0, MAX_N)
  const first = int(events?.get('first'), 0, MAX_N)
  const last = int(events?.get('last'), 0, MAX_N)
  const head = hash(events?.get('head'))
  const trust = word(clock?.get('trust'), clockTrusts)
  const errorMs = int(clock?.get('errorMs'), 0, MAX_N)
  if (firmware === null || hardware === null || locks === null || abilities === null || bootId === null || reset === null ||
    epoch === null || settingsVersion === null || first === null || last === null || head === null || trust === null ||
    errorMs === null) return null
  return { v: 1, firmware, hardware, locks, abilities, bootId, reset, epoch, settingsVersion, events: { first, last, head }, clock: { trust, errorMs } }
}

/** Body of up/state. */
export function parseState (message: string): State | null {
  const f = body(message)
  const session = parseInSession(f)
  const mode = word(f?.get('mode'), controllerModes)
  const locks = list(f?.get('locks'), 1, MAX_LOCK, parseLockReport)
  const millivolts = int(f?.get('millivolts'), 0, MAX_MILLIVOLTS)
  const lockoutMs = int(f?.get('lockoutMs'), 0, MAX_MS)
  const settings = optional(f?.get('settings'), (value) => int(value, 0, MAX_N))
  if (session === null || mode === null || locks === null || millivolts === null || lockoutMs === null || settings === null) return null
  return { ...session, mode, locks, millivolts, lockoutMs, ...settings === undefined ? {} : { settings } }
}

function parseLockReport (value: unknown): LockReport | null {
  const f = fields(value)
  const lock = int(f?.get('lock'), 1, MAX_LOCK)
  const lockState = word(f?.get('lockState'), lockStates)
  const doorState = word(f?.get('doorState'), doorStates)
  return lock === null || lockState === null || doorState === null ? null : { lock, lockState, doorState }
}

/** Body of up/event; the records stay texts, because their bytes are what the chain covers. */
export function parseEvents (message: string): Events | null {
  const f = body(message)
  const session = parseInSession(f)
  const records = list(f?.get('records'), 1, MAX_RECORDS, (one) => text(one, 0, MAX_RECORD))
  return session === null || records === null ? null : { ...session, records }
}

/** What every record says, also one whose fact is from a newer program. `type`: its name, at most 64 characters. */
export function parseEventHead (record: string): EventHead & { type: string } | null {
  const f = body(record)
  if (f === null) return null
  const head = parseHead(f)
  const type = text(f.get('type'), 1, 64)
  return head === null || type === null ? null : { ...head, type }
}

/** One record of up/event; null also for a fact that this program does not know. */
export function parseEventRecord (record: string): EventRecord | null {
  const f = body(record)
  if (f === null) return null
  const head = parseHead(f)
  const fact = parseFact(f)
  return head === null || fact === null ? null : { ...head, ...fact }
}

function parseHead (f: Fields): EventHead | null {
  const seq = int(f.get('seq'), 1, MAX_N)
  const bootId = text(f.get('bootId'), 1, 32)
  const time = int(f.get('time'), 0, MAX_MOMENT)
  const trust = word(f.get('trust'), clockTrusts)
  const prev = hash(f.get('prev'))
  return seq === null || bootId === null || time === null || trust === null || prev === null ? null : { seq, bootId, time, trust, prev }
}

function parseFact (f: Fields): EventFact | null {
  const type = f.get('type')
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
  if (type === 'update.ended') {
    const offer = int(f.get('offer'), 1, MAX_N)
    const outcome = word(f.get('outcome'), updateOutcomes)
    return offer === null || outcome === null ? null : { type, offer, outcome }
  }
  if (type === 'battery.changed') {
    const level = word(f.get('level'), batteryLevels)
    const millivolts = int(f.get('millivolts'), 0, MAX_MILLIVOLTS)
    return level === null || millivolts === null ? null : { type, level, millivolts }
  }
  if (type === 'controller.wiped') return { type }
  const lock = int(f.get('lock'), 1, MAX_LOCK)
  if (lock === null) return null
  if (type === 'door.changed') {
    const doorState = word(f.get('doorState'), doorStates)
    const ended = optional(f.get('ended'), (value) => word(value, doorAlarms))
    return doorState === null || ended === null ? null : { type, lock, doorState, ...ended && { ended } }
  }
  const mode = word(f.get('mode'), lockModes)
  const source = word(f.get('source'), sources)
  const ref = text(f.get('ref'), 0, MAX_ID)
  if (mode === null || source === null || ref === null) return null
  if (type === 'lock.jammed') return { type, lock, mode, source, ref }
  const lockState = word(f.get('lockState'), lockStates)
  return type === 'lock.actuated' && lockState !== null ? { type, lock, mode, source, ref, lockState } : null
}

/** Body of up/request. */
export function parseRequest (message: string): Request | null {
  const f = body(message)
  const session = parseInSession(f)
  const id = text(f?.get('id'), 1, MAX_ID)
  const lock = int(f?.get('lock'), 0, MAX_LOCK)
  if (session === null || id === null || lock === null) return null
  const kind = f?.get('kind')
  if (kind === 'verify') {
    const entry = binary(f?.get('entry'), 16)
    return entry === null ? null : { ...session, id, kind, entry, lock }
  }
  const mode = word(f?.get('mode'), lockModes)
  const entry = optional(f?.get('entry'), (value) => binary(value, 16))
  return kind !== 'requestCode' || mode === null || entry === null ? null : { ...session, id, kind, mode, lock, ...entry === undefined ? {} : { entry } }
}

/** Body of up/result. */
export function parseResult (message: string): Result | null {
  const f = body(message)
  const session = parseInSession(f)
  const id = text(f?.get('id'), 1, MAX_ID)
  const status = word(f?.get('status'), commandStatuses)
  const measured = word(f?.get('measured'), lockStates)
  return session === null || id === null || status === null || measured === null ? null : { ...session, id, status, measured }
}

/** Body of up/time. */
export function parseTimeQuestion (message: string): TimeQuestion | null {
  const f = body(message)
  const session = parseInSession(f)
  const t1 = int(f?.get('t1'), 0, MAX_MOMENT)
  return session === null || t1 === null ? null : { ...session, t1 }
}

/** Body of up/health. */
export function parseHealth (message: string): Health | null {
  const f = body(message)
  const session = parseInSession(f)
  const uptimeMs = int(f?.get('uptimeMs'), 0, MAX_MOMENT)
  const freeBytes = int(f?.get('freeBytes'), 0, MAX_MOMENT)
  const queued = int(f?.get('queued'), 0, MAX_N)
  const rssi = optional(f?.get('rssi'), (value) => int(value, -200, 0))
  const celsius = optional(f?.get('celsius'), (value) => int(value, -100, 200))
  if (session === null || uptimeMs === null || freeBytes === null || queued === null || rssi === null || celsius === null) return null
  return { ...session, uptimeMs, freeBytes, queued, ...rssi === undefined ? {} : { rssi }, ...celsius === undefined ? {} : { celsius } }
}

/** The hash of a record; '' where there is no record before. */
function hash (value: unknown): string | null {
  return value === '' ? value : binary(value, 16)
}
