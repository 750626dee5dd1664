/**
 * The engine: binds the pure decisions to a store, a ring of keys, a clock and a source of randomness.
 */
import { admits, afterClear, afterFailure, afterSuccess, failuresCounted, type Admission, type Policy } from './budget.ts'
import { equalText, toBase64url } from './bytes.ts'
import { challengeHash, checkData, checkName, checkWhole, readerHash, type Binding } from './codeHash.ts'
import { decide, decideIssue, forgetAt, triesLeft, type Attempt, type Candidate, type Issue, type Order, type PermitRefusal, type Verdict } from './decide.ts'
import { drawBytes, drawDigits, isCode, type Entropy } from './digits.ts'
import type { KeyRing } from './keyring.ts'
import type { Change, CodeName, Decision, Facts, LiveCode, Look, Outcome, Store, Sweep } from './store.ts'

export type OtpOptions<Mode extends 'sync' | 'async'> = {
  readonly store: Store<Mode>
  readonly keys: KeyRing
  /** Milliseconds since 1970, a whole number. */
  readonly clock: () => number
  /** Cryptographic randomness. */
  readonly entropy: Entropy
  /** Separates the codes and budgets of several houses in one store. Default: 'default'. */
  readonly tenant?: string
  /** How long a spent code's reason, and an idle scope's budget, are remembered. Default: 24 hours. */
  readonly spentForMs?: number
}

/** Where guesses are counted and a code is looked up: a challenge's id or a reader. */
export type ScopePolicy = { readonly scope: string, readonly policy: Policy }

export type IssueOrder = ScopePolicy & {
  /** What the code is for; bound into its hash. */
  readonly purpose: string
  /** A new code supersedes the earlier one of the same scope and slot. */
  readonly slot: string
  /** 4..12; ask `digitsFor` how many are enough. */
  readonly digits: number
  /** First moment at which it works (ms since 1970). Default: at once, even if the clock is set back a little. */
  readonly validFrom?: number
  /** Opaque text of at most 4,096 bytes, handed back with the verdict. */
  readonly data?: string
  /** Refuse to have more unexpired codes than this in the scope. Default: no limit. */
  readonly maxLive?: number
} & ({ readonly expiresAt: number } | { /** Counted from now, or from validFrom when that is later. */ readonly ttlMs: number })

export type Entry = ScopePolicy & {
  readonly purpose: string
  /** What was typed, as it was typed. Anything but 4..12 ASCII digits is a wrong code. */
  readonly code: string
  /**
   * The caller's own last word on a code that matches and is in its window: a reason refuses it (and counts as a
   * failure; the code stays live), null lets it through. Runs inside the store's atomic step, perhaps more than once:
   * it must be quick, pure and synchronous.
   */
  readonly permit?: (code: LiveCode) => PermitRefusal | null
}

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
  verify: (entry: Entry) => Outcome<Mode, Verdict>
  /**
   * Which live code these digits would meet, or null. No try, counts nothing, changes nothing: for a host whose `permit`
   * needs rows of its own, which it reads between this and `verify`, in one transaction. Never answer anybody by it.
   */
  find: (entry: Omit<Entry, 'permit'>) => Outcome<Mode, CodeName | null>
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
  /** Housekeeping, to be called now and then (every minute, say): moves at most `limit` expired codes away, forgets old ones. */
  sweep: (limit?: number) => Outcome<Mode, Sweep>
}

const dayMs = 86_400_000
/** A draw collides once in 10^5 times or less at a reader of sensible size; that four in a row do does not happen there. */
const draws = 4

/**
 * The engine for one tenant. Keeps nothing between calls but its options, so several processes with engines on one
 * database behave as one.
 */
