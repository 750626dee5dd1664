import { SLOT_MS } from '@oncekey/otp/offline'
import { MAX_N, type ClockTrust } from '@oncekey/protocol/messages'
import { emit, save, whole, type Controller, type Work } from './state.ts'

/** 20 ppm: what a crystal may be off. */
const DRIFT_PER_MS = 50_000

/**
 * Takes the server's time. It was written after the question left, so counting from the question's sending can
 * only make our clock late, never early: whatever expires does so on the safe side, however slow the way was.
 * @param sentAt when our question left, ms since boot
 * @param time the server's time in its answer
 */
export function setClock (work: Work, sentAt: number, time: number): void {
  work.state.clock = { ahead: time - sentAt, errorMs: work.now - sentAt, at: work.now, trust: 'synced' }
  if (work.state.hasRtc) emit(work, { do: 'setRtc', time: timeAt(work.state, work.now) })
}

/** Milliseconds since 1970; 0 while unknown. */
export function timeAt (controller: Controller, now: number): number {
  return controller.clock === null ? 0 : controller.clock.ahead + now
}

export function trustOf (controller: Controller, now: number): { trust: ClockTrust, errorMs: number } {
  const { clock } = controller
  if (clock === null) return { trust: 'none', errorMs: 0 }
  return { trust: clock.trust, errorMs: Math.min(MAX_N, clock.errorMs + Math.ceil((now - clock.at) / DRIFT_PER_MS)) }
}

/** Whether somebody who knows gave the time, to within a slot. */
export function isTrusted (controller: Controller, now: number): boolean {
  const { trust, errorMs } = trustOf(controller, now)
  return trust !== 'none' && trust !== 'persisted' && errorMs <= SLOT_MS
}

/** Stores the time now and then, for a boot without anybody who knows it: then it is at least this late. */
export function keepTime (work: Work): void {
  const time = timeAt(work.state, work.now)
  if (Math.abs(time - work.state.keptTime) < SLOT_MS) return
  work.state.keptTime = time
  save(work, 'clock', String(time))
}

/**
 * The time after a boot: that of a clock with a battery, unless it is behind what was stored, because then it stood
 * still; else the stored one.
 */
export function restoreClock (work: Work, stored: string | undefined, rtc: { time: number, errorMs: number } | undefined): void {
  const { state, now } = work
  state.keptTime = whole(stored)
  state.hasRtc = rtc !== undefined
  if (rtc !== undefined && rtc.time > 0 && rtc.time >= state.keptTime) state.clock = { ahead: rtc.time - now, errorMs: rtc.errorMs, at: now, trust: 'rtc' }
  else if (state.keptTime > 0) state.clock = { ahead: state.keptTime - now, errorMs: MAX_N, at: now, trust: 'persisted' }
}
