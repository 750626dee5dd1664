import type { BatteryLevel } from '@oncekey/protocol/messages'
import { moveBolt } from './locks.ts'
import { note } from './records.ts'
import { settingsOf } from './settings.ts'
import { save, type Battery, type Work } from './state.ts'

/** So much above a bound a battery has to be before it counts as better, mV: else it would come and go with each load. */
const BETTER = 100

/**
 * What the host measured. A level counts when it is seen twice in a row, because a motor that starts pulls the voltage
 * down for a moment. It is recorded once, over boots too, and at a critical one the locks that are to fail safe are
 * unlocked, once: stored before they move, so that a box that keeps losing its power does not spend the rest on a motor.
 */
export function measure (work: Work, millivolts: number): void {
  const { state } = work
  const { level, seen } = state.battery
  const now = levelOf(work, millivolts)
  state.battery = { millivolts, level, seen: now }
  if (now === level || now !== seen) return
  state.battery = { millivolts, level: now, seen: now }
  note(work, { type: 'battery.changed', level: now, millivolts })
  save(work, 'battery', now)
  if (now !== 'critical') return
  for (const { lock, failSafe } of settingsOf(state).locks) {
    if (failSafe === true) moveBolt(work, { lock, mode: 'unlock', source: 'auto', ref: '', command: null })
  }
}

function levelOf (work: Work, millivolts: number): BatteryLevel {
  const { battery } = settingsOf(work.state)
  const { level } = work.state.battery
  // 0: there is no battery to measure.
  if (battery === undefined || millivolts === 0) return level
  if (millivolts < battery.criticalMillivolts + (level === 'critical' ? BETTER : 0)) return 'critical'
  return millivolts < battery.lowMillivolts + (level === 'ok' ? 0 : BETTER) ? 'low' : 'ok'
}

export function restoreBattery (stored: string | undefined): Battery {
  const level = stored === 'low' || stored === 'critical' ? stored : 'ok'
  return { millivolts: 0, level, seen: level }
}
