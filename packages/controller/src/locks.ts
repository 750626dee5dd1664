import { parseEventRecord, type CommandStatus, type DoorState, type LockMode, type LockState, type Source } from '@oncekey/protocol/messages'
import { doorSeen, restoreAlarm } from './doors.ts'
import { refuse, tell } from './notice.ts'
import { note } from './records.ts'
import { conclude } from './remembered.ts'
import { labelOf, settingsOf, standingOf, wordsOf } from './settings.ts'
import { emit, save, type Lock, type Order, type Work } from './state.ts'
import { BACK_OFF_MS, BOLT_MS, LONGEST_BACK_OFF_MS, MOVES, MOVES_MS, NOTICE_MS, OPEN_NOTICE_MS } from './times.ts'

/** Why a bolt was not moved. */
export type Obstacle = 'noSuchLock' | 'doorOpen' | 'tooOften'

/** A lock of which nothing is known: the state of every lock after every boot. */
export function unknownLock (lock: number): Lock {
  return { lock, lockState: 'unknown', doorState: 'unknown', alarm: null, heldAt: null, duty: false, relockAt: null, move: null, moves: [], jams: 0 }
}

/**
 * Moves a bolt, and says so to the person at the door. What is wanted, by whom, and the duty to lock again are
 * durable before the bolt moves; the record follows with what was measured, or, after a power cut, at the next boot.
 * @returns why not, or null when it moves
 */
export function moveBolt (work: Work, order: Order): Obstacle | null {
  const { state } = work
  const found = state.locks.find((one) => one.lock === order.lock)
  if (found === undefined) return 'noSuchLock'
  // A bolt thrown with the door open keeps the door from closing. A lock without a known door is somebody's explicit wish.
  if (order.mode === 'lock' && found.doorState !== 'closed' && found.doorState !== 'unknown') return 'doorOpen'
  if (recentMoves(found, work.now).length >= MOVES) return 'tooOften'
  if (found.move !== null) {
    // What was wanted before is over; what it owes goes on in the new wish, without a moment in between.
    noteMove(work, found, found.move.order)
    tellCommand(work, found, found.move.order, 'failed')
  }
  // What a battery at its end unlocked stays so.
  const duty = order.mode === 'lock' ? found.duty : order.source !== 'auto'
  const relockAt = duty ? work.now + settingsOf(state).autoRelockMs : null
  const lock: Lock = { ...found, duty, relockAt, move: { order, by: 0, tries: 0 } }
  saveLock(work, lock)
  drive(work, lock, order, 1)
  return null
}

/** Moves it for a code that was accepted, and tells the holder what to do. */
export function moveByKeypad (work: Work, lock: number, mode: LockMode, source: Source, ref: string): void {
  const words = wordsOf(work.state)
  // The server may have said yes a moment before it heard of the order.
  if (isShut(work, lock)) return
  const obstacle = moveBolt(work, { lock, mode, source, ref, command: null })
  if (obstacle === null) return greet(work, lock, mode)
  switch (obstacle) {
    case 'doorOpen': return refuse(work, words.pleaseClose, words.theDoor + labelOf(work.state, lock), NOTICE_MS)
    case 'tooOften': return refuse(work, words.resting, words.waitMinute, NOTICE_MS)
    case 'noSuchLock': return refuse(work, words.stuck, words.callOperator, NOTICE_MS)
  }
}

/** Says no when an order keeps a lock from opening by any code. @returns whether one does */
export function isShut (work: Work, lock: number): boolean {
  // No order lets codes through, and one that opens the door does.
  if ((standingOf(work.state, lock) ?? 'evacuated') === 'evacuated') return false
  refuse(work, wordsOf(work.state).locked + labelOf(work.state, lock), '', NOTICE_MS)
  return true
}

