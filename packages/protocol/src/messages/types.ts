import type { accessPointKinds, batteryLevels, clockTrusts, commandStatuses, controllerModes, doorAlarms, doorCodeStatuses, doorStates, lockModes, lockStates, offlineClocks, resetReasons, sources, standings, updateOutcomes } from './words.ts'

/**
 * What a controller and the server say to each other. Times are milliseconds since 1970 UTC unless
 * a name ends in `Ms` (a length) or says otherwise; `lock` is the lock's number on its controller,
 * 1..96; binary values are base64url without padding, in their one spelling; lengths of texts are
 * counted in code points. Limits that are not named here are in words.ts.
 */

/** Every body after `welcome`: the session (epoch + nonce) and a counter that rises within it, per direction. */
export type InSession = { s: string, n: number }

export type LockState = (typeof lockStates)[number]
export type DoorState = (typeof doorStates)[number]
/** A state of a door that is an alarm. */
export type DoorAlarm = (typeof doorAlarms)[number]
export type BatteryLevel = (typeof batteryLevels)[number]
export type ClockTrust = (typeof clockTrusts)[number]
export type ResetReason = (typeof resetReasons)[number]
export type LockMode = (typeof lockModes)[number]
export type Source = (typeof sources)[number]
export type ControllerMode = (typeof controllerModes)[number]
export type CommandStatus = (typeof commandStatuses)[number]
export type Standing = (typeof standings)[number]
export type UpdateOutcome = (typeof updateOutcomes)[number]
export type DoorCodeStatus = (typeof doorCodeStatuses)[number]

/**
 * up/hello opens each connection, before any session. `epoch`: 16 random bytes, fresh for each connection.
 * Texts: at most 64 characters, abilities 16 of 32, bootId 1..32. `locks`: how many; they are numbered from 1.
 */
export type Hello = {
  v: 1
  firmware: string
  hardware: string
  locks: number
  abilities: string[]
  bootId: string
  reset: ResetReason
  epoch: string
  settingsVersion: number
  /** The records still on the controller, oldest and newest sequence number; 0 and 0 when none. `head`: hash of the newest. */
  events: { first: number, last: number, head: string }
  clock: { trust: ClockTrust, errorMs: number }
}

/**
 * down/welcome answers the hello of that epoch; session = epoch + nonce. `time`: now. `lockoutMs`: what is left of
 * the keypad's lockout by the server's count, which is law; 0 ends a local one. `acked`: every record up to it is safe.
 */
export type Welcome = { epoch: string, nonce: string, time: number, lockoutMs: number, acked: number }

export type LockReport = { lock: number, lockState: LockState, doorState: DoorState }

/**
 * up/state: what was measured, all locks, after each welcome and whenever it changes. `millivolts` 0 = not measured.
 * `settings`: the version that it goes by; absent from programs that know no standing orders.
 */
export type State = InSession & { mode: ControllerMode, locks: LockReport[], millivolts: number, lockoutMs: number, settings?: number }

/** up/event: records as the very texts that were hashed and stored, oldest first. See `EventRecord`. */
export type Events = InSession & { records: string[] }

/** down/ack, cumulative: every record up to `seq` is safe with the server. */
export type Ack = InSession & { seq: number }

/**
 * One line of the controller's own record. `seq` rises by one and survives reboots; `prev` = hash of the record
 * before it, '' for the first. `time` 0 = unknown. `ref` (at most 64 characters, '' for none): the request or
 * command that caused it.
 */
export type EventRecord = EventHead & EventFact
export type EventHead = { seq: number, bootId: string, time: number, trust: ClockTrust, prev: string }

export type EventFact =
  | { type: 'controller.booted', reset: ResetReason }
  | { type: 'lock.actuated', lock: number, mode: LockMode, source: Source, ref: string, lockState: LockState }
  | { type: 'lock.jammed', lock: number, mode: LockMode, source: Source, ref: string }
  /** `ended`: the alarm that is over with this. */
  | { type: 'door.changed', lock: number, doorState: DoorState, ended?: DoorAlarm }
  | { type: 'battery.changed', level: BatteryLevel, millivolts: number }
  /** Everything was forgotten at the box, its owner too: the last record of this memory. */
  | { type: 'controller.wiped' }
  | { type: 'keypad.lockedOut', lockoutMs: number }
  | { type: 'records.overwritten', first: number, last: number }
  | { type: 'update.ended', offer: number, outcome: UpdateOutcome }

/**
 * up/request: a question of the keypad. `entry`: 16 bytes, see entry.ts; with requestCode it is a code that the controller
 * made itself. `lock` 0 = not chosen by the holder.
 */
