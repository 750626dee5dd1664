import { say } from './session.ts'
import { settingsOf } from './settings.ts'
import type { Work } from './state.ts'
import { HEALTH_MS, TIME_MS } from './times.ts'

/** What is said by the clock. */
export function sayOnTime (work: Work): void {
  const { state, now } = work
  if (state.link === null || state.link.session === null) return
  const { healthAt, timeAt: askAt } = state.link.session
  if (now >= healthAt) {
    const { freeBytes, rssi, celsius } = state.health.facts
    say(work, 'health', { uptimeMs: now, freeBytes, queued: state.ring.records.length, rssi, celsius }, { healthAt: now + HEALTH_MS })
  }
  if (now >= askAt) say(work, 'time', { t1: now }, { timeAt: now + TIME_MS })
}

/** Reports what is measured whenever it has changed, and by which settings we go, and once in each session. */
export function report (work: Work): void {
  const { state, now } = work
  const { lockout } = state
  const mode = lockout === null ? 'ready' : 'lockedOut'
  const locks = state.locks.map(({ lock, lockState, doorState }) => ({ lock, lockState, doorState }))
  // The time that is left changes all the time; its end does not.
  // Nor is every millivolt news.
  const millivolts = Math.round(state.health.facts.millivolts / 50) * 50
  const settings = settingsOf(state).version
  const reported = JSON.stringify([mode, millivolts, locks, lockout === null ? 0 : lockout.until, settings])
  if (reported === state.reported) return
  const lockoutMs = lockout === null ? 0 : lockout.until - now
  if (say(work, 'state', { mode, locks, millivolts, lockoutMs, settings })) state.reported = reported
}
