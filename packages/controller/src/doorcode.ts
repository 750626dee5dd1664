import { utf8 } from '@oncekey/otp/sha256'
import type { LockMode } from '@oncekey/protocol/messages'
import { minutesAndSeconds } from './display.ts'
import { refuse, tell } from './notice.ts'
import { declineOffline } from './offline.ts'
import { ask, lastId, sealed } from './question.ts'
import { say } from './session.ts'
import { settingsOf, wordsOf } from './settings.ts'
import { emit, type DoorCode, type State, type Work } from './state.ts'
import { NOTICE_MS, OPEN_NOTICE_MS } from './times.ts'

/** `#` or `*` without digits: at a door in door mode a code is asked for. */
export function askForCode (work: Work, mode: LockMode): void {
  const { state, now } = work
  const { link } = state
  const { doorMode } = settingsOf(state)
  if (doorMode === undefined) return
  emit(work, { do: 'tone', tone: 'key' })
  if (link === null || link.session === null) return declineOffline(work, wordsOf(state).tryLater)
  const { lock, makes } = doorMode
  const id = ask(state, now)
  say(work, 'request', { id, kind: 'requestCode', mode, lock, ...makes > 0 && { entry: sealed(state, link.owner, link.session, digitsFrom(state, link.owner.keys.encUp, makes)) } })
}

/** Digits that nobody without our key can foretell: of the question's id, which never comes again. */
function digitsFrom ({ hmac, boot, asked }: State, key: Uint8Array, count: number): string {
  let value = 0
  for (const byte of hmac(key, utf8('code|' + lastId({ boot, asked }))).slice(0, 6)) value = value * 256 + byte
  return String(value % 10 ** count).padStart(count, '0')
}

/** What became of the newest question, as often as there is news. Nothing moves by it, so it may come late. */
export function toldOfCode (work: Work, { id, status, sent, of, waitMs }: DoorCode): void {
  const { state } = work
  if (id !== lastId(state)) return
  state.question = null
  // Whoever types by now has it.
  if (state.entry !== '') return
  const words = wordsOf(state)
  const reached = String(sent) + words.of + String(of)
  switch (status) {
    case 'waiting':
      emit(work, { do: 'tone', tone: 'sent' })
      return tell(work, words.asked, words.forYes, waitMs)
    case 'sent':
      if (sent === 0) return refuse(work, words.nobodyReached, words.callOperator, OPEN_NOTICE_MS)
      emit(work, { do: 'tone', tone: 'sent' })
      return tell(work, words.codeSent, reached, OPEN_NOTICE_MS)
    case 'alreadySent': return refuse(work, words.alreadySent, reached, OPEN_NOTICE_MS)
    case 'tooMany': return refuse(work, words.tooMany, words.wait + minutesAndSeconds(waitMs), NOTICE_MS)
    case 'nobody': return refuse(work, words.nobodyReached, words.callOperator, NOTICE_MS)
    case 'refused': return refuse(work, words.notApproved, '', OPEN_NOTICE_MS)
    case 'unanswered': return refuse(work, words.noAnswer, words.tryAgain, NOTICE_MS)
  }
}
