import { pinVerifier } from '@oncekey/otp/offline'
import type { Pins } from '@oncekey/protocol/messages'
import { isTrusted, timeAt } from './clock.ts'
import { moveByKeypad } from './locks.ts'
import { isResting, miss } from './lockout.ts'
import { declineOffline } from './offline.ts'
import { wordsOf } from './settings.ts'
import { save, type Controller, type Work } from './state.ts'

/** The server lends its pins for outages, all of them, in the place of those before. */
export function takePins (work: Work, pins: Pins, body: string): void {
  work.state.pins = pins
  save(work, 'pins', body)
}

/** Whether a pin could open something now: some were lent, it is known how late it is, and it is not too late. */
export function takesPins (state: Controller, now: number): boolean {
  return state.pins !== null && state.pins.pins.length > 0 && isTrusted(state, now) && timeAt(state, now) < state.pins.until
}

/**
 * An entry without a session that may be a pin. It is compared with what the server lent, as long as it lent it, and counts
 * as a wrong offline code when it is none of them. Nothing is stored of an opening: a pin opens again and again.
 * @returns false: no pin here has so many digits
 */
export function enteredPin (work: Work, digits: string): boolean {
  const { state, now } = work
  const { pins, owner } = state
  if (pins === null || owner === null || pins.pins.length === 0 || digits.length !== pins.digits) return false
  if (!takesPins(state, now)) declineOffline(work, isTrusted(state, now) ? wordsOf(state).tryLater : wordsOf(state).noClock)
  else if (!isResting(work)) {
    const verifier = pinVerifier(owner.offlineKey, digits, state.hmac)
    const pin = pins.pins.find((one) => one.verifier === verifier && (one.ends === 0 || timeAt(state, now) < one.ends))
    if (pin === undefined) miss(work)
    else moveByKeypad(work, pin.lock, 'unlock', 'offlineCode', 'pin.' + verifier)
  }
  return true
}
