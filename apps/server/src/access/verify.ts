import { readerPolicy, type PermitRefusal, type Verdict } from '@oncekey/otp'
import type { LockMode } from '@oncekey/protocol/messages'
import type { Named } from '../audit/append.ts'
import { endCode, type EndingCode } from '../codes/end.ts'
import { ANSWERS_MS } from '../codes/sweep.ts'
import { typedOffline, type TypedOffline } from '../codes/offline.ts'
import { findDoorCode, useDoorCode, type TypedDoorCode } from '../doors/typed.ts'
import type { House } from '../house.ts'
import { tellStates } from '../live/states.ts'
import { tellAdministrators } from '../notify/send.ts'
import { following, type Awaitable, type Trx } from '../platform/db.ts'
import { perHouse } from '../platform/per-house.ts'
import { typedPin, usedPin, type TypedPin } from '../pins/typed.ts'
import { KEYPAD } from './reader.ts'

/** What somebody typed at a keypad. `lock` 0: not chosen. `digits` are nowhere but here. */
export type Entry = { controller: Named, requestId: string, lock: number, digits: string }
/** What the keypad hears: no reason, ever. */
export type EntryAnswer = { granted: true, lock: number, mode: LockMode, offline?: string } | { granted: false, triesLeft: number, lockoutMs: number }

/** Refusals during a lockout are told to the record once a minute: they were not evaluated, and may come by the thousand. */
const QUIET_MS = 60_000
const quiets = perHouse((_house: House): Map<string, { until: number, requestId: string }> => new Map())

type FoundCode = (EndingCode & { lock: number, mode: LockMode, isHeldBack: boolean }) | TypedDoorCode

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
  if (offline !== null) return offline
  const pin = await typedPin(trx, house, controller.id, entry.digits)
  if (pin !== null) {
    const opened = await grantedPin(trx, house, entry, pin)
    if (opened !== null) return opened
  }
  let live: FoundCode | null = null
  const verdict = await house.otp.verify({
    purpose: KEYPAD, scope: controller.id, policy: readerPolicy, code: entry.digits,
    permit: ({ id }) => following(findCode(trx, house.clock(), id), (found): PermitRefusal | null => {
      live = found
      return found === null || found.isHeldBack || (entry.lock !== 0 && entry.lock !== found.lock) ? 'disabled' : null
    })
  })
  // A refusal that compared nothing has no id, and is about no code.
  const code = live ?? (verdict.id === null ? null : await findCode(trx, house.clock(), verdict.id))
  if (verdict.granted) return granted(trx, house, entry, code)
  const answer = await noteRefusal(trx, house, entry, verdict, code, pin)
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
  } else await endCode(trx, house, code, 'used', { requestId })
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
async function grantedOffline (trx: Trx, house: House, entry: Entry): Promise<EntryAnswer | null> {
  const { controller, requestId } = entry
  const typed: TypedOffline | null = await typedOffline(trx, house, controller.id, entry.digits)
  const code = typed === null ? null : await findHeldCode(trx, house.clock(), typed.otpId)
  if (typed === null || code === null || code.isHeldBack || (await house.otp.status({ scope: controller.id, policy: readerPolicy })).locked) return null
  if (typed.opensOnce) await endCode(trx, house, code, 'used')
  const answer: EntryAnswer = { granted: true, lock: code.lock, mode: code.mode, offline: typed.ref }
  await keepAnswer(trx, house, controller.id, requestId, answer)
  house.audit.append(trx, house.clock(), {
    event: 'access.granted', actor: code.holder, accessPoint: code.accessPoint, controller, details: { codeId: code.id, lock: code.lock, mode: code.mode }
  })
  return answer
}

/**
 * A standing pin. It opens nothing while the keypad rests, and like a stay it ends no run of wrong ones: it could be typed
 * between the guesses.
 */
async function grantedPin (trx: Trx, house: House, { controller, requestId, lock }: Entry, pin: TypedPin): Promise<EntryAnswer | null> {
  const now = house.clock()
  if (pin.why !== null || (lock !== 0 && lock !== pin.lock) || (await house.otp.status({ scope: controller.id, policy: readerPolicy })).locked) return null
  const answer: EntryAnswer = { granted: true, lock: pin.lock, mode: 'unlock' }
  await usedPin(trx, pin.id, requestId, now)
  await keepAnswer(trx, house, controller.id, requestId, answer)
  house.audit.append(trx, now, { event: 'access.granted', actor: null, accessPoint: pin.accessPoint, controller, details: { pin: pin.label, pinId: pin.id, lock: pin.lock, mode: 'unlock' } })
  return answer
}