/** What a person at the door sees and hears when a bolt is about to move. */
export function greet (work: Work, lock: number, mode: LockMode): void {
  const words = wordsOf(work.state)
  emit(work, { do: 'tone', tone: 'granted' })
  if (mode === 'unlock') tell(work, words.open + labelOf(work.state, lock), words.closeAfter, OPEN_NOTICE_MS)
  else tell(work, words.locked + labelOf(work.state, lock), '', OPEN_NOTICE_MS)
}

/** A contact spoke. */
export function sensed (work: Work, number: number, lockState: LockState, doorState: DoorState): void {
  const before = work.state.locks.find((one) => one.lock === number)
  if (before === undefined) return
  const lock = { ...before, lockState, ...doorSeen(work, before, lockState, doorState) }
  put(work, lock)
  if (lock.move !== null) {
    if (isThere(lock, lock.move.order)) settle(work, lock, lock.move.order)
    return
  }
  const isNews = before.lockState !== lockState
  if (isNews) turnedByHand(work, lock, before.lockState)
  owe(work, lock, isNews)
}

/** The bolt is elsewhere without our doing. What is seen for the first time after a boot is no change. */
function turnedByHand (work: Work, { lock, lockState }: Lock, before: LockState): void {
  if (before === 'unknown' || (lockState !== 'locked' && lockState !== 'unlocked')) return
  note(work, { type: 'lock.actuated', lock, mode: lockState === 'locked' ? 'lock' : 'unlock', source: 'manual', ref: '', lockState })
}

/**
 * The duty to lock again ends when the bolt becomes locked: one that still says so after a stuck move may yet arrive.
 * After a boot its time starts when the door is seen closed.
 */
function owe (work: Work, lock: Lock, isNews: boolean): void {
  if (!lock.duty) return
  if (isNews && lock.lockState === 'locked') {
    finish(work, { ...lock, duty: false, relockAt: null, jams: 0 })
  } else if (lock.relockAt === null && lock.doorState === 'closed') {
    put(work, { ...lock, relockAt: work.now + settingsOf(work.state).autoRelockMs })
  }
}

/** Locks again what is due, each only with its door closed. What was unlocked so that people get out is owed, and waits until the order ends. */
export function relock (work: Work): void {
  const { now } = work
  for (const lock of work.state.locks) {
    if (lock.move !== null || lock.doorState !== 'closed' || lock.relockAt === null || now < lock.relockAt || standingOf(work.state, lock.lock) === 'evacuated') continue
    const recent = recentMoves(lock, now)
    if (recent.length >= MOVES) put(work, { ...lock, relockAt: recent[0]! + MOVES_MS })
    else moveBolt(work, { lock: lock.lock, mode: 'lock', source: 'auto', ref: '', command: null })
  }
}

/** A bolt that its contact does not confirm in time is driven once more; then it is stuck. */
export function watchBolts (work: Work): void {
  for (const lock of work.state.locks) {
    const { move } = lock
    if (move === null || work.now < move.by) continue
    if (isThere(lock, move.order)) settle(work, lock, move.order)
    else if (move.tries === 1 && recentMoves(lock, work.now).length < MOVES) drive(work, lock, move.order, 2)
    else getStuck(work, lock, move.order)
  }
}

/** Whether somebody must close the door before the lock can do its duty. */
export function isOverdue (lock: Lock, now: number): boolean {
  if (!lock.duty || lock.move !== null || lock.doorState === 'closed') return false
  return lock.relockAt === null ? lock.doorState !== 'unknown' : now >= lock.relockAt
}

function drive (work: Work, lock: Lock, order: Order, tries: number): void {
  put(work, { ...lock, move: { order, by: work.now + BOLT_MS, tries }, moves: [...recentMoves(lock, work.now), work.now] })
  emit(work, { do: 'bolt', lock: lock.lock, to: order.mode })
}

/** Ends a move that arrived: its record, its duty, its command's result. */
function settle (work: Work, before: Lock, order: Order): void {
  noteMove(work, before, order)
  const duty = before.duty && order.mode === 'unlock'
  const relockAt = duty ? work.now + settingsOf(work.state).autoRelockMs : null
  finish(work, { ...before, move: null, duty, relockAt, jams: 0 })
  emit(work, { do: 'tone', tone: 'moved' })
  tellCommand(work, before, order, 'succeeded')
}

