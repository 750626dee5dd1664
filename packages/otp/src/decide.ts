/**
 * The two decisions, as pure functions of the facts: they run inside the store's transaction, whatever the database is.
 */
import { admits, afterFailure, afterSuccess, type Admission, type Policy } from './budget.ts'
import type { Decision, Change, Facts, LiveCode, PermitRefusal, RefusalReason, SpentReason } from './store.ts'

export type Verdict =
  | { readonly granted: true, readonly id: string, readonly slot: string, readonly data: string, readonly triesLeft: number }
  | {
    readonly granted: false
    readonly reason: RefusalReason
    /** The code that the digits belong or belonged to; null when there is none. */
    readonly id: string | null
    /** Slot and data of that code while it is live, else null. */
    readonly slot: string | null
    readonly data: string | null
    readonly triesLeft: number
    /** When tries are evaluated again (ms since 1970); null: they are now, or (reason lockedOut, a spent challenge) never. */
    readonly lockedUntil: number | null
    /** The ceiling of the window is reached. */
    readonly resting: boolean
    /** This very failure used up the tries: exactly one caller sees true. */
    readonly lockoutStarted: boolean
    /** From now to lockedUntil; 0 when that is null. */
    readonly lockoutMs: number
  }

export type Attempt = {
  readonly now: number
  readonly policy: Policy
  /** Whether the typed digits give this hash. Never true for a malformed entry. */
  readonly matches: (code: { readonly hash: string, readonly generation: number }) => boolean
  /** Budgets are remembered at least this long after the last change. */
  readonly keepMs: number
}

/** The live code that this attempt would use up if nobody objects: the caller's word is asked about this one, or not at all. */
export function wouldUse (facts: Facts, attempt: Attempt): LiveCode | null {
  if (!admits(facts.budget, attempt.policy, attempt.now).admitted) return null
  const code = facts.codes.find(attempt.matches)
  return code === undefined || reasonAgainst(code, attempt) !== null ? null : code
}

/** A typed code against the facts of its scope. @param refusal the caller's word on the code that `wouldUse` gives */
export function decide (facts: Facts, attempt: Attempt, refusal: PermitRefusal | null): Decision<Verdict> {
  const { now, policy } = attempt
  const admission = admits(facts.budget, policy, now)
  // A try that is not admitted is not evaluated: nothing is compared, counted or prolonged.
  if (!admission.admitted) return { changes: [], result: refused('lockedOut', null, null, admission, now, false) }
  const code = facts.codes.find(attempt.matches)
  if (code !== undefined) {
    const reason = reasonAgainst(code, attempt) ?? refusal
    return reason === null ? grant(facts, attempt, code) : refuse(facts, attempt, reason, code.id, code)
  }
  const spent = facts.spent.find(attempt.matches)
  return spent === undefined ? refuse(facts, attempt, 'wrong', null, null) : refuse(facts, attempt, reasonFor[spent.reason], spent.id, null)
}

export type Order = {
  readonly now: number
  readonly policy: Policy
  readonly slot: string
  readonly id: string
  readonly validFrom: number
  readonly expiresAt: number
  readonly data: string
  readonly maxLive: number
  readonly keepMs: number
  /** Draws to choose from: digits, the hash to store (by generation), and the hashes under all keys that would collide. */
  readonly candidates: readonly Candidate[]
}

export type Candidate = {
  readonly digits: string
  readonly hash: (generation: number) => string
  readonly collidesWith: readonly string[]
}

export type IssueRefusal =
  /** The scope has `maxLive` codes already. */
  | 'full'
  /** No free digits found: far too many live and remembered codes for so few digits. */
  | 'tooManyCollisions'
  /** The tries of this challenge are spent: a new code could not be entered. */
  | 'lockedOut'
  /** It would have expired before it could be used. */
  | 'expired'

export type Issue =
  | {
    readonly issued: true
    readonly id: string
    readonly code: string
    readonly validFrom: number
    readonly expiresAt: number
    /** The id of the code that this one replaces, or null. */
    readonly superseded: string | null
    readonly generation: number
  }
  | { readonly issued: false, readonly reason: IssueRefusal }