/** Tells the record, the holder's pages and, when it began a lockout, administrators. What a keypad hears is in the answer. @param code the one that the digits belong or belonged to; or the pin */
export async function noteRefusal (trx: Trx, house: House, { controller, lock, requestId }: Entry, verdict: Extract<Verdict, { granted: false }>, code: FoundCode | null, pin: TypedPin | null = null): Promise<EntryAnswer> {
  const now = house.clock()
  const answer = { granted: false, triesLeft: verdict.triesLeft, lockoutMs: Math.min(readerPolicy.windowMs, verdict.lockoutMs) } as const
  if (verdict.reason === 'lockedOut') {
    const quiet = quiets(house).get(controller.id)
    // The same question may be here again because its write has to be done once more: then it has told nothing yet.
    if (quiet !== undefined && now < quiet.until && quiet.requestId !== requestId) return answer
    quiets(house).set(controller.id, { until: now + QUIET_MS, requestId })
  }
  house.audit.append(trx, now, {
    event: 'access.denied', controller, reason: pin !== null && verdict.reason === 'wrong' ? pin.why ?? 'disabled' : verdict.reason, subject: code?.holder ?? null, accessPoint: code?.accessPoint ?? pin?.accessPoint ?? null,
    details: { triesLeft: verdict.triesLeft, ...lock === 0 ? {} : { lock }, ...code === null ? {} : { codeId: code.id }, ...pin !== null && { pin: pin.label, pinId: pin.id } }
  })
  const holder = code?.holder ?? null
  if (code !== null && holder !== null) trx.after(() => { house.feed.publish({ kind: 'code', codeId: code.id, change: 'refused', at: now }, [holder.id]) })
  if (verdict.lockoutStarted) await lockedOut(trx, house, controller, verdict)
  return answer
}

/** This very failure began a lockout: one alarm, one message to each administrator. */
async function lockedOut (trx: Trx, house: House, controller: Named, { lockoutMs, resting }: { lockoutMs: number, resting: boolean }): Promise<void> {
  const now = house.clock()
  const minutes = Math.max(1, Math.round(lockoutMs / 60_000))
  house.audit.append(trx, now, { event: 'keypad.lockedOut', controller, details: { lockoutMs, resting } })
  const { time_zone: timeZone } = await trx.sql.selectFrom('controllers as c').innerJoin('sites as s', 's.id', 'c.site_id').select('s.time_zone').where('c.id', '=', controller.id).executeTakeFirstOrThrow()
  const what = resting
    ? `The keypad at ${controller.name} has seen as many wrong codes in 24 hours as are safe. It rests for ${minutes} minutes.`
    : `${readerPolicy.triesInARow} wrong codes in a row were typed at ${controller.name}. Its keypad is locked for ${minutes} minutes.`
  const when = new Date(now).toLocaleString('en-GB', { timeZone, dateStyle: 'medium', timeStyle: 'medium' })
  await tellAdministrators(trx, house, {
    subject: `Keypad locked: ${controller.name}`,
    text: `${what}\n\nWhen: ${when}\n\nRemote unlocking still works. You can end it on the Live page, with a reason:\n${house.link('/live')}`,
    dedupeKey: `lockout:${controller.id}:${now}`
  })
  trx.after(() => {
    tellStates(house, { controllerId: controller.id }).catch((error: unknown) => { house.log.error('a state could not be told', { error }) })
  })
}

/** The row of a code by the engine's id: of somebody, or of a door. */
function findCode (trx: Trx, now: number, otpId: string): Awaitable<FoundCode | null> {
  return following(findHeldCode(trx, now, otpId), (found): Awaitable<FoundCode | null> => found ?? findDoorCode(trx, otpId))
}

/** Held back: its holder or its grant ended, and nobody has told the engine yet. */
function findHeldCode (trx: Trx, now: number, otpId: string): Awaitable<Exclude<FoundCode, TypedDoorCode> | null> {
  return following(trx.prepare(`SELECT c.id, c.mode, c.state, c.holder_id, p.name AS holder, a.id AS point_id, a.name AS point, a.lock, a.removed_at AS gone,
      p.suspended_at, p.removed_at, g.ended_at AS grant_ended, g.ends_at AS grant_ends
    FROM codes c JOIN people p ON p.id = c.holder_id JOIN access_points a ON a.id = c.access_point_id LEFT JOIN grants g ON g.id = c.grant_id
    WHERE c.otp_id = ?`).get(otpId), (row) => row === undefined ? null : {
    id: String(row['id']), mode: row['mode'] === 'lock' ? 'lock' : 'unlock', lock: Number(row['lock']),
    holder: { id: String(row['holder_id']), name: String(row['holder']) },
    accessPoint: { id: String(row['point_id']), name: String(row['point']) },
    isHeldBack: row['state'] !== 'issued' || row['gone'] !== null || row['suspended_at'] !== null || row['removed_at'] !== null ||
      row['grant_ended'] !== null || (row['grant_ends'] !== null && Number(row['grant_ends']) <= now)
  })
}
