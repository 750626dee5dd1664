import { readerPolicy, type PermitRefusal, type Verdict } from '@oncekey/otp'
import { refusalDetails, whyRefused } from '@oncekey/protocol/access'
import type { LockMode } from '@oncekey/protocol/messages'
import { noteRefused } from '../alarms/note.ts'
import type { Named } from '../audit/append.ts'
import { endCode } from '../codes/end.ts'
import { ANSWERS_MS } from '../codes/sweep.ts'
import { typedOffline, type TypedOffline } from '../codes/offline.ts'
import { findDoorCode, useDoorCode, type TypedDoorCode } from '../doors/typed.ts'
import { useGrant } from '../grants/use.ts'
import type { House } from '../house.ts'
import { tellStates } from '../live/states.ts'
import { following, type Awaitable, type Trx } from '../platform/db.ts'
import { perHouse } from '../platform/per-house.ts'
import { heldPin, typedPin, usedPin, type TypedPin } from '../pins/typed.ts'
import { findHeldCode, type HeldCode } from './held.ts'
import { KEYPAD } from './reader.ts'

/** What somebody typed at a keypad. `lock` 0: not chosen. `digits` are nowhere but here. */
export type Entry = { controller: Named, requestId: string, lock: number, digits: string }
/** What the keypad hears: no reason, ever. */
export type EntryAnswer = { granted: true, lock: number, mode: LockMode, offline?: string } | { granted: false, triesLeft: number, lockoutMs: number }

/** Refusals during a lockout are told to the record once a minute: they were not evaluated, and may come by the thousand. */
const QUIET_MS = 60_000
const quiets = perHouse((_house: House): Map<string, { until: number, requestId: string }> => new Map())

type FoundCode = HeldCode | TypedDoorCode

/**
 * The hot path: checks an entry and uses the code up, in the caller's one transaction. A repeated request id gets its
 * first answer. Publish the answer after the commit only: it moves a bolt.
 *
 * Runs beside writes to other readers (`atReader`): codes, budget and answers of a reader change only in writes that
 * name it or are alone; people, grants and access points, which it reads, only in those that are alone.
 */
export async function verifyEntry (trx: Trx, house: House, entry: Entry): Promise<EntryAnswer> {
  const { controller, requestId } = entry
  const known = await firstAnswer(trx, house, controller.id, requestId)
  if (known !== null) return known

  const offline = await grantedOffline(trx, house, entry)
  if (offline !== null && 'answer' in offline) return offline.answer
  const pin = await typedPin(trx, house, controller.id, entry.digits)
  if (pin !== null) {
    const opened = await grantedPin(trx, house, entry, pin)
    if (opened !== null) return opened
    await heldPin(trx, house, pin)
  }
  let live: FoundCode | null = null
  const verdict = await house.otp.verify({
    purpose: KEYPAD, scope: controller.id, policy: readerPolicy, code: entry.digits,
    permit: ({ id }) => following(findCode(trx, house.clock(), id), (found): PermitRefusal | null => {
      live = found
      return found === null ? 'disabled' : isOtherLock(entry, found) || found.isHeldBack ? refusalOf(found) : null
    })
  })
  // A refusal that compared nothing has no id, and is about no code.
  const code = live ?? (verdict.id === null ? null : await findCode(trx, house.clock(), verdict.id))
  if (verdict.granted) return granted(trx, house, entry, code)
  const answer = offline !== null && verdict.reason === 'wrong'
    ? await noteRefusal(trx, house, entry, { ...verdict, reason: refusalOf(offline.held) }, offline.held)
    : await noteRefusal(trx, house, entry, verdict, code, pin)
  await keepAnswer(trx, house, controller.id, requestId, answer)
  return answer
}