/**
 * Ends a move that did not arrive. A bolt that we opened, or half opened, stays owed, whatever its contact says now;
 * each relock that gets stuck doubles the wait for the next.
 */
function getStuck (work: Work, before: Lock, order: Order): void {
  const { lock, duty, jams } = before
  const { mode, source, ref } = order
  note(work, { type: 'lock.jammed', lock, mode, source, ref })
  const relocks = duty && mode === 'lock'
  const wait = relocks ? Math.min(BACK_OFF_MS * 2 ** jams, LONGEST_BACK_OFF_MS) : settingsOf(work.state).autoRelockMs
  finish(work, { ...before, move: null, relockAt: duty ? work.now + wait : null, jams: relocks ? jams + 1 : jams })
  const words = wordsOf(work.state)
  refuse(work, words.stuck, words.callOperator, OPEN_NOTICE_MS)
  tellCommand(work, before, order, 'failed')
}

function noteMove (work: Work, { lock, lockState }: Lock, { mode, source, ref }: Order): void {
  note(work, { type: 'lock.actuated', lock, mode, source, ref, lockState })
}

function finish (work: Work, lock: Lock): void {
  put(work, lock)
  saveLock(work, lock)
}

function tellCommand (work: Work, { lockState }: Lock, { command }: Order, status: CommandStatus): void {
  if (command !== null) conclude(work, command, status, lockState)
}

function isThere ({ lockState }: Lock, { mode }: Order): boolean {
  return lockState === (mode === 'lock' ? 'locked' : 'unlocked')
}

function recentMoves ({ moves }: Lock, now: number): number[] {
  return moves.filter((at) => now < at + MOVES_MS)
}

function put (work: Work, lock: Lock): void {
  work.state.locks = work.state.locks.map((one) => one.lock === lock.lock ? lock : one)
}

/**
 * `l/<lock>`: whether a relock is owed, and the move under way in the form of the record that it will leave, with
 * the state unknown. '' when there is neither.
 */
function saveLock (work: Work, { lock, duty, move }: Lock): void {
  const { boot, ring } = work.state
  const order = move === null ? '' : JSON.stringify({
    seq: ring.seq + 1, bootId: boot.bootId, time: 0, trust: 'none', prev: '',
    type: 'lock.actuated', lock, mode: move.order.mode, source: move.order.source, ref: move.order.ref, lockState: 'unknown'
  })
  save(work, 'l/' + String(lock), duty || move !== null ? (duty ? '1 ' : '0 ') + order : '')
}

/** After a boot nothing moves. What was owed is still owed; a move that the power cut short gets its record now. */
export function restoreLocks (work: Work, saved: Readonly<Record<string, string>>): void {
  work.state.locks = work.state.locks.map((one) => ({
    ...one, duty: (saved['l/' + String(one.lock)] ?? '').startsWith('1'), alarm: restoreAlarm(saved['d/' + String(one.lock)])
  }))
  for (const lock of work.state.locks) {
    const move = parseEventRecord((saved['l/' + String(lock.lock)] ?? '').slice(2))
    if (move === null || move.type !== 'lock.actuated') continue
    const { mode, source, ref, lockState, seq } = move
    if (!isRecorded(work, lock.lock, seq)) note(work, { type: 'lock.actuated', lock: lock.lock, mode, source, ref, lockState })
    saveLock(work, lock)
  }
}

/** Whether the move's record was written before the power went: the first one about this lock since it began. */
function isRecorded (work: Work, lock: number, since: number): boolean {
  return work.state.ring.records.some(({ seq, text }) => {
    const record = seq < since ? null : parseEventRecord(text)
    return record !== null && (record.type === 'lock.actuated' || record.type === 'lock.jammed') && record.lock === lock
  })
}
