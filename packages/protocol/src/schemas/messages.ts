import { Type, type Static, type TProperties } from 'typebox'
import {
  accessPointKinds, batteryLevels, clockTrusts, commandStatuses, controllerModes, doorAlarms, doorCodeStatuses, doorStates, lockModes, lockStates, MAX_ID, MAX_IMAGE, MAX_LOCK, MAX_MILLIVOLTS, MAX_MOMENT, MAX_MS, MAX_N,
  MAX_OFFLINE, MAX_PINS, MAX_RECORD, MAX_RECORDS, MAX_URL, offlineClocks, resetReasons, sources, updateOutcomes
} from '../messages/words.ts'
import { MAX_ENTRY_DIGITS } from '../messages/entry.ts'
import { words } from './common.ts'

// Bodies of the messages between controller and server, for documentation and for programs that have TypeBox.
// Both ends read with the hand-written parsers of ../messages; a test holds these schemas and those parsers to
// the same verdict on every body. Unknown fields are allowed: an older side understands a newer one.

const Bytes16 = Type.String({ pattern: '^[A-Za-z0-9_-]{21}[AQgw]$', description: '16 bytes, base64url without padding' })
const Bytes32 = Type.String({ pattern: '^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$', description: '32 bytes, base64url without padding' })
const Bytes64 = Type.String({ pattern: '^[A-Za-z0-9_-]{85}[AQgw]$', description: '64 bytes, base64url without padding' })
const Version = Type.String({ pattern: '^(?:0|[1-9][0-9]{0,4})(?:\\.(?:0|[1-9][0-9]{0,4})){2}$', description: 'three numbers up to 99999' })
const Hash = Type.String({ pattern: '^(?:[A-Za-z0-9_-]{21}[AQgw])?$', description: 'first 16 bytes of SHA-256 of a record, base64url; empty for none' })
const MessageId = Type.String({ minLength: 1, maxLength: MAX_ID })
const BootId = Type.String({ minLength: 1, maxLength: 32 })
const Instant = Type.Integer({ minimum: 0, maximum: MAX_MOMENT })
const Length = Type.Integer({ minimum: 0, maximum: MAX_MS, description: 'ms' })
const Count = Type.Integer({ minimum: 0, maximum: MAX_N })
const Sequence = Type.Integer({ minimum: 1, maximum: MAX_N })
const LockNumber = Type.Integer({ minimum: 1, maximum: MAX_LOCK })
const ChosenLock = Type.Integer({ minimum: 0, maximum: MAX_LOCK, description: '0 = not chosen by the holder' })
const Millivolts = Type.Integer({ minimum: 0, maximum: MAX_MILLIVOLTS })
const UpTo1000 = Type.Integer({ minimum: 0, maximum: 1000 })

function inSession<Properties extends TProperties> (properties: Properties) {
  return Type.Object({ s: Type.String({ minLength: 43, maxLength: 43 }), n: Type.Integer({ minimum: 1, maximum: MAX_N }), ...properties })
}

export const HelloBody = Type.Object({
  v: Type.Literal(1),
  firmware: Type.String({ maxLength: 64 }),
  hardware: Type.String({ maxLength: 64 }),
  locks: LockNumber,
  abilities: Type.Array(Type.String({ maxLength: 32 }), { maxItems: 16 }),
  bootId: BootId,
  reset: words(...resetReasons),
  epoch: Bytes16,
  settingsVersion: Count,
  events: Type.Object({ first: Count, last: Count, head: Hash }),
  clock: Type.Object({ trust: words(...clockTrusts), errorMs: Count })
})
export const StateBody = inSession({
  mode: words(...controllerModes),
  locks: Type.Array(Type.Object({ lock: LockNumber, lockState: words(...lockStates), doorState: words(...doorStates) }), { minItems: 1, maxItems: MAX_LOCK }),
  millivolts: Type.Integer({ minimum: 0, maximum: MAX_MILLIVOLTS, description: '0 = not measured' }),
  lockoutMs: Length
})
export const EventsBody = inSession({ records: Type.Array(Type.String({ maxLength: MAX_RECORD }), { minItems: 1, maxItems: MAX_RECORDS }) })
export const RequestBody = Type.Union([
  inSession({ id: MessageId, kind: Type.Literal('verify'), entry: Bytes16, lock: ChosenLock }),
  inSession({ id: MessageId, kind: Type.Literal('requestCode'), mode: words(...lockModes), lock: ChosenLock, entry: Type.Optional(Bytes16) })
])
export const ResultBody = inSession({ id: MessageId, status: words(...commandStatuses), measured: words(...lockStates) })
export const TimeQuestionBody = inSession({ t1: Instant })
export const HealthBody = inSession({
  uptimeMs: Instant, freeBytes: Instant, queued: Count,
  rssi: Type.Optional(Type.Integer({ minimum: -200, maximum: 0, description: 'dBm' })), celsius: Type.Optional(Type.Integer({ minimum: -100, maximum: 200 }))
})

