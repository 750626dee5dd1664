/**
 * The engine: binds the pure decisions to a store, a ring of keys, a clock and a source of randomness.
 */
import { admits, afterClear, afterFailure, afterSuccess, failuresCounted, type Admission, type Policy } from './budget.ts'
import { checkName, checkWhole } from './codeHash.ts'
import { forgetAt, triesLeft, type Issue, type Verdict } from './decide.ts'
import { attemptOf, checked, createSteps, timeOf, type Entry, type IssueOrder, type ScopePolicy, type StepsOptions } from './steps.ts'
import type { Change, CodeName, Decision, Facts, Look, Outcome, Store, Sweep } from './store.ts'

export type OtpOptions<Mode extends 'sync' | 'async'> = StepsOptions & { readonly store: Store<Mode> }

export type Revocation = { readonly scope: string } & ({ readonly slot: string } | { readonly id: string } | { readonly slot?: never, readonly id?: never })

export type Status = {
  /** Unexpired codes of the scope: with digits and ceiling the input of `dailyChance`. */
  readonly live: number
  readonly triesLeft: number
  /** As in a verdict. */
  readonly lockedUntil: number | null
  readonly locked: boolean
  readonly resting: boolean
  /** Failures that count towards the ceiling (reader) or the tries (challenge). */
  readonly failuresInWindow: number
  readonly generation: number
}

/** Every method returns its value with a synchronous store and a promise of it with an asynchronous one. */
export type Otp<Mode extends 'sync' | 'async'> = {
  /** Makes a code. Its digits are in the answer and nowhere else. RangeError for unusable arguments. */
  issue: (order: IssueOrder) => Outcome<Mode, Issue>
  /** Checks a code and, when it is right, uses it up in the same atomic step. A refusal is a returned verdict. */
  verify: (entry: Entry<Mode>) => Outcome<Mode, Verdict>
  /** Ends the live codes of a slot, one code, or all of a scope; returns their ids. */
  revoke: (which: Revocation) => Outcome<Mode, string[]>
  /** Ends the live codes in all scopes whose slot begins so: everything of a person, say. */
  revokeWhere: (which: { readonly slotPrefix: string }) => Outcome<Mode, CodeName[]>
  /** An operator's end of a reader's lockout or rest, see `afterClear`; returns the status after it. Audit it. */
  clear: (which: ScopePolicy) => Outcome<Mode, Status>
  status: (which: ScopePolicy) => Outcome<Mode, Status>
  /**
   * Whether a try would be evaluated. Inside a caller's transaction the budget then stays as it is until that ends, so
   * that `admission`, `verify` of another scope and `count` in one transaction are exact together.
   */
  admission: (which: ScopePolicy) => Outcome<Mode, Admission>
  /**
   * Counts a try that was evaluated in another scope towards this one's budget, too: an identity's, across all its
   * challenges. Returns whether the next try would be evaluated.
   */
  count: (which: ScopePolicy & { readonly granted: boolean }) => Outcome<Mode, Admission>
  /**
   * Those of the scopes in which anything is remembered. In all others `admission` gives what a fresh budget allows, and
   * `clear` and `count` of a right try change nothing: whoever asks about many asks here first, once. Holds nothing: for
   * callers whose transaction keeps others from these scopes.
   */
  kept: (scopes: readonly string[]) => Outcome<Mode, string[]>
  /** Housekeeping, to be called now and then (every minute, say): moves at most `limit` expired codes away, forgets old ones. */
  sweep: (limit?: number) => Outcome<Mode, Sweep>
}

/**
 * The engine for one tenant. Keeps nothing between calls but its options, so several processes with engines on one
 * database behave as one.
 */
export function createOtp<Mode extends 'sync' | 'async'> (options: OtpOptions<Mode>): Otp<Mode> {
  const { store } = options
  const steps = createSteps(options)
  const known = checked(options)
  const { clock, tenant, spentForMs: keepMs } = known
  const time = (): number => timeOf(clock)

  return {
    issue (order) {
      const step = steps.issue(order)
      return store.change(step.look, step.decide)
    },

    verify (entry) {
      const { look, decide, question } = attemptOf(known, entry)
      return store.change(look, decide, question)
    },

    revoke (which) {
      checkName('scope', which.scope)
      const now = time()
      // A slot that is there but undefined (from plain JavaScript) must not mean "everything".
      const look: Look = { tenant, now, ...which, all: !('slot' in which) && !('id' in which) }
      return store.change(look, ({ codes }): Decision<string[]> => ({
        changes: codes.map((code): Change => ({ do: 'spendCode', code, reason: 'revoked', at: now })),
        result: codes.map(code => code.id)
      }))
    },

    revokeWhere ({ slotPrefix }) {
      checkName('slotPrefix', slotPrefix)
      return store.revokeSlots({ tenant, slotPrefix, now: time() })
    },

    clear ({ scope, policy }) {
      checkName('scope', scope)
      const now = time()
      return store.change({ tenant, scope, now, countAfter: now }, (facts): Decision<Status> => {
        const budget = afterClear(facts.budget, policy, now)
        return {
          changes: budget === facts.budget ? [] : [{ do: 'keepScope', generation: facts.generation, budget, forgetAt: facts.forgetAt }],
          result: statusOf({ ...facts, budget }, policy, now)
        }
      })
    },

    status ({ scope, policy }) {
      checkName('scope', scope)
      const now = time()
      return store.read({ tenant, scope, now, countAfter: now }, facts => statusOf(facts, policy, now))
    },

    admission ({ scope, policy }) {
      checkName('scope', scope)
      const now = time()
      // A change that changes nothing: a read would not hold the scope.
      return store.change({ tenant, scope, now }, ({ budget }): Decision<Admission> => ({ changes: [], result: admits(budget, policy, now) }))
    },

    count ({ scope, policy, granted }) {
      checkName('scope', scope)
      const now = time()
      return store.change({ tenant, scope, now }, (facts): Decision<Admission> => {
        const budget = granted ? afterSuccess(facts.budget, policy, now) : afterFailure(facts.budget, policy, now)
        // A success before any failure leaves nothing to remember.
        const isSame = granted && budget.run === facts.budget.run
        return {
          changes: isSame ? [] : [{ do: 'keepScope', generation: facts.generation, budget, forgetAt: forgetAt(facts, { now, policy, keepMs }, budget.lockedUntil) }],
          result: admits(budget, policy, now)
        }
      })
    },

    kept (scopes) {
      for (const scope of scopes) checkName('scope', scope)
      return store.kept({ tenant, scopes })
    },

    sweep (limit = 1000) {
      checkWhole('limit', limit, 1)
      const now = time()
      return store.sweep({ tenant, now, spentBefore: now - keepMs, limit })
    }
  }
}

function statusOf (facts: Facts, policy: Policy, now: number): Status {
  const admission = admits(facts.budget, policy, now)
  return {
    live: facts.live,
    triesLeft: triesLeft(admission),
    lockedUntil: admission.admitted ? null : admission.lockedUntil,
    locked: !admission.admitted,
    resting: !admission.admitted && admission.resting,
    failuresInWindow: failuresCounted(facts.budget, policy, now),
    generation: facts.generation
  }
}