/** A new code in a slot of a scope; the slot's earlier one is superseded. */
export function decideIssue (facts: Facts, order: Order): Decision<Issue> {
  const { now, policy, slot, id, data, expiresAt } = order
  if (expiresAt <= Math.max(now, order.validFrom)) return notIssued('expired')
  if (policy.kind === 'challenge' && !admits(facts.budget, policy, now).admitted) return notIssued('lockedOut')
  // A challenge has one live code, whatever its slot is called.
  const earlier = facts.codes.filter(code => policy.kind === 'challenge' || code.slot === slot)
  const stays = facts.live - earlier.filter(code => code.expiresAt > now).length
  if (stays >= order.maxLive) return notIssued('full')

  const taken = new Set([...facts.codes, ...facts.spent].map(code => code.hash))
  const drawn = order.candidates.find(candidate => !candidate.collidesWith.some(hash => taken.has(hash)))
  if (drawn === undefined) return notIssued('tooManyCollisions')

  const generation = facts.generation + 1
  const code: LiveCode = { id, slot, hash: drawn.hash(generation), generation, validFrom: order.validFrom, expiresAt, data }
  return {
    changes: [
      ...earlier.map((code): Change => ({ do: 'spendCode', code, reason: 'superseded', at: now })),
      { do: 'addCode', code },
      { do: 'keepScope', generation, budget: facts.budget, forgetAt: forgetAt(facts, order, 0) }
    ],
    result: {
      issued: true, id, code: drawn.digits, validFrom: Math.max(order.validFrom, now), expiresAt, superseded: earlier.at(-1)?.id ?? null, generation
    }
  }
}

function grant (facts: Facts, attempt: Attempt, code: LiveCode): Decision<Verdict> {
  const { now, policy } = attempt
  const budget = afterSuccess(facts.budget, policy, now)
  const spend: Change = { do: 'spendCode', code, reason: 'used', at: now }
  return {
    changes: budget.run === facts.budget.run ? [spend] : [spend, { do: 'keepScope', generation: facts.generation, budget, forgetAt: facts.forgetAt }],
    result: { granted: true, id: code.id, slot: code.slot, data: code.data, triesLeft: triesLeft(admits(budget, policy, now)) }
  }
}

/** A try that was evaluated and failed: it counts, and may be the one that ends the tries. */
function refuse (facts: Facts, attempt: Attempt, reason: RefusalReason, id: string | null, code: LiveCode | null): Decision<Verdict> {
  const { now, policy } = attempt
  // Nothing was ever asked in this challenge: there is nothing to guess, and strangers shall not fill the disk with budgets.
  if (policy.kind === 'challenge' && facts.generation === 0) {
    return { changes: [], result: refused(reason, id, code, admits(facts.budget, policy, now), now, false) }
  }
  const budget = afterFailure(facts.budget, policy, now)
  const next = admits(budget, policy, now)
  return {
    changes: [{ do: 'keepScope', generation: facts.generation, budget, forgetAt: forgetAt(facts, attempt, budget.lockedUntil) }],
    result: refused(reason, id, code, next, now, !next.admitted)
  }
}

function reasonAgainst (code: LiveCode, { now }: Attempt): RefusalReason | null {
  if (now >= code.expiresAt) return 'expired'
  return now < code.validFrom ? 'outsideWindow' : null
}

const reasonFor = Object.freeze({
  used: 'alreadyUsed', expired: 'expired', revoked: 'revoked', superseded: 'superseded'
} satisfies Record<SpentReason, RefusalReason>)

/** Tries that would be evaluated from here on without a success or a wait. */
export function triesLeft (admission: Admission): number {
  return admission.admitted ? admission.triesLeft : 0
}

function refused (reason: RefusalReason, id: string | null, code: LiveCode | null, after: Admission, now: number, lockoutStarted: boolean): Verdict {
  const lockedUntil = after.admitted ? null : after.lockedUntil
  return {
    granted: false,
    reason,
    id,
    slot: code === null ? null : code.slot,
    data: code === null ? null : code.data,
    triesLeft: triesLeft(after),
    lockedUntil,
    resting: !after.admitted && after.resting,
    lockoutStarted,
    lockoutMs: lockedUntil === null ? 0 : lockedUntil - now
  }
}

/** Until when a scope is to be remembered after a change at `now`. */
export function forgetAt (facts: Facts, { now, policy, keepMs }: { now: number, policy: Policy, keepMs: number }, lockedUntil: number): number {
  const windowMs = policy.kind === 'reader' ? policy.windowMs : 0
  return Math.max(facts.forgetAt, lockedUntil, now + Math.max(windowMs, keepMs))
}

function notIssued (reason: IssueRefusal): Decision<Issue> {
  return { changes: [], result: { issued: false, reason } }
}