export const WelcomeBody = Type.Object({ epoch: Bytes16, nonce: Bytes16, time: Instant, lockoutMs: Length, acked: Count })
export const AckBody = inSession({ seq: Count })
export const AnswerBody = Type.Union([
  inSession({ id: MessageId, kind: Type.Literal('verify'), granted: Type.Literal(true), lock: LockNumber, mode: words(...lockModes), offline: Type.Optional(MessageId) }),
  inSession({ id: MessageId, kind: Type.Literal('verify'), granted: Type.Literal(false), triesLeft: UpTo1000, lockoutMs: Length }),
  inSession({ id: MessageId, kind: Type.Literal('requestCode'), status: words(...doorCodeStatuses), sent: UpTo1000, of: UpTo1000, waitMs: Length })
])
export const CommandBody = Type.Union([
  inSession({ id: MessageId, expires: Instant, op: words(...lockModes), lock: LockNumber }),
  inSession({ id: MessageId, expires: Instant, op: Type.Literal('clearLockout') })
])
export const SettingsBody = Type.Object({
  version: Sequence,
  name: Type.String({ maxLength: 64 }),
  language: Type.String({ maxLength: 16 }),
  utcOffsetMinutes: Type.Integer({ minimum: -900, maximum: 900 }),
  wrongCodeEntryLimit: Type.Integer({ minimum: 1, maximum: 10 }),
  lockoutMs: Type.Integer({ minimum: 1000, maximum: MAX_MS }),
  autoRelockMs: Type.Integer({ minimum: 1000, maximum: MAX_MS }),
  locks: Type.Array(Type.Object({ lock: LockNumber, label: Type.String({ maxLength: 32 }), kind: words(...accessPointKinds), failSafe: Type.Optional(Type.Boolean()) }), { minItems: 1, maxItems: MAX_LOCK }),
  offline: Type.Optional(Type.Object({ clock: words(...offlineClocks), revoked: Type.Array(MessageId, { maxItems: MAX_OFFLINE }) })),
  doorAlarms: Type.Optional(Type.Object({ forced: Type.Boolean(), heldMs: Length })),
  battery: Type.Optional(Type.Object({ lowMillivolts: Millivolts, criticalMillivolts: Millivolts })),
  menu: Type.Optional(Type.Boolean()),
  doorMode: Type.Optional(Type.Object({ lock: LockNumber, makes: Type.Integer({ minimum: 0, maximum: MAX_ENTRY_DIGITS }) }))
})
export const PinsBody = inSession({
  until: Instant, digits: Type.Integer({ minimum: 4, maximum: MAX_ENTRY_DIGITS }),
  pins: Type.Array(Type.Object({ lock: LockNumber, ends: Instant, verifier: Bytes16 }), { maxItems: MAX_PINS })
})
export const TimeAnswerBody = inSession({ t1: Instant, t2: Instant, t3: Instant })

export const UpdateBody = Type.Union([
  Type.Object({
    offer: Sequence, op: Type.Literal('install'), version: Version, minimum: Version, hardware: Type.String({ minLength: 1, maxLength: 64 }),
    size: Type.Integer({ minimum: 1, maximum: MAX_IMAGE }), sha256: Bytes32, key: Bytes32, signature: Bytes64, url: Type.String({ minLength: 1, maxLength: MAX_URL })
  }),
  Type.Object({ offer: Sequence, op: Type.Literal('nothing') })
])

/** One record within EventsBody, after parsing its text. */
const recordFields = { seq: Sequence, bootId: BootId, time: Instant, trust: words(...clockTrusts), prev: Hash }
const actuation = { lock: LockNumber, mode: words(...lockModes), source: words(...sources), ref: Type.String({ maxLength: MAX_ID }) }
export const RecordBody = Type.Union([
  Type.Object({ ...recordFields, type: Type.Literal('controller.booted'), reset: words(...resetReasons) }),
  Type.Object({ ...recordFields, type: Type.Literal('lock.actuated'), ...actuation, lockState: words(...lockStates) }),
  Type.Object({ ...recordFields, type: Type.Literal('lock.jammed'), ...actuation }),
  Type.Object({ ...recordFields, type: Type.Literal('door.changed'), lock: LockNumber, doorState: words(...doorStates), ended: Type.Optional(words(...doorAlarms)) }),
  Type.Object({ ...recordFields, type: Type.Literal('battery.changed'), level: words(...batteryLevels), millivolts: Millivolts }),
  Type.Object({ ...recordFields, type: Type.Literal('controller.wiped') }),
  Type.Object({ ...recordFields, type: Type.Literal('keypad.lockedOut'), lockoutMs: Length }),
  Type.Object({ ...recordFields, type: Type.Literal('records.overwritten'), first: Sequence, last: Sequence }),
  Type.Object({ ...recordFields, type: Type.Literal('update.ended'), offer: Sequence, outcome: words(...updateOutcomes) })
])

export type HelloBody = Static<typeof HelloBody>
export type StateBody = Static<typeof StateBody>
export type EventsBody = Static<typeof EventsBody>
export type RequestBody = Static<typeof RequestBody>
export type ResultBody = Static<typeof ResultBody>
export type TimeQuestionBody = Static<typeof TimeQuestionBody>
export type HealthBody = Static<typeof HealthBody>
export type WelcomeBody = Static<typeof WelcomeBody>
export type AckBody = Static<typeof AckBody>
export type AnswerBody = Static<typeof AnswerBody>
export type CommandBody = Static<typeof CommandBody>
export type SettingsBody = Static<typeof SettingsBody>
export type PinsBody = Static<typeof PinsBody>
export type TimeAnswerBody = Static<typeof TimeAnswerBody>
export type UpdateBody = Static<typeof UpdateBody>
export type RecordBody = Static<typeof RecordBody>
