/**
 * Codes that a door checks without its server: each is an HMAC over what it opens and when, so whoever has the key can
 * say which 196 are acceptable now, and nobody has to be asked. docs/offline-codes.md has the arithmetic and its price.
 * Everything here is a pure function over plain values; it also runs on a microcontroller.
 */
import { fromHex, toBase64url, toHex, utf8 } from './bytes.ts'
import { hmacSha256 } from './sha256.ts'

type Hmac = (key: Uint8Array, message: Uint8Array) => Uint8Array

/** Half an hour, ms. Slots are counted from 1970 UTC. */
export const SLOT_MS = 1_800_000
/** Codes of one class and slot, for each lock. */
export const SERIALS = 4
export const OFFLINE_DIGITS = 9

/**
 * The four kinds, named by their place here (0..3). `firstUse`: slots, from the code's own, in which it may first be
 * used; `lasts`: slots until it ends. The first opens once; the others are stays, which open again until they end.
 */
export const offlineClasses: readonly { readonly firstUse: number, readonly lasts: number }[] = Object.freeze([
  { firstUse: 1, lasts: 1 }, { firstUse: 8, lasts: 8 }, { firstUse: 8, lasts: 48 }, { firstUse: 24, lasts: 336 }
])
/** Slots of each class that are acceptable at once: its first uses, and one more on both sides for a clock that is off. */
const widths: readonly number[] = Object.freeze([3, 10, 10, 26])
/** Codes of one lock that are acceptable at once. */
export const ACCEPTABLE = 49 * SERIALS
/** Those of the slot that comes next, which are computed before it does. */
const AHEAD = 4 * SERIALS

/** What one code is: its lock (1..96), class (0..3), slot, and which of four it is (0..3). */
export type OfflineName = { readonly lock: number, readonly kind: number, readonly slot: number, readonly serial: number }

/** A stay that was begun. `value` -1: not computed yet, because no digits are ever stored. */
export type OfflineStay = OfflineName & { readonly value: number }

/**
 * What a door knows about one of its locks. `values` holds the acceptable codes of `slot` and, as far as `done` says,
 * those that the next slot adds, as numbers. `used` belongs to `usedSlot`, the latest slot in which one was used.
 */
export type OfflineLock = {
  readonly lock: number
  readonly slot: number
  readonly done: number
  readonly values: Int32Array
  readonly usedSlot: number
  readonly used: Uint8Array
  readonly stays: readonly OfflineStay[]
}

export function slotAt (time: number): number {
  return Math.floor(time / SLOT_MS)
}

/** The slot of a code that is to begin at a time: the nearest, so that it works at once at a door whose clock is a quarter of an hour off either way. */
export function slotFor (time: number): number {
  return slotAt(time + SLOT_MS / 2)
}

/**
 * The number that a code is: HMAC-SHA-256(key, "1|class|slot|serial|lock") as one big-endian number, mod 10^9.
 * @param key the controller's derived key `offline`, 32 bytes
 */
export function offlineValue (key: Uint8Array, { lock, kind, slot, serial }: OfflineName, hmac: Hmac = hmacSha256): number {
  let value = 0
  for (const byte of hmac(key, utf8(['1', kind, slot, serial, lock].join('|')))) value = (value * 256 + byte) % 1_000_000_000
  return value
}

/**
 * What a door compares a typed pin with: base64url of the first 16 bytes of HMAC-SHA-256(key, "pin|" digits). The key is the
 * door's own, so it says nothing at another door.
 * @param key as for `offlineValue`
 */
export function pinVerifier (key: Uint8Array, digits: string, hmac: Hmac = hmacSha256): string {
  return toBase64url(hmac(key, utf8('pin|' + digits)).slice(0, 16))
}

/** Its nine digits. */
export function offlineDigits (value: number): string {
  return String(value).padStart(OFFLINE_DIGITS, '0')
}

/** "class.slot.serial", as records, stored stays and revocations name a code of a lock. */
export function offlineRef ({ kind, slot, serial }: OfflineName): string {
  return [kind, slot, serial].join('.')
}

/** The name again; null for a text that is none. */
export function offlineNamed (lock: number, ref: string): OfflineName | null {
  const [kind = -1, slot = -1, serial = -1] = ref.split('.').map(Number)
  const name = { lock, kind, slot, serial }
  return kind in widths && serial >= 0 && serial < SERIALS && slot >= 0 && slot < 2 ** 31 && offlineRef(name) === ref ? name : null
}

/** Whether a code may first be used in a slot: from one before its own to one after its last. */
export function mayBegin ({ kind, slot }: OfflineName, now: number): boolean {
  return now >= slot - 1 && now <= slot + offlineClasses[kind]!.firstUse
}

/** Whether a stay is not over yet, one slot for the clock included. */
export function isDuring ({ kind, slot }: OfflineName, now: number): boolean {
  return now <= slot + offlineClasses[kind]!.lasts
}

/** A lock of which no code was used. */
export function freshOffline (lock: number): OfflineLock {
  return { lock, slot: -1, done: 0, values: new Int32Array(0), usedSlot: 0, used: new Uint8Array((ACCEPTABLE + 7) >> 3), stays: [] }
}

/** Whether everything that may be typed in this slot has been computed. */
export function isReady ({ slot, done, stays }: OfflineLock, now: number): boolean {
  return slot === now && done >= ACCEPTABLE && stays.every(({ value }) => value >= 0)
}

/** Whether there is nothing left to compute until the next slot. */
export function isPrepared (one: OfflineLock, now: number): boolean {
  return isReady(one, now) && one.done === ACCEPTABLE + AHEAD
}