export type Request = InSession & (
  | { id: string, kind: 'verify', entry: string, lock: number }
  | { id: string, kind: 'requestCode', mode: LockMode, lock: number, entry?: string }
)

/**
 * down/answer. A refusal says no reason: a keypad shows one text for every one of them. `offline`: what was typed is
 * this offline code (class.slot.serial), which the controller may know to be used already. requestCode is answered again
 * when there is news: `sent` of `of` recipients have it; `waitMs`: how long the status lasts, or until one may ask again.
 */
export type Answer = InSession & (
  | { id: string, kind: 'verify', granted: true, lock: number, mode: LockMode, offline?: string }
  | { id: string, kind: 'verify', granted: false, triesLeft: number, lockoutMs: number }
  | { id: string, kind: 'requestCode', status: DoorCodeStatus, sent: number, of: number, waitMs: number }
)

/** down/command. Never retained; moves nothing once `expires` (server time) has passed. */
export type Command = InSession & { id: string, expires: number } & (
  | { op: 'unlock' | 'lock', lock: number }
  | { op: 'clearLockout' }
)

/** up/result: what a command came to. `measured` is the lock's state after it, `unknown` for other commands. */
export type Result = InSession & { id: string, status: CommandStatus, measured: LockState }

/** down/settings: desired state, retained, so bound by a rising version instead of a session. */
export type Settings = {
  version: number
  name: string
  language: string
  utcOffsetMinutes: number
  /** Wrong codes in a row before the keypad rests, and for how long it first does. */
  wrongCodeEntryLimit: number
  lockoutMs: number
  /** Locks again this long after unlocking, and only with the door closed. */
  autoRelockMs: number
  /** `failSafe`: unlocked once when the battery becomes critical; absent: it stays as it is. */
  locks: { lock: number, label: string, kind: (typeof accessPointKinds)[number], failSafe?: boolean }[]
  /**
   * How codes are checked without the server; absent: not at all. `trusted`: only with a clock that is; `persisted`: also
   * with the last time that was stored. `revoked`: those that have not ended and open nothing, as lock.class.slot.serial.
   */
  offline?: { clock: (typeof offlineClocks)[number], revoked: string[] }
  /** When a door is an alarm: opened though its bolt was locked; open for longer than `heldMs` (0: never). Absent: never. */
  doorAlarms?: { forced: boolean, heldMs: number }
  /** Below these a battery is low, and critical. Absent: there is none to watch. */
  battery?: { lowMillivolts: number, criticalMillivolts: number }
  /** Whether `D` on an empty entry shows how the controller is connected. Absent: no. */
  menu?: boolean
  /**
   * The lock that `#` and `*` on an empty entry ask a code for; absent: they mean nothing. `makes`: digits of the codes that
   * the controller makes for it itself; 0 = the server makes them.
   */
  doorMode?: { lock: number, makes: number }
  /**
   * Locks under an order that stands, as lock.word, e.g. `3.lockedDown`; absent: none. `held` and `lockedDown` open by no code,
   * with or without the server; `evacuated` are not locked again. No bolt moves by this: that takes a command.
   */
  standing?: string[]
}

/**
 * A signed image of a program. `hardware` is the word of the hello for what it runs on. `minimum`: the oldest version
 * that it installs over. `sha256`: 32 bytes, of the image as it is downloaded. `key`: the Ed25519 public key (32 bytes)
 * of whoever signed it, `signature`: 64 bytes over `imageText`. Versions are three numbers, see version.ts.
 */
export type Image = { version: string, minimum: string, hardware: string, size: number, sha256: string, key: string, signature: string, url: string }

/**
 * down/update: what is to be installed, retained, so bound by a number that rises with each offer to this controller
 * instead of a session. `nothing` takes the offer before it back.
 */
export type Update = { offer: number } & ({ op: 'install' } & Image | { op: 'nothing' })

/**
 * down/pins: the standing pins that the controller takes by itself while it has no session, all of them, until `until`. They
 * have so many `digits`; `verifier`: 16 bytes, see `pinVerifier`; `ends`: 0 = never.
 */
export type Pins = InSession & { until: number, digits: number, pins: { lock: number, ends: number, verifier: string }[] }

/** up/time and down/time: four-timestamp exchange (RFC 5905 §8); `t1` is the controller's own clock, ms since boot. */
export type TimeQuestion = InSession & { t1: number }
export type TimeAnswer = InSession & { t1: number, t2: number, t3: number }

/** up/health, every 60 s. `rssi` in dBm and `celsius`, where they are measured. */
export type Health = InSession & { uptimeMs: number, freeBytes: number, queued: number, rssi?: number, celsius?: number }

export type Avail = 'online' | 'offline'
