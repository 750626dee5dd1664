/**
 * How often somebody may guess. Pure functions of `now` (milliseconds since 1970): a store keeps the budget, these
 * functions say what it allows and what becomes of it.
 *
 * A reader (keypad) is guessed at by anybody who stands there, so its budget limits guesses per time and never ends
 * for good. A challenge belongs to one asker, so it has a handful of tries and that is all.
 *
 * When the clock jumps back, nothing gets shorter: a lockout ends at the time that was set when it began, and failures
 * "from the future" count until their window has passed. When it jumps ahead, waiting is over as if the time had passed.
 */

/** Guesses at a reader: so many in a row, then a lockout that doubles, and a ceiling per window that success does not reset. */
export type ReaderPolicy = {
  readonly kind: 'reader'
  readonly triesInARow: number
  /** First lockout of a window; each further one is twice as long, up to `longestLockoutMs`. */
  readonly lockoutMs: number
  readonly longestLockoutMs: number
  /** Failures evaluated within `windowMs`, at most; then the reader rests until the oldest is out of the window. */
  readonly ceiling: number
  readonly windowMs: number
}

/** Guesses at one challenge, in all. */
export type ChallengePolicy = { readonly kind: 'challenge', readonly tries: number }

export type Policy = ReaderPolicy | ChallengePolicy

/** 3 in a row, then 2, 4, 8, 16, 32, 60, 60 … minutes; at most 84 in 24 hours. */
export const readerPolicy: ReaderPolicy = Object.freeze({
  kind: 'reader', triesInARow: 3, lockoutMs: 120_000, longestLockoutMs: 3_600_000, ceiling: 84, windowMs: 86_400_000
})

/** 5 tries, however often the code is sent again. */
export const challengePolicy: ChallengePolicy = Object.freeze({ kind: 'challenge', tries: 5 })

/** What a store remembers of the guesses in one scope. Plain data; times in milliseconds since 1970. */
export type Budget = {
  /** Reader: failures since the last success or lockout. Challenge: failures in all. */
  readonly run: number
  /** When the failures of the last window happened (reader only). */
  readonly failures: readonly number[]
  /** When the lockouts of the last window began (reader only). */
  readonly lockouts: readonly number[]
  /** End of the present lockout; any time in the past, or 0, when there is none. */
  readonly lockedUntil: number
}

export const freshBudget: Budget = Object.freeze({ run: 0, failures: Object.freeze([]), lockouts: Object.freeze([]), lockedUntil: 0 })

export type Admission =
  | { readonly admitted: true, readonly triesLeft: number }
  /** `lockedUntil` is null when waiting does not help (a spent challenge); `resting`: the ceiling of a reader is reached. */
  | { readonly admitted: false, readonly lockedUntil: number | null, readonly resting: boolean }

/** May a try be evaluated now? Asked before anything is compared. */
export function admits (budget: Budget, policy: Policy, now: number): Admission {
  if (policy.kind === 'challenge') {
    const triesLeft = policy.tries - budget.run
    return triesLeft > 0 ? { admitted: true, triesLeft } : { admitted: false, lockedUntil: null, resting: false }
  }
  const failures = within(budget.failures, policy, now)
  const resting = failures.length >= policy.ceiling
  const lockedUntil = Math.max(budget.lockedUntil, resting ? restsUntil(failures, policy) : 0)
  if (now < lockedUntil) return { admitted: false, lockedUntil, resting }
  // A policy may have become stricter since; whoever is admitted has at least this one try.
  const triesLeft = Math.max(1, Math.min(policy.triesInARow - budget.run, policy.ceiling - failures.length))
  return { admitted: true, triesLeft }
}

/** The budget after a try that was evaluated and refused. At a reader the third in a row starts a lockout. */
export function afterFailure (budget: Budget, policy: Policy, now: number): Budget {
  const run = budget.run + 1
  if (policy.kind === 'challenge') return { ...budget, run }
  const failures = [...within(budget.failures, policy, now), now]
  const lockouts = within(budget.lockouts, policy, now)
  if (run < policy.triesInARow) return { run, failures, lockouts, lockedUntil: budget.lockedUntil }
  const lockoutMs = Math.min(policy.longestLockoutMs, policy.lockoutMs * 2 ** lockouts.length)
  return { run: 0, failures, lockouts: [...lockouts, now], lockedUntil: Math.max(budget.lockedUntil, now + lockoutMs) }
}

/**
 * The budget after a right code. At a reader it ends the run of failures and nothing else: were level and ceiling reset
 * too, an insider could alternate two guesses with a code of his own all day. A challenge gets no tries back.
 */
export function afterSuccess (budget: Budget, policy: Policy, _now: number): Budget {
  return policy.kind === 'reader' ? { ...budget, run: 0 } : budget
}

/**
 * The budget after an operator's clear (to be audited by the caller, with a reason). It ends the present lockout and
 * the run. The level stays: the next lockout of the day is as long as it would have been. Failures keep counting
 * towards the ceiling, unless the reader rests: then they are forgiven, as nothing else could end the rest. Times that
 * a clock set too far ahead has left behind are brought back to now. A spent challenge stays spent: ask for a new one.
 */
export function afterClear (budget: Budget, policy: Policy, now: number): Budget {
  if (policy.kind === 'challenge') return budget
  const atMostNow = (times: readonly number[]): number[] => within(times, policy, now).map(time => Math.min(time, now))
  const failures = atMostNow(budget.failures)
  return { run: 0, failures: failures.length >= policy.ceiling ? [] : failures, lockouts: atMostNow(budget.lockouts), lockedUntil: 0 }
}

/** Failures that still count at a reader; for a challenge all of them. */
export function failuresCounted (budget: Budget, policy: Policy, now: number): number {
  return policy.kind === 'challenge' ? budget.run : within(budget.failures, policy, now).length
}

function within (times: readonly number[], policy: ReaderPolicy, now: number): number[] {
  return times.filter(time => time > now - policy.windowMs)
}

/** When enough failures have left the window for one more try. The clock may have gone back, so the list is not in order. */
function restsUntil (failures: readonly number[], policy: ReaderPolicy): number {
  const inOrder = failures.toSorted((a, b) => a - b)
  return Math.max(...inOrder.slice(0, failures.length - policy.ceiling + 1)) + policy.windowMs
}
