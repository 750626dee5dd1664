import { tell } from './notice.ts'
import { note } from './records.ts'
import { settingsOf, wordsOf } from './settings.ts'
import { save, whole, type Verdict, type Work } from './state.ts'
import { LOCKOUT_SAVE_MS, NOTICE_MS } from './times.ts'

/**
 * A refused entry. The server says how many tries are left and when the keypad rests; the controller counts as
 * well, so that a run of wrong codes ends here even if no answer ever says so.
 */
export function countRefusal (work: Work, verdict: Verdict & { granted: false }): void {
  const { state } = work
  const { wrongCodeEntryLimit, lockoutMs } = settingsOf(state)
  const words = wordsOf(state)
  state.wrong++
  if (verdict.lockoutMs > 0) return lockOut(work, verdict.lockoutMs)
  if (state.wrong >= wrongCodeEntryLimit) {
    // The server's own lockouts are in its record already; this one only we know.
    note(work, { type: 'keypad.lockedOut', lockoutMs })
    return lockOut(work, lockoutMs)
  }
  saveKeypad(work)
  const left = Math.min(verdict.triesLeft, wrongCodeEntryLimit - state.wrong)
  const hint = left < 1 ? words.callOperator : left === 1 ? words.oneTryLeft : String(left) + words.triesLeft
  tell(work, words.notAccepted, hint, NOTICE_MS)
}

/** An accepted entry ends the run of wrong ones. */
export function countAcceptance (work: Work): void {
  if (work.state.wrong === 0) return
  work.state.wrong = 0
  saveKeypad(work)
}

function lockOut (work: Work, lockoutMs: number): void {
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
