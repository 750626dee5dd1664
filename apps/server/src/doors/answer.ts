import type { DoorCodeStatus, Request } from '@oncekey/protocol/messages'
import { checkOfStanding } from '../access/standing.ts'
import { KEYPAD, atReader, limitsOf } from '../access/reader.ts'
import { isOnline, sayTo, type Line } from '../controllers/links.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { perHouse } from '../platform/per-house.ts'
import { askForCode, type Asked, type WhyNot } from './ask.ts'
import { noteReach, reachOf, settledReach } from './reach.ts'

/** The keypad's question closes after five seconds: by then it has heard how far the mails got. */
const FIRST_MS = 3_500
/** News of mails that take longer are told so long. */
const NEWS_MS = 30_000
const LOOK_MS = 250

type CodeRequest = Extract<Request, { kind: 'requestCode' }>
type DoorCodeState = { state: string, waitMs: number } | null
type News = { status: DoorCodeStatus, sent: number, of: number, waitMs: number }

/** The newest question of each keypad, which alone gets news. */
const newest = perHouse((_house: House): Map<string, string> => new Map())
/** Who follows each code: one at a time, however often its question comes again, or a stolen controller had us look without end. */
const followers = perHouse((_house: House): Map<string, symbol> => new Map())
const says: Readonly<Record<WhyNot, DoorCodeStatus>> = { nobody: 'nobody', noMail: 'nobody', tooSoon: 'tooMany', lockedOut: 'tooMany' }

/** A controller asks for a code at its door. @param drawn the one that it made itself, as it was typed; null: none */
export async function answerCodeRequest (house: House, line: Line, request: CodeRequest, drawn: string | null): Promise<void> {
  newest(house).set(line.id, request.id)
  const asked = await house.db.write((trx) => ask(trx, house, line, request, drawn), { beside: [atReader(line.id)] })
  if (asked === null) return tell(house, line, request.id, { status: 'nobody', sent: 0, of: 0, waitMs: 0 })
  if (asked.is === 'refused') return tell(house, line, request.id, { status: says[asked.why], sent: 0, of: 0, waitMs: asked.waitMs })
  follow(house, line, request.id, asked).catch((error: unknown) => {
    // With the line or the house gone there is nobody to tell.
    if (isOnline(house, line.id)) house.log.error('a door could not be told of its code', { controller: line.id, error })
  })
}

async function ask (trx: Trx, house: House, line: Line, { id, mode, lock }: CodeRequest, drawn: string | null): Promise<Asked | null> {
  const row = await trx.prepare('SELECT id, name, door_mode, door_makes, standing FROM access_points WHERE controller_id = ? AND lock = ? AND removed_at IS NULL').get(line.id, lock)
  const way = row?.['door_mode']
  if (row === undefined || (way !== 'mail' && way !== 'approval' && way !== 'opens') || (mode === 'unlock' && checkOfStanding(row['standing']) !== null)) return null
  const limits = await limitsOf(trx, line.id, house.leastDigits)
  // Only a door that may; and only what could be a code of ours.
  const isTaken = way === 'mail' && row['door_makes'] === 1 && drawn !== null && drawn.length === limits.digits
  return askForCode(trx, house, {
    siteId: line.siteId, controller: line.named, point: { id: String(row['id']), name: String(row['name']) }, mode, requestId: id, way,
    kind: { purpose: KEYPAD, ...limits, ...isTaken && { drawn } }
  })
}

/** Tells the door what becomes of its code until there is nothing to tell any more, or another question is its newest. */
async function follow (house: House, line: Line, requestId: string, { codeId, isNew }: Extract<Asked, { is: 'asked' }>): Promise<void> {
  const state = await stateOf(house, codeId)
  if (state?.state !== 'waiting' && !isNew) return tell(house, line, requestId, { status: 'alreadySent', ...await reachOf(house.db.read, codeId), waitMs: state?.waitMs ?? 0 })
  const mine = Symbol(codeId)
  const isMine = (): boolean => followers(house).get(codeId) === mine
  // An older question whose write took longer is not to end the newest one's news.
  if (!followers(house).has(codeId) || newest(house).get(line.id) === requestId) followers(house).set(codeId, mine)
  try {
    await followAlone(house, line, requestId, { codeId, state, isMine })
  } finally {
    if (isMine()) followers(house).delete(codeId)
  }
}

async function followAlone (house: House, line: Line, requestId: string, { codeId, state, isMine }: { codeId: string, state: DoorCodeState, isMine: () => boolean }): Promise<void> {
  const isWanted = (): boolean => isMine() && isOnline(house, line.id) && newest(house).get(line.id) === requestId
  if (state?.state === 'waiting') {
    tell(house, line, requestId, { status: 'waiting', sent: 0, of: 0, waitMs: state.waitMs })
    while (state?.state === 'waiting' && isWanted()) {
      await pause()
      state = await stateOf(house, codeId)
    }
    if (!isWanted()) return
    if (state?.state === 'refused' || state?.state === 'unanswered' || state?.state === 'cancelled') return tell(house, line, requestId, { status: state.state === 'unanswered' ? 'unanswered' : 'refused', sent: 0, of: 0, waitMs: 0 })
    if (state?.state !== 'issued') return
  }
  let reach = await settledReach(house, codeId, FIRST_MS, isMine)
  const first = reach
  if (isWanted()) tell(house, line, requestId, { status: 'sent', ...reach, waitMs: state?.waitMs ?? 0 })
  if (reach.isOpen) reach = await settledReach(house, codeId, NEWS_MS, isMine)
  if (!isMine()) return
  await house.db.write((trx) => noteReach(trx, house, codeId))
  if (reach.sent !== first.sent && isWanted()) tell(house, line, requestId, { status: 'sent', ...reach, waitMs: (await stateOf(house, codeId))?.waitMs ?? 0 })
}

function tell (house: House, line: Line, id: string, { status, sent, of, waitMs }: News): void {
  sayTo(house, line.id, 'answer', { id, kind: 'requestCode', status, sent, of, waitMs: Math.min(waitMs, 86_400_000) })
}

async function stateOf (house: House, codeId: string): Promise<DoorCodeState> {
  const row = await house.db.read.selectFrom('door_codes').select(['state', 'expires_at']).where('id', '=', codeId).executeTakeFirst()
  return row === undefined ? null : { state: row.state, waitMs: Math.max(0, row.expires_at - house.clock()) }
}

function pause (): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, LOOK_MS).unref() })
}
