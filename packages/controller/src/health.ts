import type { BatteryLevel } from '@oncekey/protocol/messages'
import { moveBolt } from './locks.ts'
import { note } from './records.ts'
import { report } from './report.ts'
import { settingsOf } from './settings.ts'
import { save, type Health, type Work } from './state.ts'
import type { Facts } from './types.ts'

/** So much above a bound a battery has to be before it counts as better, mV: else it would come and go with each load. */
const BETTER = 100

/**
 * What the host measured. A battery's level counts when it is seen twice in a row, because a motor that starts pulls the
 * voltage down for a moment. It is recorded once, over boots too, and at a critical one the locks that are to fail safe
 * are unlocked, once: stored before they move, so that a box that keeps losing its power does not spend the rest on a
 * motor.
 */
export function measured (work: Work, facts: Facts): void {
  const { state } = work
  const { level, seen, lastError } = state.health
  const now = levelOf(work, level, facts.millivolts)
  const isNews = now !== level && now === seen
  state.health = { facts, level: isNews ? now : level, seen: now, lastError: facts.error ?? lastError }
  report(work)
  if (!isNews) return
  note(work, { type: 'battery.changed', level: now, millivolts: facts.millivolts })
  save(work, 'battery', now)
  if (now !== 'critical') return
  for (const { lock, failSafe } of settingsOf(state).locks) {
    if (failSafe === true) moveBolt(work, { lock, mode: 'unlock', source: 'auto', ref: '', command: null })
  }
}

function levelOf (work: Work, level: BatteryLevel, millivolts: number): BatteryLevel {
  const { battery } = settingsOf(work.state)
  // 0: there is no battery to measure.
  if (battery === undefined || millivolts === 0) return level
  if (millivolts < battery.criticalMillivolts + (level === 'critical' ? BETTER : 0)) return 'critical'
  return millivolts < battery.lowMillivolts + (level === 'ok' ? 0 : BETTER) ? 'low' : 'ok'
}

/** Nothing was measured yet; the level that counted last. */
export function restoreHealth (stored: string | undefined): Health {
  const level = stored === 'low' || stored === 'critical' ? stored : 'ok'
  return { facts: { millivolts: 0, freeBytes: 0 }, level, seen: level, lastError: '' }
}
