import { hmacSha256 } from '@oncekey/otp/sha256'
import type { Hmac } from '@oncekey/protocol/messages'
import { booted, unpowered } from './boot.ts'
import { show } from './display.ts'
import { hear } from './hear.ts'
import { pressed, watchKeypad } from './keypad.ts'
import { connected, disconnected, watchHello } from './link.ts'
import { watchLockout } from './lockout.ts'
import { watchDoors } from './doors.ts'
import { measured } from './health.ts'
import { relock, sensed, watchBolts } from './locks.ts'
import { prepareOffline } from './offline.ts'
import { sendRecords } from './records.ts'
import { report, sayOnTime } from './report.ts'
import { emit, type Controller, type Work } from './state.ts'
import { wipe } from './wipe.ts'
import type { Effect, Event } from './types.ts'
import { fetched, watchUpdate } from './update.ts'
import { nextWake } from './wake.ts'

/** What a step comes to. The effects are carried out in order, and a `save` is durable before the next one starts. */
export type Turn = { controller: Controller, effects: Effect[] }

/**
 * A controller before its first `booted`.
 * @param hmac a faster HMAC-SHA-256 than the built-in one, where the host has it
 */
export function newController (hmac: Hmac = hmacSha256): Controller {
  return unpowered(hmac)
}

/**
 * The whole program of the box at the door. The same controller, event and time always give the same turn; the
 * argument is left as it was.
 * @param now monotonic, milliseconds since boot; never less than before, except with `booted`
 */
export function step (controller: Controller, event: Event, now: number): Turn {
  const work: Work = { state: { ...controller }, now, effects: [] }
  const { state } = work
  // `wakeAt` is the next moment at which anything is due by itself, so before it there is nothing to look for.
  const isDue = controller.wakeAt !== null && now >= controller.wakeAt
  if (event.is === 'booted') booted(work, event)
  // Without power nothing happens.
  else if (controller.boot.bootId === '') return { controller, effects: [] }
  else {
    // What is due comes before what happens: a late `woke` changes no outcome.
    if (isDue) {
      watchKeypad(work)
      watchLockout(work)
      watchBolts(work)
      watchDoors(work)
      watchHello(work)
    }
    happen(work, event)
  }
  // Most steps, such as a key press, leave all of this as it was.
  if (isDue || state.locks !== controller.locks || state.lockout !== controller.lockout || state.link !== controller.link || state.ring !== controller.ring || state.update !== controller.update || state.health !== controller.health || state.settings !== controller.settings) {
    relock(work)
    watchUpdate(work)
    sayOnTime(work)
    report(work)
    sendRecords(work)
  }
  // What forgot everything has nothing more to show.
  if (state.boot.bootId === '') return { controller: state, effects: work.effects }
  show(work)
  wish(work)
  return { controller: state, effects: work.effects }
}

function happen (work: Work, event: Exclude<Event, { is: 'booted' }>): void {
  switch (event.is) {
    case 'unclaimed':
      work.state.claimCode = event.claimCode
      return
    case 'key': return pressed(work, event.key)
    case 'connected': return connected(work, event.entropy)
    case 'disconnected': return disconnected(work)
    case 'message': return hear(work, event.topic, event.payload)
    case 'sensed': return sensed(work, event.lock, event.lockState, event.doorState)
    case 'fetched': return fetched(work, event.offer, event.fault)
    case 'health': return measured(work, event)
    case 'factoryReset': return wipe(work)
    case 'woke':
      // The host's timer is gone, even if it was early.
      work.state.wakeAt = null
      prepareOffline(work)
  }
}

function wish (work: Work): void {
  const { state, now } = work
  const at = nextWake(state, now)
  if (at === state.wakeAt) return
  state.wakeAt = at
  emit(work, { do: 'wake', at })
}
