import { timeAt } from './clock.ts'
import type { Controller } from './state.ts'
import { ENTRY_MS, LOCKOUT_SAVE_MS, QUESTION_MS, RESEND_MS, STILL_MS } from './times.ts'

/** The next moment at which something is due without anybody doing anything; null when nothing is. */
export function nextWake (state: Controller, now: number): number | null {
  const times: number[] = []
  if (state.entry !== '') times.push(state.entryAt + ENTRY_MS)
  if (state.notice !== null) times.push(state.notice.until)
  if (state.question !== null) {
    const { sentAt } = state.question
    times.push(now < sentAt + STILL_MS ? sentAt + STILL_MS : sentAt + QUESTION_MS)
  }
  if (state.lockout !== null) {
    const { until, savedAt } = state.lockout
    // The second at which the countdown on the display changes.
    times.push(until - (Math.ceil((until - now) / 1000) - 1) * 1000, savedAt + LOCKOUT_SAVE_MS)
  }
  for (const { move, relockAt } of state.locks) {
    if (move !== null) times.push(move.by)
    else if (relockAt !== null && relockAt > now) times.push(relockAt)
  }
  // The minute at which the time of day on the display changes.
  if (state.clock !== null) times.push(now + 60_000 - timeAt(state, now) % 60_000)
  if (state.link !== null && state.link.session !== null) {
    const { inFlight, inFlightAt, healthAt, timeAt: askAt } = state.link.session
    times.push(healthAt, askAt)
    if (inFlight > state.ring.acked) times.push(inFlightAt + RESEND_MS)
  }
  return times.length === 0 ? null : Math.min(...times)
}