/** What this question was answered at first. A grant is told by the row of the code that it used up: it has no other, so that a commit that moves a bolt writes less. */
async function firstAnswer (trx: Trx, house: House, controllerId: string, requestId: string): Promise<EntryAnswer | null> {
  const known = await trx.prepare(`SELECT answer, NULL AS mode, NULL AS lock FROM answers WHERE controller_id = ? AND request_id = ?
    UNION ALL SELECT NULL, c.mode, a.lock FROM codes c JOIN access_points a ON a.id = c.access_point_id WHERE c.controller_id = ? AND c.request_id = ? AND c.ended_at >= ?`)
    .get(controllerId, requestId, controllerId, requestId, house.clock() - ANSWERS_MS)
  if (known === undefined) return null
  // We wrote this text ourselves, above.
  if (known['answer'] !== null) return JSON.parse(String(known['answer'])) as EntryAnswer
  return { granted: true, lock: Number(known['lock']), mode: known['mode'] === 'lock' ? 'lock' : 'unlock' }
}

async function granted (trx: Trx, house: House, { controller, requestId }: Entry, code: FoundCode | null): Promise<EntryAnswer> {
  if (code === null) throw new Error('The engine granted a code that has no row.')
  const answer: EntryAnswer = { granted: true, lock: code.lock, mode: code.mode }
  if (code.holder === null) {
    await useDoorCode(trx, house, code.id)
    await keepAnswer(trx, house, controller.id, requestId, answer)
  } else {
    await endCode(trx, house, code, 'used', { requestId })
    await useGrant(trx, code.grant)
  }
  house.audit.append(trx, house.clock(), {
    event: 'access.granted', actor: code.holder, accessPoint: code.accessPoint, controller,
    details: { codeId: code.id, lock: code.lock, mode: code.mode, ...code.holder === null && { askedAtDoor: true } }
  })
  return answer
}

async function keepAnswer (trx: Trx, house: House, controllerId: string, requestId: string, answer: EntryAnswer): Promise<void> {
  await trx.prepare('INSERT INTO answers (controller_id, request_id, answer, at) VALUES (?, ?, ?, ?)').run(controllerId, requestId, JSON.stringify(answer), house.clock())
}

/**
 * A code that its door would also take without us. The answer names it, because the door knows better whether it was used
 * meanwhile. Like every other it opens nothing while the keypad rests, and it does not end a run of wrong ones.
 */
async function grantedOffline (trx: Trx, house: House, entry: Entry): Promise<{ answer: EntryAnswer } | { held: HeldCode } | null> {
  const { controller, requestId } = entry
  const typed: TypedOffline | null = await typedOffline(trx, house, controller.id, entry.digits)
  const code = typed === null ? null : await findHeldCode(trx, house.clock(), typed.otpId)
  if (typed === null || code === null) return null
  if (code.isHeldBack) return { held: code }
  if ((await house.otp.status({ scope: controller.id, policy: readerPolicy })).locked) return null
  if (typed.opensOnce) await endCode(trx, house, code, 'used')
  const answer: EntryAnswer = { granted: true, lock: code.lock, mode: code.mode, offline: typed.ref }
  await keepAnswer(trx, house, controller.id, requestId, answer)
  house.audit.append(trx, house.clock(), {
    event: 'access.granted', actor: code.holder, accessPoint: code.accessPoint, controller, details: { codeId: code.id, lock: code.lock, mode: code.mode }
  })
  return { answer }
}

/**
 * A standing pin. It opens nothing while the keypad rests, and like a stay it ends no run of wrong ones: it could be typed
 * between the guesses.
 */
async function grantedPin (trx: Trx, house: House, { controller, requestId, lock }: Entry, pin: TypedPin): Promise<EntryAnswer | null> {
  const now = house.clock()
  if (pin.why !== null || (lock !== 0 && lock !== pin.lock) || (await house.otp.status({ scope: controller.id, policy: readerPolicy })).locked) return null
  const answer: EntryAnswer = { granted: true, lock: pin.lock, mode: 'unlock' }
  await usedPin(trx, house, pin, requestId, now)
  await keepAnswer(trx, house, controller.id, requestId, answer)
  house.audit.append(trx, now, { event: 'access.granted', actor: null, accessPoint: pin.accessPoint, controller, details: { pin: pin.label, pinId: pin.id, lock: pin.lock, mode: 'unlock' } })
  return answer
}

