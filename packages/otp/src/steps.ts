/**
 * Issue and verify as steps: what is to be looked up, and the pure decision on it. `createOtp` runs them in a store; a host
 * that keeps a challenge's facts in a row of its own runs them itself.
 */
import type { Policy } from './budget.ts'
import { equalText, toBase64url } from './bytes.ts'
import { challengeHash, checkData, checkName, checkWhole, readerHash, type Binding } from './codeHash.ts'
import { decide, decideIssue, wouldUse, type Attempt, type Candidate, type Issue, type Order, type Verdict } from './decide.ts'
import { drawBytes, drawDigits, type Entropy, isCode } from './digits.ts'
import type { KeyRing } from './keyring.ts'
import { put, type Decision, type Facts, type LiveCode, type Look, type Outcome, type PermitRefusal, type Question } from './store.ts'

/** Where guesses are counted and a code is looked up: a challenge's id or a reader. */
export type ScopePolicy = { readonly scope: string, readonly policy: Policy }

export type IssueOrder = ScopePolicy & {
  /** What the code is for; bound into its hash. */
  readonly purpose: string
  /** A new code supersedes the earlier one of the same scope and slot. */
  readonly slot: string
  /** 4..12; ask `digitsFor` how many are enough. */
  readonly digits: number
  /** A code that somebody else drew, of so many digits. At a reader it is refused where it collides. */
  readonly drawn?: string
  /** First moment at which it works (ms since 1970). Default: at once, even if the clock is set back a little. */
  readonly validFrom?: number
  /** Opaque text of at most 4,096 bytes, handed back with the verdict. */
  readonly data?: string
  /** Refuse to have more unexpired codes than this in the scope. Default: no limit. */
  readonly maxLive?: number
} & ({ readonly expiresAt: number } | { /** Counted from now, or from validFrom when that is later. */ readonly ttlMs: number })

export type Entry<Mode extends 'sync' | 'async' = 'sync'> = ScopePolicy & {
  readonly purpose: string
  /** What was typed, as it was typed. Anything but 4..12 ASCII digits is a wrong code. */
  readonly code: string
  /**
   * The caller's own last word on a code that matches and is in its window: a reason refuses it (and counts as a
   * failure; the code stays live), null lets it through. Runs inside the store's atomic step, perhaps more than once:
   * it must be quick and change nothing. With an asynchronous store it may wait, for rows of the same transaction.
   */
  readonly permit?: (code: LiveCode) => Outcome<Mode, PermitRefusal | null>
}

/** `decide` says what is to be changed, given the facts that `look` asks for; both have to happen in one atomic step. */
export type Step<T> = { readonly look: Look, readonly decide: (facts: Facts) => Decision<T> }

export type StepsOptions = {
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

/**
 * For a challenge that is one row of the host's: it reads the row and holds it, gives its facts to `decide`, writes the
 * changes, and commits. Whatever is to be looked up for a challenge is all of its scope.
 */
export type Steps = {
  /** RangeError for unusable arguments. */
  issue: (order: IssueOrder) => Step<Issue>
  verify: (entry: Entry) => Step<Verdict>
}

const dayMs = 86_400_000
/** A draw collides once in 10^5 times or less at a reader of sensible size; that four in a row do does not happen there. */
const draws = 4

export function createSteps (options: StepsOptions): Steps {
  const { keys, clock, entropy, tenant, spentForMs: keepMs } = checked(options)
  return {
    issue (order) {
      const { scope, slot, policy, digits, drawn, data = '', maxLive = Infinity } = order
      const now = timeOf(clock)
      const binding = bind(tenant, order)
      checkName('slot', slot)
      checkData(data)
      if (drawn !== undefined && (!isCode(drawn) || drawn.length !== digits)) throw new RangeError('A drawn code has as many digits as it should have.')
      const validFrom = order.validFrom ?? 0
      checkWhole('validFrom', validFrom, 0)
      if ('ttlMs' in order) checkWhole('ttlMs', order.ttlMs, 1)
      const expiresAt = 'ttlMs' in order ? Math.max(now, validFrom) + order.ttlMs : order.expiresAt
      checkWhole('expiresAt', expiresAt, 0)
      const candidates = policy.kind === 'reader'
        ? (drawn === undefined ? Array.from({ length: draws }, () => drawDigits(digits, entropy)) : [drawn]).map((one) => readerCandidate(keys, binding, one))
        : [challengeCandidate(keys, binding, drawn ?? drawDigits(digits, entropy))]
      const id = toBase64url(drawBytes(16, entropy))
      const complete: Order = { now, policy, slot, id, validFrom, expiresAt, data, maxLive, keepMs, candidates }
      const look = { tenant, scope, now, slot, hashes: candidates.flatMap(candidate => candidate.collidesWith), all: policy.kind === 'challenge', countAfter: now }
      return { look, decide: facts => decideIssue(facts, complete) }
    },

    verify (entry) {
      const { look, question, decide } = attemptOf({ keys, clock, tenant, spentForMs: keepMs }, entry)
      return { look, decide: facts => decide(facts, put(question, facts)) }
    }
  }
}

/** An entry as a store takes it. */
export function attemptOf<Mode extends 'sync' | 'async'> (
  { keys, clock, tenant, spentForMs: keepMs }: Pick<Required<StepsOptions>, 'keys' | 'clock' | 'tenant' | 'spentForMs'>, entry: Entry<Mode>
): { look: Look, question: Question<Mode> | undefined, decide: (facts: Facts, refusal: PermitRefusal | null) => Decision<Verdict> } {
  const { policy, permit } = entry
  const now = timeOf(clock)
  const { look, matches } = meet(tenant, keys, entry, now)
  const attempt: Attempt = { now, policy, keepMs, matches }
  return {
    look, question: permit === undefined ? undefined : { about: facts => wouldUse(facts, attempt), ask: permit },
    decide: (facts, refusal) => decide(facts, attempt, refusal)
  }
}

/** The options with what they leave out. RangeError for unusable ones. */
export function checked ({ tenant = 'default', spentForMs = dayMs, ...options }: StepsOptions): Required<StepsOptions> {
  checkName('tenant', tenant)
  checkWhole('spentForMs', spentForMs, 0)
  return { ...options, tenant, spentForMs }
}

/** Now. RangeError for a clock that gives no whole number. */
export function timeOf (clock: () => number): number {
  const now = clock()
  checkWhole('clock()', now, 0)
  return now
}

function bind (tenant: string, { purpose, scope }: { purpose: string, scope: string }): Binding {
  checkName('purpose', purpose)
  checkName('scope', scope)
  return { tenant, purpose, scope }
}

/** What typed digits are looked up by, and what they are compared with. */
function meet (tenant: string, keys: KeyRing, entry: Omit<Entry, 'permit'>, now: number): { look: Look, matches: Attempt['matches'] } {
  const { scope, policy, code } = entry
  const binding = bind(tenant, entry)
  if (policy.kind === 'reader') {
    const hashes = isCode(code) ? keys.keyIds.map(keyId => readerHash(keys, keyId, binding, code)) : []
    return { look: { tenant, scope, now, hashes }, matches: ({ hash }) => hashes.includes(hash) }
  }
  return {
    look: { tenant, scope, now, all: true },
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
