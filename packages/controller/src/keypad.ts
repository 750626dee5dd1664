import { MAX_ENTRY_DIGITS, type Answer } from '@oncekey/protocol/messages'
import { askForCode, toldOfCode } from './doorcode.ts'
import { moveByKeypad } from './locks.ts'
import { countAcceptance, countRefusal } from './lockout.ts'
import { turnPage } from './menu.ts'
import { refuse } from './notice.ts'
import { enteredOffline, takeOffline } from './offline.ts'
import { enteredPin } from './pins.ts'
import { ask, sealed } from './question.ts'
import { say } from './session.ts'
import { settingsOf, wordsOf } from './settings.ts'
import { emit, type Work } from './state.ts'
import { ENTRY_MS, NOTICE_MS, QUESTION_MS } from './times.ts'
import type { Key } from './types.ts'

/** A key went down. While the keypad rests or a question is open, keys are not there. */
export function pressed (work: Work, key: Key): void {
  const { state } = work
  if (state.lockout !== null || state.question !== null) return
  if (key >= 'A') {
    if (key === 'D' && state.entry === '' && settingsOf(state).menu === true) turnPage(work)
    return
  }
  if (key === '*' || key === '#') {
    const digits = state.entry
    if (digits === '') return askForCode(work, key === '#' ? 'lock' : 'unlock')
    emit(work, { do: 'tone', tone: 'key' })
    state.entry = ''
    if (key === '#') entered(work, digits)
    return
  }
  if (state.entry.length === MAX_ENTRY_DIGITS) return
  state.entry += key
  state.entryAt = work.now
  state.notice = null
  emit(work, { do: 'tone', tone: 'key' })
}

function entered (work: Work, digits: string): void {
  const { state, now } = work
  const { link } = state
  if (link === null || link.session === null) {
    if (!enteredPin(work, digits)) enteredOffline(work, digits)
    return
  }
  const id = ask(state, now)
  say(work, 'request', { id, kind: 'verify', entry: sealed(state, link.owner, link.session, digits), lock: 0 })
}

/** An answer counts only for the open question: one that was closed is as good as never asked. */
export function takeAnswer (work: Work, answer: Answer): void {
  const { state } = work
  if (answer.kind === 'requestCode') return toldOfCode(work, answer)
  if (state.question === null || answer.id !== state.question.id) return
  state.question = null
  if (!answer.granted) {
    // Counted, durably, before anybody hears of it.
    countRefusal(work, answer)
    return emit(work, { do: 'tone', tone: 'refused' })
  }
  countAcceptance(work)
  if (answer.offline === undefined) return moveByKeypad(work, answer.lock, answer.mode, 'keypad', answer.id)
  if (takeOffline(work, answer.lock, answer.offline)) return moveByKeypad(work, answer.lock, answer.mode, 'offlineCode', answer.offline)
  refuse(work, wordsOf(state).notAccepted, '', NOTICE_MS)
}

/** No answer will be taken any more. */
export function closeQuestion (work: Work): void {
  const { state } = work
  if (state.question === null) return
  state.question = null
  const words = wordsOf(state)
  refuse(work, words.noAnswer, words.tryAgain, NOTICE_MS)
}

export function watchKeypad (work: Work): void {
  const { state, now } = work
  if (state.entry !== '' && now >= state.entryAt + ENTRY_MS) state.entry = ''
  if (state.question !== null && now >= state.question.sentAt + QUESTION_MS) closeQuestion(work)
  if (state.notice !== null && now >= state.notice.until) state.notice = null
}