/** Computes one code more: one HMAC. Ask again until `isPrepared`. */
export function prepare (one: OfflineLock, now: number, key: Uint8Array, hmac: Hmac = hmacSha256): OfflineLock {
  const unknown = one.stays.find(({ value }) => value < 0)
  if (unknown !== undefined) {
    return { ...one, stays: one.stays.map((stay) => stay === unknown ? { ...stay, value: offlineValue(key, stay, hmac) } : stay) }
  }
  let { slot, done, values } = one
  if (slot + 1 === now && done === ACCEPTABLE + AHEAD) {
    slot = now
    done = ACCEPTABLE
  } else if (slot !== now) {
    slot = now
    done = 0
  }
  const name = nth(one.lock, slot, done)
  values = done === 0 ? new Int32Array(ACCEPTABLE + AHEAD) : values.slice()
  values[place(name, 1)] = offlineValue(key, name, hmac)
  return { ...one, slot, done: done + 1, values }
}

/**
 * Looks a typed number up in a slot for which the lock `isReady`. A stay that was begun opens again; another code must be
 * acceptable now and unused.
 * @returns its name, or null
 */
export function findOffline (one: OfflineLock, value: number, now: number): OfflineName | null {
  for (const stay of one.stays) if (stay.value === value && isDuring(stay, now)) return stay
  // Most entries are none of these numbers at all.
  for (let n = one.values.includes(value) ? 0 : ACCEPTABLE; n < ACCEPTABLE; n++) {
    const name = nth(one.lock, now, n)
    if (one.values[place(name, 1)] === value && !isSpent(one, name)) return name
  }
  return null
}

/** The names of all codes that may first be used in a slot. */
export function acceptableIn (lock: number, now: number): OfflineName[] {
  return Array.from({ length: ACCEPTABLE }, (_, n) => nth(lock, now, n))
}

/**
 * Whether a code can not be begun any more. What is too old to be in the map counts as used: a clock that goes back
 * brings nothing back to life.
 */
export function isSpent ({ used, usedSlot }: OfflineLock, name: OfflineName): boolean {
  if (name.slot > usedSlot + 1) return false
  if (name.slot <= usedSlot + 1 - widths[name.kind]!) return true
  const at = place(name, 0)
  return (used[at >> 3]! >> (at & 7) & 1) === 1
}

/**
 * The lock after a code of it was first used: that is what has to be durable before anything moves.
 * @param value what `findOffline` found it by; -1 when that is not known
 */
export function spend (one: OfflineLock, name: OfflineName, now: number, value: number): OfflineLock {
  const used = one.used.slice()
  const usedSlot = Math.max(one.usedSlot, now, name.slot - 1)
  // What the map forgets has to be free for the slots that take its place.
  for (let kind = 0; kind < widths.length; kind++) {
    for (let slot = Math.max(one.usedSlot + 2, usedSlot + 2 - widths[kind]!); slot <= usedSlot + 1; slot++) {
      for (let serial = 0; serial < SERIALS; serial++) clear(used, place({ lock: one.lock, kind, slot, serial }, 0))
    }
  }
  set(used, place(name, 0))
  const stays = one.stays.filter((stay) => isDuring(stay, now))
  return { ...one, used, usedSlot, stays: name.kind === 0 ? stays : [...stays, { ...name, value }] }
}

/** What has to survive a power cut: the latest slot of a use, the 25 bytes of the map, the stays. No digits. */
export function offlineText ({ usedSlot, used, stays }: OfflineLock): string {
  return [usedSlot, toHex(used), ...stays.map(offlineRef)].join(' ')
}

/** The lock as it was stored. A text that is torn gives one whose codes up to now are all used, which is the safe side. */
export function offlineFrom (lock: number, text: string, now: number): OfflineLock {
  const fresh = freshOffline(lock)
  if (text === '') return fresh
  const [slot, map = '', ...refs] = text.split(' ')
  const used = fromHex(map)
  const usedSlot = Number(slot)
  const stays: OfflineStay[] = []
  for (const ref of refs) {
    const name = offlineNamed(lock, ref)
    if (name !== null) stays.push({ ...name, value: -1 })
  }
  if (used === null || used.length !== fresh.used.length || !Number.isSafeInteger(usedSlot) || stays.length !== refs.length) {
    return { ...fresh, usedSlot: now, used: fresh.used.fill(0xff) }
  }
  return { ...fresh, usedSlot, used, stays }
}

/** The n-th code that is acceptable in a slot, or beyond those one that the next slot adds. */
function nth (lock: number, now: number, n: number): OfflineName {
  const serial = n % SERIALS
  let at = (n - serial) / SERIALS
  if (n >= ACCEPTABLE) return { lock, kind: at - ACCEPTABLE / SERIALS, slot: now + 2, serial }
  let kind = 0
  while (at >= widths[kind]!) {
    at -= widths[kind]!
    kind++
  }
  return { lock, kind, slot: now + 1 - at, serial }
}

/** Where a code is in a table that holds, of each class, as many slots in a row as are acceptable and `more`. */
function place ({ kind, slot, serial }: OfflineName, more: number): number {
  let before = 0
  for (let k = 0; k < kind; k++) before += widths[k]! + more
  return (before + slot % (widths[kind]! + more)) * SERIALS + serial
}

function set (bits: Uint8Array, at: number): void {
  bits[at >> 3] = bits[at >> 3]! | 1 << (at & 7)
}

function clear (bits: Uint8Array, at: number): void {
  bits[at >> 3] = bits[at >> 3]! & ~(1 << (at & 7))
}
