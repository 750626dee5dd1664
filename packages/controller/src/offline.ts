import {
  findOffline, isPrepared, isReady, isSpent, offlineFrom, offlineNamed, offlineRef, offlineText, OFFLINE_DIGITS, prepare, slotAt, spend,
  type OfflineLock, type OfflineName
} from '@oncekey/otp/offline'
import { isTrusted, keepTime, timeAt, trustOf } from './clock.ts'
import { isShut, moveByKeypad } from './locks.ts'
import { isResting, miss } from './lockout.ts'
import { beside, refuse } from './notice.ts'
import { settingsOf, wordsOf } from './settings.ts'
import { save, type Controller, type Owner, type Work } from './state.ts'
import { NOTICE_MS } from './times.ts'

/**
 * An entry without a session: the local policy decides at once, here. Only what has the form of an offline code, at a
 * door that takes them and knows the time, is compared with anything, and only that counts: cutting the network must
 * neither lock people out nor give anybody a guess.
 */
export function enteredOffline (work: Work, digits: string): void {
  const { state, now } = work
  const { offline } = settingsOf(state)
  const words = wordsOf(state)
  // What most entries are is asked first: this is a key press.
  if (offline === undefined || digits.length < OFFLINE_DIGITS) return declineOffline(work, words.tryLater)
  const typed = Number(digits.slice(0, -OFFLINE_DIGITS))
  // One lock needs no number.
  const lock = typed === 0 && state.locks.length === 1 ? 1 : typed
  if (!state.locks.some((one) => one.lock === lock)) return declineOffline(work, words.tryLater)
  // Before anything is compared: it costs nobody a code, and tells nobody whether it was one.
  if (isShut(work, lock)) return
  const slot = slotNow(state, now)
  if (slot === null || state.owner === null) return declineOffline(work, words.noClock)
  if (isResting(work)) return
  const known = lockOf(state, lock, slot)
  // A slot that began while somebody typed takes one step; what is missing after a boot takes too many.
  const one = isReady(known, slot) ? known : prepare(known, slot, state.owner.offlineKey, state.hmac)
  if (!isReady(one, slot)) return declineOffline(work, words.tryLater)
  const value = Number(digits.slice(-OFFLINE_DIGITS))
  const name = findOffline(one, value, slot)
  if (name === null || offline.revoked.includes(String(lock) + '.' + offlineRef(name))) return miss(work)
  if (!isBegun(one, name)) use(work, one, name, slot, value)
  moveByKeypad(work, lock, 'unlock', 'offlineCode', offlineRef(name))
}

/**
 * The server took an entry for an offline code.
 * @returns whether it may open: false when it was used here already, without the server
 */
export function takeOffline (work: Work, lock: number, ref: string): boolean {
  const slot = slotAt(timeAt(work.state, work.now))
  const name = offlineNamed(lock, ref)
  if (name === null) return false
  const one = lockOf(work.state, lock, slot)
  if (isBegun(one, name)) return true
  if (isSpent(one, name)) return false
  use(work, one, name, slot, -1)
  return true
}

/** One more code of the locks that are not ready for this slot and the next: one HMAC, for a moment in which nobody waits. */
export function prepareOffline (work: Work): void {
  const { state, now } = work
  const next = unprepared(state, now)
  if (next === null) return
  keepTime(work)
  put(work, prepare(next.one, next.slot, next.owner.offlineKey, state.hmac))
}

/** What is to be computed, if anything is and nobody types or waits. */
export function unprepared (state: Controller, now: number): { one: OfflineLock, slot: number, owner: Owner } | null {
  // Every key press comes by here: what costs least is asked first.
  if (state.entry !== '' || state.question !== null || state.owner === null) return null
  const slot = slotNow(state, now)
  if (slot === null) return null
  for (const { lock } of state.locks) {
    const one = lockOf(state, lock, slot)
    if (!isPrepared(one, slot)) return { one, slot, owner: state.owner }
  }
  return null
}

/** The slot that it is now; null while offline codes are not taken, or the time is not known well enough for them. */
export function slotNow (state: Controller, now: number): number | null {
  const { offline } = settingsOf(state)
  if (offline === undefined) return null
  const isGood = isTrusted(state, now) || (offline.clock === 'persisted' && trustOf(state, now).trust === 'persisted')
  return isGood ? slotAt(timeAt(state, now)) : null
}

/** Says no, because there is no network. */
export function declineOffline (work: Work, why: string): void {
  refuse(work, beside(settingsOf(work.state).name, wordsOf(work.state).offline), why, NOTICE_MS)
}

function isBegun (one: OfflineLock, name: OfflineName): boolean {
  return one.stays.some((stay) => offlineRef(stay) === offlineRef(name))
}

/** Durable before anything moves. */
function use (work: Work, one: OfflineLock, name: OfflineName, slot: number, value: number): void {
  const used = spend(one, name, slot, value)
  put(work, used)
  save(work, 'o/' + String(one.lock), offlineText(used))
}

function lockOf ({ offline }: Controller, lock: number, slot: number): OfflineLock {
  return offline.locks.find((one) => one.lock === lock) ?? offlineFrom(lock, offline.stored['o/' + String(lock)] ?? '', slot)
}

function put (work: Work, one: OfflineLock): void {
  const { offline } = work.state
  work.state.offline = { ...offline, locks: [...offline.locks.filter(({ lock }) => lock !== one.lock), one] }
}
