import type { DoorAlarm, DoorState, LockState } from '@oncekey/protocol/messages'
import { note } from './records.ts'
import { settingsOf } from './settings.ts'
import { save, type Lock, type Work } from './state.ts'

/** What is known of a lock's door. */
type Seen = Pick<Lock, 'doorState' | 'alarm' | 'heldAt'>

/**
 * What a door's contact says, and what it means: a door that opens though its bolt was locked and nobody let it go was
 * forced. That an alarm is on is durable before its record, so that a cut in between repeats the record and loses none.
 */
export function doorSeen (work: Work, before: Lock, lockState: LockState, contact: DoorState): Seen {
  const { doorState: was, alarm, duty, move, heldAt } = before
  const { doorAlarms } = settingsOf(work.state)
  const isForced = doorAlarms?.forced === true && was === 'closed' && before.lockState === 'locked' && lockState !== 'unlocked' && !duty && move === null
  const doorState = contact !== 'open' ? contact : alarm ?? (isForced ? 'forcedOpen' : 'open')
  if (doorState === was) return { doorState, alarm, heldAt }
  if (doorState === 'open') {
    if (was !== 'unknown') tellDoor(work, before.lock, doorState)
    return { doorState, alarm, heldAt: doorAlarms === undefined || doorAlarms.heldMs === 0 ? null : work.now + doorAlarms.heldMs }
  }
  if (contact === 'open' && alarm === null) return raise(work, before.lock, 'forcedOpen')
  if (contact === 'closed' && alarm !== null) {
    note(work, { type: 'door.changed', lock: before.lock, doorState, ended: alarm })
    save(work, 'd/' + String(before.lock), '')
    return { doorState, alarm: null, heldAt: null }
  }
  // After a boot, what is an alarm still is told again; anything else that is seen for the first time is no change.
  if (was !== 'unknown' || doorState === alarm) tellDoor(work, before.lock, doorState)
  return { doorState, alarm, heldAt: null }
}

/** A door that is open for too long. */
export function watchDoors (work: Work): void {
  const { state, now } = work
  for (const held of state.locks) {
    if (held.heldAt === null || now < held.heldAt) continue
    state.locks = state.locks.map((lock) => lock === held ? { ...lock, ...raise(work, lock.lock, 'ajar') } : lock)
  }
}

/** The alarm of a lock's door that was on when the power went. */
export function restoreAlarm (stored: string | undefined): DoorAlarm | null {
  return stored === 'forcedOpen' || stored === 'ajar' ? stored : null
}

function raise (work: Work, lock: number, alarm: DoorAlarm): Seen {
  save(work, 'd/' + String(lock), alarm)
  tellDoor(work, lock, alarm)
  return { doorState: alarm, alarm, heldAt: null }
}

function tellDoor (work: Work, lock: number, doorState: DoorState): void {
  note(work, { type: 'door.changed', lock, doorState })
}
