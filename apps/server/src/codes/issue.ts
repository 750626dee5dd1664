import { readerPolicy } from '@oncekey/otp'
import { decideAccess, holdsUntil, type AccessCheck, type GrantFacts } from '@oncekey/protocol/access'
import type { CompatContract, Language } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import { accessFacts, type Holder, type Point } from '../access/facts.ts'
import { KEYPAD, limitsOf } from '../access/reader.ts'
import { giveToLocker, LOCKER_CODE_MS } from '../compat/locker.ts'
import { COMPAT_DIGITS, oldProgramOf } from '../compat/state.ts'
import type { House } from '../house.ts'
import type { AccessCode } from '../notify/letters/all.ts'
import { writeTo } from '../notify/write.ts'
import type { Trx } from '../platform/db.ts'
import { momentIn } from '../platform/language.ts'
import { Problem } from '../platform/problems.ts'
import { askedFor, mayGetCodeAt, type Asked } from './allowance.ts'
import { endCode, endingCodes } from './end.ts'

/** Validity of a code that its holder asks for, at the door. */
export const HOLDER_MS = 300_000
/** Of one that an operator makes without naming a window; longest window; how far ahead it may begin. */
const OPERATOR_MS = 86_400_000
const LONGEST_MS = 7 * 86_400_000
export const FARTHEST_MS = 30 * 86_400_000

export type CodeOrder = {
  siteId: string
  accessPointId: string
  holderId: string
  /** Who asks; another person than the holder is an operator and needs no grant of the holder's. */
  askedBy: Named
  validFrom?: number | undefined
  expiresAt?: number | undefined
  /** Also send it by the holder's channels. Default: true for somebody else. */
  deliver?: boolean | undefined
  /** A program that asks in the name of `askedBy`, as the record names it. */
  program?: string | undefined
}
export type IssuedCode = { codeId: string, digits: string, mayGetCodeAt: number, offline?: { firstUseUntil: number, opensOnce: boolean } }

/**
 * Makes a code for one holder at one access point and ends the earlier one for the same. The digits are in the answer
 * and in the sealed message, nowhere else.
 * @throws Problem notFound, noGrant, badRequest (window), coolingDown, readerFull, lowBattery, controllerOffline (no controller at all)
 */
export async function issueCode (trx: Trx, house: House, order: CodeOrder): Promise<IssuedCode> {
  const now = house.clock()
  const asking = await mayAsk(trx, house, order)
  const { point, holder, isOwn, until } = asking
  const old = await oldProgramOf(trx.prepare, point.controllerId)
  const wanted = isOwn ? ownWindow(order, now, until) : operatorWindow(order, now)
  const window = old === null ? wanted : await oldWindow(house, point, old, wanted, now)

  const { digits, maxLive } = old === null ? await limitsOf(trx, point.controllerId, house.leastDigits) : { digits: COMPAT_DIGITS, maxLive: 1 }
  const issued = await house.otp.issue({
    purpose: KEYPAD, scope: point.controllerId, slot: `${holder.id}|${point.id}`, policy: readerPolicy, digits, maxLive,
    ...window.validFrom === null ? {} : { validFrom: window.validFrom }, expiresAt: window.expiresAt
  })
  if (!issued.issued) throw new Problem(issued.reason === 'full' ? 'readerFull' : 'busy', { retryAfterSeconds: 30 })

  if (issued.superseded !== null) {
    for (const earlier of await endingCodes(trx, [issued.superseded])) await endCode(trx, house, earlier, 'superseded', { actor: order.askedBy })
  }
  const codeId = house.newId()
  if (old !== null && old.deviceUrl !== null) {
    const { deviceUrl } = old
    trx.after(() => {
      giveToLocker(house, deviceUrl, { codeId, digits: issued.code, holder: { id: holder.id, name: holder.name }, accessPoint: { id: point.id, name: point.name } })
        .catch((error: unknown) => { house.log.error('an old locker program could not be told', { error }) })
    })
  }
  return keepCode(trx, house, order, asking, {
    codeId, otpId: issued.id, digits: issued.code, validFrom: window.validFrom ?? now, expiresAt: window.expiresAt, details: {},
    lasts: null
  })
}

/** Who asks for a code, for whom and where, as far as they may. `grant`: the one that lets them, when they ask for themselves; `until`: when it stops to hold, null: later than codes last. */
export type Asking = { point: Driven, holder: Holder, isOwn: boolean, grant: GrantFacts | null, until: number | null, asked: readonly Asked[] }
type Driven = Point & { controllerId: string }

/** @throws Problem notFound, noGrant, coolingDown, lowBattery, controllerOffline (no controller at all) */
export async function mayAsk (trx: Trx, house: House, order: CodeOrder): Promise<Asking> {
  const now = house.clock()
  const isOwn = order.holderId === order.askedBy.id
  const { facts, point, holder } = await accessFacts(trx.prepare, { siteId: order.siteId, personId: order.holderId, accessPointId: order.accessPointId, at: now })
  const decision = decideAccess(isOwn ? 'ask' : 'make', facts)
  if (decision.because !== null) throw refusalOf(decision.because)
  // The decision has said that all of it is there.
  if (point === null || point.controllerId === null || holder === null) throw new Problem('notFound')
  const asked = await askedFor(trx.prepare, holder.id, point.id, now)
  const wait = mayGetCodeAt(isOwn ? asked : asked.map((one) => ({ ...one, wasUnopened: true })), now)
  if (wait > 0) throw new Problem('coolingDown', { retryAfterSeconds: Math.ceil((wait - now) / 1000) })
  const { grant } = decision
  return { point: { ...point, controllerId: point.controllerId }, holder, isOwn, grant, until: grant === null ? null : holdsUntil(grant, facts), asked }
}