export function createOtp<Mode extends 'sync' | 'async'> (options: OtpOptions<Mode>): Otp<Mode> {
  const { store, keys, clock, entropy, tenant = 'default', spentForMs: keepMs = dayMs } = options
  checkName('tenant', tenant)
  checkWhole('spentForMs', keepMs, 0)
  const time = (): number => {
    const now = clock()
    checkWhole('clock()', now, 0)
    return now
  }

  return {
    issue (order) {
      const { scope, slot, policy, digits, data = '', maxLive = Infinity } = order
      const now = time()
      const binding = bind(tenant, order)
      checkName('slot', slot)
      checkData(data)
      const validFrom = order.validFrom ?? 0
      checkWhole('validFrom', validFrom, 0)
      if ('ttlMs' in order) checkWhole('ttlMs', order.ttlMs, 1)
      const expiresAt = 'ttlMs' in order ? Math.max(now, validFrom) + order.ttlMs : order.expiresAt
      checkWhole('expiresAt', expiresAt, 0)
      const candidates = policy.kind === 'reader'
        ? Array.from({ length: draws }, () => readerCandidate(keys, binding, drawDigits(digits, entropy)))
        : [challengeCandidate(keys, binding, drawDigits(digits, entropy))]
      const id = toBase64url(drawBytes(16, entropy))
      const complete: Order = { now, policy, slot, id, validFrom, expiresAt, data, maxLive, keepMs, candidates }
      const look = { tenant, scope, slot, hashes: candidates.flatMap(candidate => candidate.collidesWith), all: policy.kind === 'challenge', countAfter: now }
      return store.change(look, facts => decideIssue(facts, complete))
    },

    verify (entry) {
      const { policy, permit } = entry
      const now = time()
      const { look, matches } = meet(tenant, keys, entry)
      return store.change(look, facts => decide(facts, { now, policy, permit, keepMs, matches }))
    },

    find (entry) {
      const { look, matches } = meet(tenant, keys, entry)
      return store.read(look, ({ codes }) => {
        const code = codes.find(matches)
        return code === undefined ? null : { id: code.id, scope: look.scope, slot: code.slot, data: code.data }
      })
    },

    revoke (which) {
      checkName('scope', which.scope)
      const now = time()
      // A slot that is there but undefined (from plain JavaScript) must not mean "everything".
      const look: Look = { tenant, ...which, all: !('slot' in which) && !('id' in which) }
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
      return store.change({ tenant, scope, countAfter: now }, (facts): Decision<Status> => {
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
      return store.read({ tenant, scope, countAfter: now }, facts => statusOf(facts, policy, now))
    },

    admission ({ scope, policy }) {
      checkName('scope', scope)
      const now = time()
      // A change that changes nothing: a read would not hold the scope.
      return store.change({ tenant, scope }, ({ budget }): Decision<Admission> => ({ changes: [], result: admits(budget, policy, now) }))
    },

    count ({ scope, policy, granted }) {
      checkName('scope', scope)
      const now = time()
      return store.change({ tenant, scope }, (facts): Decision<Admission> => {
        const budget = granted ? afterSuccess(facts.budget, policy, now) : afterFailure(facts.budget, policy, now)
        // A success before any failure leaves nothing to remember.
        const isSame = granted && budget.run === facts.budget.run
        return {
          changes: isSame ? [] : [{ do: 'keepScope', generation: facts.generation, budget, forgetAt: forgetAt(facts, { now, policy, keepMs }, budget.lockedUntil) }],
          result: admits(budget, policy, now)
        }
      })
    },

    sweep (limit = 1000) {
      checkWhole('limit', limit, 1)
      const now = time()
      return store.sweep({ tenant, now, spentBefore: now - keepMs, limit })
    }
  }
}

function bind (tenant: string, { purpose, scope }: { purpose: string, scope: string }): Binding {
  checkName('purpose', purpose)
  checkName('scope', scope)
  return { tenant, purpose, scope }
}

/** What typed digits are looked up by, and what they are compared with. */
function meet (tenant: string, keys: KeyRing, entry: Omit<Entry, 'permit'>): { look: Look, matches: Attempt['matches'] } {
  const { scope, policy, code } = entry
  const binding = bind(tenant, entry)
  if (policy.kind === 'reader') {
    const hashes = isCode(code) ? keys.keyIds.map(keyId => readerHash(keys, keyId, binding, code)) : []
    return { look: { tenant, scope, hashes }, matches: ({ hash }) => hashes.includes(hash) }
  }
  return {
    look: { tenant, scope, all: true },
    matches: ({ hash, generation }) => isCode(code) && keys.keyIds.some(keyId => equalText(challengeHash(keys, keyId, binding, generation, code), hash))
  }
}

function readerCandidate (keys: KeyRing, binding: Binding, digits: string): Candidate {
  const hash = readerHash(keys, keys.current, binding, digits)
  const others = keys.keyIds.filter(keyId => keyId !== keys.current)
  return { digits, hash: () => hash, collidesWith: [hash, ...others.map(keyId => readerHash(keys, keyId, binding, digits))] }
}

function challengeCandidate (keys: KeyRing, binding: Binding, digits: string): Candidate {
  return { digits, hash: generation => challengeHash(keys, keys.current, binding, generation, digits), collidesWith: [] }
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
