import { parseInSession } from './parse-up.ts'
import { binary, body, fields, flag, int, list, optional, text, word } from './read.ts'
import type { Ack, Answer, Command, Pins, Settings, TimeAnswer, Update, Welcome } from './types.ts'
import { MAX_ENTRY_DIGITS } from './entry.ts'
import { versionNumber } from './version.ts'
import { accessPointKinds, doorCodeStatuses, lockModes, MAX_ID, MAX_IMAGE, MAX_LOCK, MAX_MILLIVOLTS, MAX_MOMENT, MAX_MS, MAX_N, MAX_OFFLINE, MAX_PINS, MAX_URL, offlineClocks } from './words.ts'

/** Body of down/welcome. */
export function parseWelcome (message: string): Welcome | null {
  const f = body(message)
  const epoch = binary(f?.get('epoch'), 16)
  const nonce = binary(f?.get('nonce'), 16)
  const time = int(f?.get('time'), 0, MAX_MOMENT)
  const lockoutMs = int(f?.get('lockoutMs'), 0, MAX_MS)
  const acked = int(f?.get('acked'), 0, MAX_N)
  if (epoch === null || nonce === null || time === null || lockoutMs === null || acked === null) return null
  return { epoch, nonce, time, lockoutMs, acked }
}

/** Body of down/ack. */
export function parseAck (message: string): Ack | null {
  const f = body(message)
  const session = parseInSession(f)
  const seq = int(f?.get('seq'), 0, MAX_N)
  return session === null || seq === null ? null : { ...session, seq }
}

/** Body of down/answer. */
export function parseAnswer (message: string): Answer | null {
  const f = body(message)
  const session = parseInSession(f)
  const id = text(f?.get('id'), 1, MAX_ID)
  if (session === null || id === null) return null
  const kind = f?.get('kind')
  if (kind === 'requestCode') {
    const sent = int(f?.get('sent'), 0, 1000)
    const of = int(f?.get('of'), 0, 1000)
    const status = word(f?.get('status'), doorCodeStatuses)
    const waitMs = int(f?.get('waitMs'), 0, MAX_MS)
    return status === null || sent === null || of === null || waitMs === null ? null : { ...session, id, kind, status, sent, of, waitMs }
  }
  if (kind !== 'verify') return null
  const granted = f?.get('granted')
  if (granted === true) {
    const lock = int(f?.get('lock'), 1, MAX_LOCK)
    const mode = word(f?.get('mode'), lockModes)
    const offline = optional(f?.get('offline'), (value) => text(value, 1, MAX_ID))
    return lock === null || mode === null || offline === null ? null : { ...session, id, kind, granted, lock, mode, ...offline === undefined ? {} : { offline } }
  }
  const triesLeft = int(f?.get('triesLeft'), 0, 1000)
  const lockoutMs = int(f?.get('lockoutMs'), 0, MAX_MS)
  return granted !== false || triesLeft === null || lockoutMs === null ? null : { ...session, id, kind, granted, triesLeft, lockoutMs }
}

/** Body of down/command. */
export function parseCommand (message: string): Command | null {
  const f = body(message)
  const session = parseInSession(f)
  const id = text(f?.get('id'), 1, MAX_ID)
  const expires = int(f?.get('expires'), 0, MAX_MOMENT)
  if (session === null || id === null || expires === null) return null
  const op = f?.get('op')
  if (op === 'clearLockout') return { ...session, id, expires, op }
  const move = word(op, lockModes)
  const lock = int(f?.get('lock'), 1, MAX_LOCK)
  return move === null || lock === null ? null : { ...session, id, expires, op: move, lock }
}

/** Body of down/settings. */
export function parseSettings (message: string): Settings | null {
  const f = body(message)
  const version = int(f?.get('version'), 1, MAX_N)
  const name = text(f?.get('name'), 0, 64)
  const language = text(f?.get('language'), 0, 16)
  const utcOffsetMinutes = int(f?.get('utcOffsetMinutes'), -900, 900)
  const wrongCodeEntryLimit = int(f?.get('wrongCodeEntryLimit'), 1, 10)
  const lockoutMs = int(f?.get('lockoutMs'), 1000, MAX_MS)
  const autoRelockMs = int(f?.get('autoRelockMs'), 1000, MAX_MS)
  const locks = list(f?.get('locks'), 1, MAX_LOCK, parseLock)
  const offline = optional(f?.get('offline'), parseOffline)
  const doorAlarms = optional(f?.get('doorAlarms'), parseDoorAlarms)
  const battery = optional(f?.get('battery'), parseBattery)
  const menu = optional(f?.get('menu'), flag)
  const doorMode = optional(f?.get('doorMode'), parseDoorMode)
  const standing = optional(f?.get('standing'), parseNames)
  if (version === null || name === null || language === null || utcOffsetMinutes === null || wrongCodeEntryLimit === null ||
    lockoutMs === null || autoRelockMs === null || locks === null || offline === null || doorAlarms === null || battery === null || menu === null || doorMode === null || standing === null) return null
  return {
    version, name, language, utcOffsetMinutes, wrongCodeEntryLimit, lockoutMs, autoRelockMs, locks,
    ...offline && { offline }, ...doorAlarms && { doorAlarms }, ...battery && { battery }, ...menu === undefined ? {} : { menu }, ...doorMode && { doorMode }, ...standing && { standing }
  }
}