/** What somebody hears who asks for a code. Of their grant only that it does not hold: holders are not told why. */
function refusalOf (because: AccessCheck): Problem {
  switch (because) {
    case 'accessPoint': case 'person': return new Problem('notFound')
    case 'controller': return new Problem('controllerOffline', { detail: 'No controller drives this lock yet.' })
    // What opens the door afterwards has to have enough left; codes that are live go on.
    case 'battery': return new Problem('lowBattery')
    // No secret of their grant: whoever stands there sees that it is shut for all.
    case 'held': case 'lockdown': return new Problem('underOrder', { detail: 'It opens for nobody right now.' })
    case 'suspended': return new Problem('noGrant', { detail: 'This person is suspended.' })
    default: return new Problem('noGrant')
  }
}

/** ms since 1970 UTC; told at the site's time. `firstUseUntil`: when it has to be used for the first time, where that is sooner. */
export type Lasting = { opensOnce: boolean, firstUseUntil: number | null, endsAt: number, timeZone: string }
type FreshCode = { codeId: string, otpId: string, digits: string, validFrom: number, expiresAt: number, details: Record<string, string | boolean>, /** Of a code that works without a network, for the message. */ lasts: Lasting | null }

function inWords ({ opensOnce, firstUseUntil, endsAt, timeZone }: Lasting, language: Language): NonNullable<AccessCode['offline']> {
  const at = (time: number): string => momentIn(language, timeZone, time, 'short')
  return { opensOnce, until: at(endsAt), firstUse: firstUseUntil === null ? null : at(firstUseUntil) }
}

/** The row of a code, its line in the record, and the message that brings it. */
export async function keepCode (trx: Trx, house: House, order: CodeOrder, { point, holder, isOwn, grant, asked }: Asking, fresh: FreshCode): Promise<IssuedCode> {
  const now = house.clock()
  const { codeId, digits, validFrom, expiresAt } = fresh
  await trx.sql.insertInto('codes').values({
    id: codeId, access_point_id: point.id, controller_id: point.controllerId, holder_id: holder.id, grant_id: isOwn ? grant?.id ?? null : null,
    issued_by: order.askedBy.id, mode: 'unlock', state: 'issued', created_at: now, valid_from: validFrom, expires_at: expiresAt,
    ended_at: null, opened_at: null, not_opened_at: null, request_id: null, otp_id: fresh.otpId
  }).execute()
  house.audit.append(trx, now, {
    event: 'code.issued', actor: order.program === undefined ? order.askedBy : { id: null, name: order.program }, subject: { id: holder.id, name: holder.name }, accessPoint: { id: point.id, name: point.name },
    details: { codeId, validFrom, expiresAt, ...fresh.details, ...order.program !== undefined && { inTheNameOf: order.askedBy.name } }
  })
  if (order.deliver ?? !isOwn) {
    const { lasts } = fresh
    await writeTo(trx, house, {
      person: holder, code: { id: codeId, digits, expiresAt }, dedupeKey: `code:${codeId}`,
      letter: (letters, language) => letters.accessCode({ point: point.name, place: point.place, digits, offline: lasts === null ? null : inWords(lasts, language) })
    })
  }
  trx.after(() => { house.feed.publish({ kind: 'code', codeId, change: 'issued', at: now }, [holder.id]) })
  return { codeId, digits, mayGetCodeAt: mayGetCodeAt([{ createdAt: now, wasUnopened: false }, ...asked], now) }
}

/** An old program has its codes for two minutes. @throws Problem controllerOffline (at an old door codes are asked for there), tooManyTries (its keypad is locked) */
async function oldWindow (house: House, point: Driven, old: { contract: CompatContract }, wanted: Window, now: number): Promise<Window> {
  if (old.contract === 'door') throw new Problem('controllerOffline', { detail: 'An old program drives this door: codes are asked for at its keypad.' })
  const { lockedUntil } = await house.otp.status({ scope: point.controllerId, policy: readerPolicy })
  if (lockedUntil !== null) throw new Problem('tooManyTries', { retryAfterSeconds: Math.max(1, Math.ceil((lockedUntil - now) / 1000)) })
  return { validFrom: null, expiresAt: Math.min(wanted.expiresAt, now + LOCKER_CODE_MS) }
}

function ownWindow ({ validFrom, expiresAt }: CodeOrder, now: number, until: number | null): Window {
  if (validFrom !== undefined || expiresAt !== undefined) {
    throw wrongWindow(validFrom === undefined ? 'expiresAt' : 'validFrom', 'nothing: the window of one\'s own code is fixed')
  }
  return { validFrom: null, expiresAt: Math.min(now + HOLDER_MS, until ?? Infinity) }
}

/** `validFrom` null: at once, even if the clock is set back a little. */
type Window = { validFrom: number | null, expiresAt: number }

function operatorWindow ({ validFrom, expiresAt }: CodeOrder, now: number): Window {
  const from = Math.max(validFrom ?? now, now)
  const to = expiresAt ?? from + OPERATOR_MS
  if (from > now + FARTHEST_MS) throw wrongWindow('validFrom', 'a moment within the next 30 days')
  if (to <= from) throw wrongWindow('expiresAt', 'a moment after now and after validFrom')
  if (to - from > LONGEST_MS) throw wrongWindow('expiresAt', 'a moment at most 7 days after validFrom')
  return { validFrom: from > now ? from : null, expiresAt: to }
}

export function wrongWindow (field: string, needs: string): Problem {
  return new Problem('badRequest', { errors: [{ field, needs }] })
}