/** Tells the record, the holder's pages and, when it began a lockout, administrators. What a keypad hears is in the answer. @param code the one that the digits belong or belonged to; or the pin */
export async function noteRefusal (trx: Trx, house: House, entry: Entry, verdict: Extract<Verdict, { granted: false }>, code: FoundCode | null, pin: TypedPin | null = null): Promise<EntryAnswer> {
  const { controller, lock, requestId } = entry
  const now = house.clock()
  const answer = { granted: false, triesLeft: verdict.triesLeft, lockoutMs: Math.min(readerPolicy.windowMs, verdict.lockoutMs) } as const
  noteRefused(trx, house, controller)
  if (verdict.reason === 'lockedOut') {
    const quiet = quiets(house).get(controller.id)
    // The same question may be here again because its write has to be done once more: then it has told nothing yet.
    if (quiet !== undefined && now < quiet.until && quiet.requestId !== requestId) return answer
    quiets(house).set(controller.id, { until: now + QUIET_MS, requestId })
  }
  const reason = pin !== null && verdict.reason === 'wrong' ? pin.why ?? 'disabled' : verdict.reason
  const grantId = code === null || code.holder === null ? null : code.grant?.id ?? null
  const why = whyRefused(reason, code === null || code.holder === null ? null : code.access, isOtherLock(entry, code ?? pin)) ?? (code?.holder === null ? code.because : null) ?? pin?.because ?? null
  house.audit.append(trx, now, {
    event: 'access.denied', controller, reason, subject: code?.holder ?? null, accessPoint: code?.accessPoint ?? pin?.accessPoint ?? null,
    details: {
      triesLeft: verdict.triesLeft, ...lock === 0 ? {} : { lock }, ...code === null ? {} : { codeId: code.id }, ...grantId !== null && { grantId }, ...pin !== null && { pin: pin.label, pinId: pin.id },
      ...refusalDetails(why, grantId !== null || (code === null && pin === null) ? 'entry' : 'handed')
    }
  })
  const holder = code?.holder ?? null
  if (code !== null && holder !== null) trx.after(() => { house.feed.publish({ kind: 'code', codeId: code.id, change: 'refused', at: now }, [holder.id]) })
  if (verdict.lockoutStarted) await lockedOut(trx, house, controller, verdict)
  return answer
}

/** This very failure began a lockout. Whoever is to be told of it is, by the alarm that follows from this: see alarms/. */
async function lockedOut (trx: Trx, house: House, controller: Named, { lockoutMs, resting }: { lockoutMs: number, resting: boolean }): Promise<void> {
  house.audit.append(trx, house.clock(), { event: 'keypad.lockedOut', controller, details: { lockoutMs, resting } })
  trx.after(() => {
    tellStates(house, { controllerId: controller.id }).catch((error: unknown) => { house.log.error('a state could not be told', { error }) })
  })
}

/** The row of a code by the engine's id: of somebody, or of a door. */
function findCode (trx: Trx, now: number, otpId: string): Awaitable<FoundCode | null> {
  return following(findHeldCode(trx, now, otpId), (found): Awaitable<FoundCode | null> => found ?? findDoorCode(trx, otpId))
}

function isOtherLock ({ lock }: Entry, code: { lock: number } | null): boolean {
  return lock !== 0 && code !== null && lock !== code.lock
}

/** What the engine is told of a right code that is to open nothing. */
function refusalOf (code: FoundCode): PermitRefusal {
  const because = code.holder === null ? null : code.access.because
  return because === 'begun' || because === 'over' || because === 'schedule' || because === 'holiday' ? 'outsideWindow' : 'disabled'
}