function parseDoorAlarms (value: unknown): Settings['doorAlarms'] | null {
  const f = fields(value)
  const forced = flag(f?.get('forced'))
  const heldMs = int(f?.get('heldMs'), 0, MAX_MS)
  return forced === null || heldMs === null ? null : { forced, heldMs }
}

function parseBattery (value: unknown): Settings['battery'] | null {
  const f = fields(value)
  const lowMillivolts = int(f?.get('lowMillivolts'), 0, MAX_MILLIVOLTS)
  const criticalMillivolts = int(f?.get('criticalMillivolts'), 0, MAX_MILLIVOLTS)
  return lowMillivolts === null || criticalMillivolts === null ? null : { lowMillivolts, criticalMillivolts }
}

function parseDoorMode (value: unknown): Settings['doorMode'] | null {
  const f = fields(value)
  const lock = int(f?.get('lock'), 1, MAX_LOCK)
  const makes = int(f?.get('makes'), 0, MAX_ENTRY_DIGITS)
  return lock === null || makes === null ? null : { lock, makes }
}

/** No more than codes without a network, nor locks. */
function parseNames (value: unknown): string[] | null {
  return list(value, 0, MAX_OFFLINE, (one) => text(one, 1, MAX_ID))
}

function parseOffline (value: unknown): Settings['offline'] | null {
  const f = fields(value)
  const clock = word(f?.get('clock'), offlineClocks)
  const revoked = parseNames(f?.get('revoked'))
  return clock === null || revoked === null ? null : { clock, revoked }
}

function parseLock (value: unknown): Settings['locks'][number] | null {
  const f = fields(value)
  const lock = int(f?.get('lock'), 1, MAX_LOCK)
  const label = text(f?.get('label'), 0, 32)
  const kind = word(f?.get('kind'), accessPointKinds)
  const failSafe = optional(f?.get('failSafe'), flag)
  return lock === null || label === null || kind === null || failSafe === null ? null : { lock, label, kind, ...failSafe === undefined ? {} : { failSafe } }
}

/** Body of down/update. */
export function parseUpdate (message: string): Update | null {
  const f = body(message)
  const offer = int(f?.get('offer'), 1, MAX_N)
  const op = f?.get('op')
  if (offer === null) return null
  if (op === 'nothing') return { offer, op }
  const version = parseVersion(f?.get('version'))
  const minimum = parseVersion(f?.get('minimum'))
  const hardware = text(f?.get('hardware'), 1, 64)
  const size = int(f?.get('size'), 1, MAX_IMAGE)
  const sha256 = binary(f?.get('sha256'), 32)
  const key = binary(f?.get('key'), 32)
  const signature = binary(f?.get('signature'), 64)
  const url = text(f?.get('url'), 1, MAX_URL)
  if (op !== 'install' || version === null || minimum === null || hardware === null || size === null || sha256 === null || key === null ||
    signature === null || url === null) return null
  return { offer, op, version, minimum, hardware, size, sha256, key, signature, url }
}

function parseVersion (value: unknown): string | null {
  return typeof value === 'string' && versionNumber(value) >= 0 ? value : null
}

/** Body of down/pins. */
export function parsePins (message: string): Pins | null {
  const f = body(message)
  const session = parseInSession(f)
  const until = int(f?.get('until'), 0, MAX_MOMENT)
  const digits = int(f?.get('digits'), 4, MAX_ENTRY_DIGITS)
  const pins = list(f?.get('pins'), 0, MAX_PINS, parsePin)
  return session === null || until === null || digits === null || pins === null ? null : { ...session, until, digits, pins }
}

function parsePin (value: unknown): Pins['pins'][number] | null {
  const f = fields(value)
  const lock = int(f?.get('lock'), 1, MAX_LOCK)
  const ends = int(f?.get('ends'), 0, MAX_MOMENT)
  const verifier = binary(f?.get('verifier'), 16)
  return lock === null || ends === null || verifier === null ? null : { lock, ends, verifier }
}

/** Body of down/time. */
export function parseTimeAnswer (message: string): TimeAnswer | null {
  const f = body(message)
  const session = parseInSession(f)
  const t1 = int(f?.get('t1'), 0, MAX_MOMENT)
  const t2 = int(f?.get('t2'), 0, MAX_MOMENT)
  const t3 = int(f?.get('t3'), 0, MAX_MOMENT)
  return session === null || t1 === null || t2 === null || t3 === null ? null : { ...session, t1, t2, t3 }
}
