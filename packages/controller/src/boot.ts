import { base64url } from '@oncekey/otp/sha256'
import { deriveKey, linkKeys, parsePins, parseSettings, type Hmac } from '@oncekey/protocol/messages'
import { restoreHealth } from './health.ts'
import { restoreClock } from './clock.ts'
import { restoreLockout, restoreMisses } from './lockout.ts'
import { restoreLocks, unknownLock } from './locks.ts'
import { tell } from './notice.ts'
import { note, RING_LIMIT, restoreRing, sweepRing } from './records.ts'
import { restoreCommands } from './remembered.ts'
import { wordsOf } from './settings.ts'
import { noUpdate, restoreUpdate } from './update.ts'
import { emit, type Controller, type Work } from './state.ts'
import { STARTING_MS } from './times.ts'
import type { Event } from './types.ts'

/** The first version of the keys that are derived from the root key. */
const KEY_VERSION = 1

/** A controller without power. */
export function unpowered (hmac: Hmac): Controller {
  return {
    hmac,
    boot: { bootId: '', reset: 'unknown', firmware: '', hardware: '', records: RING_LIMIT },
    owner: null,
    claimCode: '',
    settings: null,
    link: null,
    clock: null,
    keptTime: 0,
    hasRtc: false,
    entry: '',
    entryAt: 0,
    question: null,
    asked: 0,
    notice: null,
    wrong: 0,
    lockout: null,
    pins: null,
    offline: { stored: {}, locks: [], misses: 0, restUntil: 0, quietAt: 0 },
    locks: [],
    health: restoreHealth(''),
    ring: { records: [], seq: 0, head: '', acked: 0 },
    commands: [],
    update: noUpdate,
    reported: '',
    rows: ['', ''],
    wakeAt: null
  }
}

/**
 * Power came. Everything starts from what was saved, and nothing moves: every lock is in an unknown state until its
 * contact was read, whatever the reason of the reset.
 */
export function booted (work: Work, event: Extract<Event, { is: 'booted' }>): void {
  const { state } = work
  const { reset, identity, saved, entropy, firmware, hardware, records = RING_LIMIT } = event
  Object.assign(state, unpowered(state.hmac))
  state.boot = { bootId: base64url(entropy), reset, firmware, hardware, records }
  if (identity !== null) {
    const { site, controller, rootKey } = identity
    state.owner = { address: { site, controller }, keys: linkKeys(rootKey, KEY_VERSION, state.hmac), offlineKey: deriveKey(rootKey, 'offline', KEY_VERSION, state.hmac) }
  }
  for (let lock = 1; lock <= event.locks; lock++) state.locks = [...state.locks, unknownLock(lock)]
  state.settings = parseSettings(saved['settings'] ?? '')
  state.pins = parsePins(saved['pins'] ?? '')
  restoreClock(work, saved['clock'], event.rtc)
  state.commands = restoreCommands(saved)
  state.ring = restoreRing(saved)
  sweepRing(work, saved)
  restoreLockout(work, saved['keypad'])
  restoreMisses(work, saved)
  restoreLocks(work, saved)
  state.health = restoreHealth(saved['battery'])
  note(work, { type: 'controller.booted', reset })
  restoreUpdate(work, saved)
  emit(work, { do: 'tone', tone: 'start' })
  tell(work, 'Oncekey ' + firmware, wordsOf(state).starting, STARTING_MS)
}
