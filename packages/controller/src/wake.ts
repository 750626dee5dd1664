import { timeAt } from './clock.ts'
import { unprepared } from './offline.ts'
import type { Controller } from './state.ts'
import { ENTRY_MS, IDLE_MS, LOCKOUT_SAVE_MS, QUESTION_MS, RESEND_MS, STILL_MS, TRIAL_MS } from './times.ts'

/**
 * The next moment at which something is due without anybody doing anything; null when nothing is. Every key press comes
 * by here, so it compares as it goes: a list of all times would cost the device more.
 */
export function nextWake (state: Controller, now: number): number | null {
  let next = Infinity
  const due = (at: number): void => {
    if (at < next) next = at
  }
  // Taking things apart into names would cost the device more than reading their fields.
  if (unprepared(state, now) !== null) due(now + IDLE_MS)
  if (state.entry !== '') due(state.entryAt + ENTRY_MS)
  if (state.notice !== null) due(state.notice.until)
  if (state.question !== null) due(state.question.sentAt + (now < state.question.sentAt + STILL_MS ? STILL_MS : QUESTION_MS))
  if (state.lockout !== null) {
    const { lockout } = state
    // The second at which the countdown on the display changes.
    due(lockout.until - (Math.ceil((lockout.until - now) / 1000) - 1) * 1000)
    due(lockout.savedAt + LOCKOUT_SAVE_MS)
  }
  state.locks.forEach((lock) => {
    if (lock.heldAt !== null) due(lock.heldAt)
    if (lock.move !== null) due(lock.move.by)
    else if (lock.relockAt !== null && lock.relockAt > now) due(lock.relockAt)
  })
  if (state.update.trial !== null && now < TRIAL_MS) due(TRIAL_MS)
  // The minute at which the time of day on the display changes.
  if (state.clock !== null) due(now + 60_000 - timeAt(state, now) % 60_000)
  if (state.link !== null) {
    const { session } = state.link
    if (session === null) due(state.link.againAt)
    else {
      due(session.healthAt)
      due(session.timeAt)
      if (session.inFlight > state.ring.acked) due(session.inFlightAt + RESEND_MS)
    }
  }
  return next === Infinity ? null : next
}
