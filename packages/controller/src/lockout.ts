import { tell } from './notice.ts'
import { note } from './records.ts'
import { settingsOf, wordsOf } from './settings.ts'
import { emit, save, whole, type Verdict, type Work } from './state.ts'
import { LOCKOUT_SAVE_MS, LONGEST_LOCKOUT_MS, MISSES, NOTICE_MS, QUIET_MS } from './times.ts'

/**
 * A refused entry. The server says how many tries are left and when the keypad rests; the controller counts as
 * well, so that a run of wrong codes ends here even if no answer ever says so.
 */
export function countRefusal (work: Work, verdict: Verdict & { granted: false }): void {
  const { state } = work
  const { wrongCodeEntryLimit, lockoutMs } = settingsOf(state)
  state.wrong++
  if (verdict.lockoutMs > 0) return lockOut(work, verdict.lockoutMs)
  if (state.wrong >= wrongCodeEntryLimit) {
    // The server's own lockouts are in its record already; this one only we know.
    note(work, { type: 'keypad.lockedOut', lockoutMs })
    return lockOut(work, lockoutMs)
  }
  saveKeypad(work)
  tellRefusal(work, Math.min(verdict.triesLeft, wrongCodeEntryLimit - state.wrong))
}

function tellRefusal (work: Work, left: number): void {
  const words = wordsOf(work.state)
  const hint = left < 1 ? words.callOperator : left === 1 ? words.oneTryLeft : String(left) + words.triesLeft
  tell(work, words.notAccepted, hint, NOTICE_MS)
}

/** An accepted entry ends the run of wrong ones. */
export function countAcceptance (work: Work): void {
  if (work.state.wrong === 0) return
  work.state.wrong = 0
  saveKeypad(work)
}

/**
 * A wrong offline code. Neither a right one nor a new session takes anything of it back, else whoever has a code of his
 * own, or the network cable, could guess for ever: only a day of power without another does. Every third lets the keypad
 * rest, twice as long each time, and the 84th for that day.
 */
export function miss (work: Work): void {
  countMiss(work)
  emit(work, { do: 'tone', tone: 'refused' })
}

function countMiss (work: Work): void {
  const { state, now } = work
  const { wrongCodeEntryLimit, lockoutMs } = settingsOf(state)
  const misses = (now < state.offline.quietAt ? state.offline.misses : 0) + 1
  const left = wrongCodeEntryLimit - misses % wrongCodeEntryLimit
  const isRest = left === wrongCodeEntryLimit
  const doubled = Math.min(LONGEST_LOCKOUT_MS, lockoutMs * 2 ** (Math.ceil(misses / wrongCodeEntryLimit) - 1))
  const restMs = misses >= MISSES ? QUIET_MS : isRest ? doubled : 0
  state.offline = { ...state.offline, misses, restUntil: now + restMs, quietAt: now + QUIET_MS }
  saveMisses(work)
  if (restMs === 0) return tellRefusal(work, left)
  note(work, { type: 'keypad.lockedOut', lockoutMs: restMs })
  lockOut(work, restMs)
}

/** Whether the keypad rests because of wrong codes that were checked here; if so, that shows again. */
export function isResting (work: Work): boolean {
  const rest = work.state.offline.restUntil - work.now
  if (rest > 0) lockOut(work, rest)
  return rest > 0
}

/** An operator ends the rest. The level stays, unless the day's misses were used up: nothing else could end that. */
export function clearRest (work: Work): void {
  const { offline } = work.state
  if (offline.misses === 0) return
  work.state.offline = { ...offline, restUntil: 0, misses: offline.misses < MISSES ? offline.misses : 0 }
  saveMisses(work)
}

/** `misses`: how many, what is left of the rest, and of the time after which they are forgotten. */
function saveMisses (work: Work): void {
  const { misses, restUntil, quietAt } = work.state.offline
  save(work, 'misses', [misses, Math.max(0, restUntil - work.now), Math.max(0, quietAt - work.now)].join(' '))
}

/** What was stored about codes that are checked here. */
export function restoreMisses (work: Work, saved: Readonly<Record<string, string>>): void {
  const [misses, rest, quiet] = (saved['misses'] ?? '').split(' ')
  const stored = Object.fromEntries(Object.entries(saved).filter(([key]) => key.startsWith('o/')))
  work.state.offline = { stored, locks: [], misses: whole(misses), restUntil: work.now + whole(rest), quietAt: work.now + whole(quiet) }
}

/** The keypad rests from now on. */
export function lockOut (work: Work, lockoutMs: number): void {
  const { state, now } = work
  state.lockout = { until: now + lockoutMs, savedAt: now }
  state.wrong = 0
  state.entry = ''
  state.notice = null
  saveKeypad(work)
}

/** What the server says on line is law: it sets a lockout, and it ends one that only we knew of. */
export function takeLockout (work: Work, lockoutMs: number): void {
  if (lockoutMs > 0) lockOut(work, lockoutMs)
  else if (work.state.lockout !== null) clearLockout(work)
}

/** Ends the lockout and the run of wrong codes before it. */
export function clearLockout (work: Work): void {
  work.state.lockout = null
  work.state.wrong = 0
  saveKeypad(work)
}

/** Ends it when its time has come, and keeps what is left of it durable until then. */
export function watchLockout (work: Work): void {
  const { lockout } = work.state
  if (lockout === null) return
  if (work.now >= lockout.until) return clearLockout(work)
  if (work.now < lockout.savedAt + LOCKOUT_SAVE_MS) return
  work.state.lockout = { ...lockout, savedAt: work.now }
  saveKeypad(work)
  if (work.state.offline.misses > 0) saveMisses(work)
}

/** Wrong codes in a row, and the time that is left: there is no clock at boot that an end could be measured with. */
function saveKeypad (work: Work): void {
  const { wrong, lockout } = work.state
  const left = lockout === null ? 0 : lockout.until - work.now
  save(work, 'keypad', wrong === 0 && left === 0 ? '' : String(wrong) + ' ' + String(left))
}

export function restoreLockout (work: Work, stored: string | undefined): void {
  const [wrong, left] = (stored ?? '').split(' ')
  work.state.wrong = whole(wrong)
  if (whole(left) > 0) work.state.lockout = { until: work.now + whole(left), savedAt: work.now }
}
