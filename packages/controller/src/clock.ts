import type { ClockTrust } from '@oncekey/protocol/messages'
import type { Controller, Work } from './state.ts'

/** 20 ppm: what a crystal may be off. */
const DRIFT_PER_MS = 50_000

/**
 * Takes the server's time. It was written after the question left, so counting from the question's sending can
 * only make our clock late, never early: whatever expires does so on the safe side, however slow the way was.
 * @param sentAt when our question left, ms since boot
 * @param time the server's time in its answer
 */
export function setClock (work: Work, sentAt: number, time: number): void {
  work.state.clock = { ahead: time - sentAt, errorMs: work.now - sentAt, at: work.now }
}

/** Milliseconds since 1970; 0 while unknown. */
export function timeAt (controller: Controller, now: number): number {
  return controller.clock === null ? 0 : controller.clock.ahead + now
}

export function trustOf (controller: Controller, now: number): { trust: ClockTrust, errorMs: number } {
  const { clock } = controller
  if (clock === null) return { trust: 'none', errorMs: 0 }
  return { trust: 'synced', errorMs: clock.errorMs + Math.ceil((now - clock.at) / DRIFT_PER_MS) }
}
