import { timeAt } from './clock.ts'
import { unprepared } from './offline.ts'
import type { Controller } from './state.ts'
import { ENTRY_MS, IDLE_MS, LOCKOUT_SAVE_MS, QUESTION_MS, RESEND_MS, STILL_MS } from './times.ts'

/**
 * The next moment at which something is due without anybody doing anything; null when nothing is. Every key press comes
 * by here, so it compares as it goes: a list of all times would cost the device more.
 */
export function nextWake (state: Controller, now: number): number | null {
  let next = Infinity
  const due = (at: number): void => {
    if (at < next) next = at
  }
  const { notice, question, lockout, clock, link } = state
  if (unprepared(state, now) !== null) due(now + IDLE_MS)
  if (state.entry !== '') due(state.entryAt + ENTRY_MS)
  if (notice !== null) due(notice.until)
  if (question !== null) due(question.sentAt + (now < question.sentAt + STILL_MS ? STILL_MS : QUESTION_MS))
  if (lockout !== null) {
    // The second at which the countdown on the display changes.
    due(lockout.until - (Math.ceil((lockout.until - now) / 1000) - 1) * 1000)
    due(lockout.savedAt + LOCKOUT_SAVE_MS)
  }
  // Taking the lock apart would cost the device more.
  state.locks.forEach((lock) => {
    if (lock.heldAt !== null) due(lock.heldAt)
    if (lock.move !== null) due(lock.move.by)
    else if (lock.relockAt !== null && lock.relockAt > now) due(lock.relockAt)
  })
  // The minute at which the time of day on the display changes.
  if (clock !== null) due(now + 60_000 - timeAt(state, now) % 60_000)
  if (link !== null && link.session !== null) {
    const { inFlight, inFlightAt, healthAt, timeAt: askAt } = link.session
    due(healthAt)
    due(askAt)
    if (inFlight > state.ring.acked) due(inFlightAt + RESEND_MS)
  }
  return next === Infinity ? null : next
}
