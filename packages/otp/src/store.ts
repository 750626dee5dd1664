/**
 * The contract between the engine and a database.
 *
 * A store does three things in one atomic step: it reads the facts of one scope, hands them to a pure function, and
 * makes the changes that the function returns durable. Two steps on the same scope never overlap: one of them sees what
 * the other has done. SQL stores get that by a lock (SQLite: BEGIN IMMEDIATE; PostgreSQL: lock the row of the
 * scope first), others by a version number and another attempt, which is why the function must be pure: it may run again.
 *
 * Facts and changes are plain data. `storeContract` in contract.ts is the test of all this.
 */
import type { Budget } from './budget.ts'

/** What a store's methods return: the value itself from a synchronous store, a promise of it from any other. */
export type Outcome<Mode extends 'sync' | 'async', T> = Mode extends 'sync' ? T : Promise<T>

export type Store<Mode extends 'sync' | 'async'> = {
  readonly mode: Mode
  /** Read, ask, decide, write: atomic and, when it returns (or resolves), durable. `refusal`: the question's answer; null without one. */
  change: <T>(look: Look, decide: (facts: Facts, refusal: PermitRefusal | null) => Decision<T>, question?: Question<Mode>) => Outcome<Mode, T>
  /** The same facts without a change, so without a write lock. */
  read: <T>(look: Look, view: (facts: Facts) => T) => Outcome<Mode, T>
  /** Those of the scopes that have a generation or a budget to remember, in any order. Takes no lock. */
  kept: (order: { readonly tenant: string, readonly scopes: readonly string[] }) => Outcome<Mode, string[]>
  /** Moves every live code whose slot begins with `slotPrefix`, in all scopes, to the spent ones as revoked. */
  revokeSlots: (order: { readonly tenant: string, readonly slotPrefix: string, readonly now: number }) => Outcome<Mode, CodeName[]>
  /** Housekeeping of one tenant, see `Sweep`. */
  sweep: (order: SweepOrder) => Outcome<Mode, Sweep>
}

/** What the host is asked between the facts and the decision: `ask`, if `about` finds a code that its answer matters for. */
export type Question<Mode extends 'sync' | 'async'> = {
  readonly about: (facts: Facts) => LiveCode | null
  readonly ask: (code: LiveCode) => Outcome<Mode, PermitRefusal | null>
}

/** Puts the question; null when there is nothing to ask. For stores. */
export function put<Mode extends 'sync' | 'async'> (question: Question<Mode> | undefined, facts: Facts): Outcome<Mode, PermitRefusal | null> | null {
  if (question === undefined) return null
  const code = question.about(facts)
  return code === null ? null : question.ask(code)
}

export type RefusalReason =
  | 'wrong' | 'expired' | 'alreadyUsed' | 'revoked' | 'superseded' | 'outsideWindow' | 'lockedOut' | 'disabled' | 'rateLimited' | 'lowBattery'

/** What a caller's `permit` may answer. The other reasons are the engine's own. */
export type PermitRefusal = Exclude<RefusalReason, 'wrong' | 'lockedOut'>

/** Which facts are wanted. A live code is among them when at least one of the given conditions names it. */
export type Look = {
  readonly tenant: string
  readonly scope: string
  /** Of whoever asks (ms since 1970): for stores whose rows die by themselves, and for nothing else. */
  readonly now: number
  /** Codes with one of these hashes: live ones and spent ones. */
  readonly hashes?: readonly string[]
  /** Live codes of this slot. */
  readonly slot?: string
  /** The live code of this id. */
  readonly id?: string
  /** All live codes of the scope and its newest spent ones (at least 8, if there are so many). */
  readonly all?: boolean
  /** Count the live codes that expire after this time (ms since 1970). */
  readonly countAfter?: number
}

export type Facts = {
  /** Rises by one with each code issued in the scope; 0 when there never was one. */
  readonly generation: number
  readonly budget: Budget
  /** Until when generation and budget must be remembered (ms since 1970), and longer while the scope has a live or spent code. */
  readonly forgetAt: number
  /** The live codes that the look asked for, oldest first. "Live" says that nobody has moved them: they may have expired. */
  readonly codes: readonly LiveCode[]
  /** The spent codes that the look asked for, newest first. */
  readonly spent: readonly SpentCode[]
  /** The count that `countAfter` asked for, else 0. */
  readonly live: number
}

export type LiveCode = {
  readonly id: string
  readonly slot: string
  /** 64 hex digits. The only trace of the digits. */
  readonly hash: string
  readonly generation: number
  /** First and last moment (inclusive, exclusive) in ms since 1970; validFrom 0: at once. */
  readonly validFrom: number
  readonly expiresAt: number
  /** Whatever the caller gave, at most 4 KiB. */
  readonly data: string
}

export type SpentReason = 'used' | 'expired' | 'revoked' | 'superseded'

export type SpentCode = {
  readonly id: string
  readonly hash: string
  readonly generation: number
  readonly reason: SpentReason
  readonly at: number
}

export type Change =
  | { readonly do: 'addCode', readonly code: LiveCode }
  /** Moves a live code of this scope to the spent ones. */
  | { readonly do: 'spendCode', readonly code: LiveCode, readonly reason: SpentReason, readonly at: number }
  | { readonly do: 'keepScope', readonly generation: number, readonly budget: Budget, readonly forgetAt: number }

/** Changes in the order in which they are made, and what the caller hears. */
export type Decision<T> = { readonly changes: readonly Change[], readonly result: T }

export type CodeName = { readonly id: string, readonly scope: string, readonly slot: string, readonly data: string }

export type SweepOrder = {
  readonly tenant: string
  readonly now: number
  /** Forget spent codes that were spent before this time. */
  readonly spentBefore: number
  /** At most so many of each kind. */
  readonly limit: number
}

export type Sweep = {
  /** Codes that expired unused, moved to the spent ones now (soonest first): each is reported exactly once. */
  readonly expired: readonly CodeName[]
  /** Number of spent codes forgotten. */
  readonly forgotten: number
  /** Number of scopes forgotten: past their `forgetAt` and without a live or a spent code. */
  readonly scopes: number
}
