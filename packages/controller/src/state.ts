import type { OfflineLock } from '@oncekey/otp/offline'
import type { Answer, BatteryLevel, ClockTrust, CommandStatus, DoorAlarm, DoorState, Hmac, LinkKeys, LockMode, LockState, Pins, ResetReason, Settings, Source } from '@oncekey/protocol/messages'
import type { Address } from '@oncekey/protocol/topics'
import type { Effect, Facts, Offered } from './types.ts'

/**
 * All that a controller knows, as plain data (the digest is the one function in it: the host's own where it
 * has a faster one). Nothing in here is ever written to: a step copies what it changes.
 */
export type Controller = {
  readonly hmac: Hmac
  readonly boot: Boot
  /** Whose controller this is; null until it was commissioned. */
  readonly owner: Owner | null
  readonly claimCode: string
  /** null until the server sent some; `settings.ts` has what holds then. */
  readonly settings: Settings | null
  readonly link: Link | null
  /** Server time = `ahead` + now. null before the first welcome. Never early, so what expires does so on the safe side. */
  readonly clock: Clock | null
  /** The time that was stored last; 0 = none. Whether the host has a clock with a battery. */
  readonly keptTime: number
  readonly hasRtc: boolean
  /** The digits typed so far, and when the last one was. */
  readonly entry: string
  readonly entryAt: number
  readonly question: Question | null
  /** Questions asked since boot; request id = boot id "-" this. */
  readonly asked: number
  /** A text that stays for a while. */
  readonly notice: Notice | null
  /** Wrong codes in a row. */
  readonly wrong: number
  readonly lockout: Lockout | null
  readonly offline: Offline
  /** What the server lent for outages; null = it never did. */
  readonly pins: Pins | null
  readonly locks: readonly Lock[]
  readonly health: Health
  readonly ring: Ring
  readonly update: Update
  /** Command ids with what came of them, oldest first, at most 64. */
  readonly commands: readonly Remembered[]
  /** The last reported state, so that only a change is reported. '' = none in this session. */
  readonly reported: string
  readonly rows: readonly [string, string]
  readonly wakeAt: number | null
}

/** `bootId` '' = no power yet. */
export type Boot = { readonly bootId: string, readonly reset: ResetReason, readonly firmware: string, readonly hardware: string, readonly records: number }

export type Owner = { readonly address: Address, readonly keys: LinkKeys, readonly offlineKey: Uint8Array }

/**
 * One connection to the broker. `helloAt` is when the hello was sent: server time counts from there. Without a welcome it is
 * said again at `againAt`, `pauseMs` and a bit after it.
 */
export type Link = { readonly owner: Owner, readonly epoch: string, readonly helloAt: number, readonly againAt: number, readonly pauseMs: number, readonly session: Session | null }

/** `sent`, `heard`: the last counter of each direction. `inFlight`: last record of the batch that waits for its ack, 0 = none. */
export type Session = {
  readonly s: string
  readonly sent: number
  readonly heard: number
  readonly inFlight: number
  readonly inFlightAt: number
  readonly healthAt: number
  readonly timeAt: number
}

export type Clock = { readonly ahead: number, readonly errorMs: number, readonly at: number, readonly trust: ClockTrust }
export type Question = { readonly id: string, readonly sentAt: number }
/** `page`: of those that show how the box stands. */
export type Notice = { readonly rows: readonly [string, string], readonly until: number, readonly page?: number }
/**
 * How the box stands. `facts`: as the host measured last. `level` of its battery counts; `seen` is the last one. `lastError`:
 * the name of its record, or the host's words.
 */
export type Health = { readonly facts: Facts, readonly level: BatteryLevel, readonly seen: BatteryLevel, readonly lastError: string }
/** `savedAt`: when the time that is left was last made durable. */
export type Lockout = { readonly until: number, readonly savedAt: number }

/**
 * Codes that are checked without the server. `stored`: what was saved of each lock (`o/<lock>`), for those that are not
 * among `locks` yet. `misses`: wrong ones, forgotten at `quietAt`; nothing is compared before `restUntil`.
 */
export type Offline = {
  readonly stored: Readonly<Record<string, string>>
  readonly locks: readonly OfflineLock[]
  readonly misses: number
  readonly restUntil: number
  readonly quietAt: number
}

export type Lock = {
  readonly lock: number
  readonly lockState: LockState
  /** As the contact says, and what it means: `forcedOpen` and `ajar` are open doors. */
  readonly doorState: DoorState
  /** The alarm of its door that is on, durable; and when an open door becomes one. */
  readonly alarm: DoorAlarm | null
  readonly heldAt: number | null
  /** We opened it, so we owe the relock; durable. */
  readonly duty: boolean
  /** When the relock is due; null while nothing is owed, or after a boot until the door was seen closed. */
  readonly relockAt: number | null
  readonly move: Move | null
  /** When the bolt moved within the last minute. */
  readonly moves: readonly number[]
  /** Relocks that got stuck in a row. */
  readonly jams: number
}

export type Order = { readonly lock: number, readonly mode: LockMode, readonly source: Source, readonly ref: string, readonly command: number | null }
/** A bolt under way. `by`: when the contact must agree. */
export type Move = { readonly order: Order, readonly by: number, readonly tries: number }

export type StoredRecord = { readonly seq: number, readonly text: string }
/** `seq` and `head`: number and hash of the newest record ever written. `records`: those that are not acknowledged. */
export type Ring = { readonly records: readonly StoredRecord[], readonly seq: number, readonly head: string, readonly acked: number }

/** `at` counts commands over all boots; its place in storage is `at` mod 64. `status` null = the bolt still moves. */
export type Remembered = { readonly at: number, readonly id: string, readonly status: CommandStatus | null, readonly measured: LockState }

/**
 * `offer`: the newest that was dealt with, 0 = none. `busy`: the host has been asked. `trial`: this program is on trial, and
 * so the contacts spoke before it began; null = not on trial.
 */
export type Update = { readonly offer: number, readonly image: Offered | null, readonly phase: 'wanted' | 'busy' | 'ready', readonly trial: string | null }

export type DoorCode = Extract<Answer, { kind: 'requestCode' }>
export type Verdict = Extract<Answer, { kind: 'verify' }>

/** What a step may write: the fields of its own copy; everything below them is replaced, never changed. */
export type State = { -readonly [Name in keyof Controller]: Controller[Name] }
/** A step under way. */
export type Work = { readonly state: State, readonly now: number, readonly effects: Effect[] }

export function emit (work: Work, effect: Effect): void {
  work.effects.push(effect)
}

export function save (work: Work, key: string, value: string): void {
  emit(work, { do: 'save', key, value })
}

/** A stored whole number >= 0; 0 for anything else, because storage may be torn. */
export function whole (text: string | undefined): number {
  const number = Number(text)
  return Number.isSafeInteger(number) && number > 0 ? number : 0
}
