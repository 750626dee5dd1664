import { timeAt } from './clock.ts'
import { isOverdue } from './locks.ts'
import { beside, COLUMNS } from './notice.ts'
import { slotNow } from './offline.ts'
import { takesPins } from './pins.ts'
import { labelOf, settingsOf, standingOf, wordsOf } from './settings.ts'
import { emit, type Controller, type Work } from './state.ts'
import { STILL_MS } from './times.ts'

/** Shows what is to be shown now, if it is not there already. */
export function show (work: Work): void {
  const { state, now } = work
  const texts = rowsOf(state, now)
  const rows: readonly [string, string] = [row(texts[0]), row(texts[1])]
  if (rows[0] === state.rows[0] && rows[1] === state.rows[1]) return
  state.rows = rows
  emit(work, { do: 'show', rows })
}

/** The display follows from the state alone; the first thing that has something to say says it. */
function rowsOf (state: Controller, now: number): readonly [string, string] {
  const words = wordsOf(state)
  const { name } = settingsOf(state)
  if (state.owner === null && state.notice !== null && state.notice.page !== undefined) return state.notice.rows
  if (state.owner === null && state.claimCode !== '') return [words.claimCode, state.claimCode]
  if (state.owner === null) return ['Oncekey ' + state.boot.firmware, words.starting]
  if (state.notice !== null) return state.notice.rows
  if (state.lockout !== null) return [words.keypadLocked, words.wait + minutesAndSeconds(state.lockout.until - now)]
  if (state.question !== null) return [now < state.question.sentAt + STILL_MS ? words.checking : words.stillChecking, '']
  if (state.entry !== '') return [words.code, '*'.repeat(state.entry.length)]
  // Of some of them only: codes are still worth typing.
  const order = settingsOf(state).standing?.length === state.locks.length ? standingOf(state, 1) : undefined
  if (order === 'evacuated') return [words.open + name, '']
  const overdue = state.locks.find((lock) => isOverdue(lock, now))
  if (overdue !== undefined) return [words.pleaseClose, words.theDoor + labelOf(state, overdue.lock)]
  const isAlone = state.link === null || state.link.session === null
  return [
    beside(name, isAlone ? words.offline : timeOfDay(state, now)),
    order !== undefined ? words.keypadLocked : isAlone && slotNow(state, now) === null && !takesPins(state, now) ? words.tryLater : words.enterCode
  ]
}

/** Exactly 16 characters. */
function row (text: string): string {
  return text.slice(0, COLUMNS).padEnd(COLUMNS)
}

/** 119001 ms -> "2:00": a countdown never says that less is left than there is. */
export function minutesAndSeconds (ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  return String(Math.floor(seconds / 60)) + ':' + twoDigits(seconds % 60)
}

/** HH:MM at the door. */
function timeOfDay (state: Controller, now: number): string {
  const minutes = Math.floor(timeAt(state, now) / 60_000) + settingsOf(state).utcOffsetMinutes
  return twoDigits(Math.floor(minutes / 60) % 24) + ':' + twoDigits(minutes % 60)
}

function twoDigits (number: number): string {
  return String(number).padStart(2, '0')
}
