import { createHash } from 'node:crypto'
import { admits, freshBudget, type ReaderPolicy, type ScopePolicy } from '@oncekey/otp'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { tellPaused } from './paused.ts'

/** What is guessed. Each has a budget of its own, so that strangers who use one up leave the others open. */
export type Guessed = 'password' | 'mailedCode' | 'totp' | 'recoveryCode'

/** 20 failures in 24 hours; after ten in a row growing waits on top. */
const dayPolicy: ReaderPolicy = Object.freeze({ kind: 'reader', triesInARow: 10, lockoutMs: 600_000, longestLockoutMs: 3_600_000, ceiling: 20, windowMs: 86_400_000 })
/** After 100 in a row no further one is evaluated (NIST SP 800-63B-4 3.2.2), until the person has proven who they are in another way. */
const rowPolicy: ReaderPolicy = Object.freeze({ kind: 'reader', triesInARow: 100, lockoutMs: 100 * 365 * 86_400_000, longestLockoutMs: 100 * 365 * 86_400_000, ceiling: 100, windowMs: 1 })
/**
 * Mailed codes are another one each time, so no guess at one helps with the next: there the pause is a week, or strangers
 * could shut somebody who rarely comes out of both ways for good. An operator's reset ends it at once. The same goes for an
 * authenticator's codes, which are others every half minute.
 */
const mailedRowPolicy: ReaderPolicy = Object.freeze({ ...rowPolicy, lockoutMs: 7 * 86_400_000, longestLockoutMs: 7 * 86_400_000 })

/**
 * Whose guesses are counted: `person/<id>`, `nobody/<hash>` of a name that nobody has, `typed/<hash>` of a name whoever has it,
 * `register/<hash>` of an address that somebody registers with, `email/<id>` of the person who wants another address,
 * `device/<id>`, or `inside/<id>` of a person who is signed in.
 */
export type Identity = string

/**
 * A guess at a name counts twice. `shown`: for the name as it was typed; whoever guesses is told to wait by this one alone.
 * `silent`: for whom it names. A person has two names, and a wait that went over from one to the other would tell strangers
 * that they are the same person's. Where both are the same, there is nothing to hide.
 */
export type Counted = { shown: Identity, silent: Identity }

/** Budgets in which anything is remembered, of those that were asked for. */
export type Held = readonly ScopePolicy[]

/** The tries of a browser that its person signed in with before: apart from everybody else's. */
export function identityOfBrowser (browserId: string): Identity {
  return `device/${browserId}`
}

/** A name that nobody has is counted like one that somebody has: the answers are the same. */
export function identityOf (personId: string | null, login: string): Identity {
  return personId === null ? `nobody/${loginHash(login)}` : `person/${personId}`
}

/**
 * Somebody who is signed in: whoever has no session can use up none of these, and keep nobody from what asks for a proof, or from
 * changing a password that is being guessed at.
 */
export function insideOf (personId: string): Identity {
  return `inside/${personId}`
}

/** @param silent from `identityOf`, or of a device or a registration @param typed hash of the name as it was typed */
export function countedAs (silent: Identity, typed: string): Counted {
  return { shown: /^(?:person|nobody)\//.test(silent) ? `typed/${typed}` : silent, silent }
}

/**
 * What somebody typed as a name; people type passwords there, so it is not kept as it is. Two names are the same here exactly
 * when `findByLogin` takes them for the same (lower() of the database: A to Z alone). Were more of them the same, tries at one
 * spelling would shut another one only where nobody has it, and so tell who exists.
 */
export function loginHash (login: string): string {
  return createHash('sha256').update(login.trim().replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())).digest('base64url')
}

/** A typed name has no hundred in a row: nobody could ever end those for it. Its person has. */
function budgetsOf (identity: Identity, guessed: Guessed): ScopePolicy[] {
  const day = { scope: `identity/${identity}/${guessed}`, policy: dayPolicy }
  return identity.startsWith('typed/') ? [day] : [day, rowOf(identity, guessed)]
}

function rowOf (identity: Identity, guessed: Guessed): ScopePolicy {
  return { scope: `identity/${identity}/${guessed}/row`, policy: guessed === 'password' ? rowPolicy : mailedRowPolicy }
}

/**
 * Those of the budgets in which anything is remembered: most are fresh, and to ask about many at once costs as much as about one.
 * As all here only for writes that are alone: nobody else counts meanwhile.
 */
async function kept (house: House, budgets: readonly ScopePolicy[]): Promise<Held> {
  const scopes = await house.otp.kept(budgets.map(({ scope }) => scope))
  return scopes.length === 0 ? [] : budgets.filter(({ scope }) => scopes.includes(scope))
}

/** Where nothing is remembered, as nearly always: ten in a row are fewer than either the day's or the hundred. */
const fresh = Object.freeze({ left: dayPolicy.triesInARow, until: 0 })

/** `left`: guesses that would be evaluated now; `until`: when there are some again, 0 when there are. `held`: those of its budgets that are not fresh. */
async function admissionOf (house: House, identity: Identity, guessed: Guessed, held: Held): Promise<{ left: number, until: number }> {
  if (held.length === 0) return fresh
  const now = house.clock()
  let until = 0
  let left = Infinity
  for (const budget of budgetsOf(identity, guessed)) {
    const admission = held.some(({ scope }) => scope === budget.scope) ? await house.otp.admission(budget) : admits(freshBudget, budget.policy, now)
    if (admission.admitted) left = Math.min(left, admission.triesLeft)
    else until = Math.max(until, admission.lockedUntil ?? now)
  }
  return until > 0 ? { left: 0, until } : { left, until }
}

/**
 * How many guesses would be evaluated now, at least one. In the database, so it holds across addresses, servers and restarts.
 * @throws Problem tooManyTries with the seconds to wait
 */
export async function triesLeftOf (_trx: Trx, house: House, identity: Identity, guessed: Guessed): Promise<number> {
  return leftOr(house, await admissionOf(house, identity, guessed, await kept(house, budgetsOf(identity, guessed))))
}

function leftOr (house: House, { left, until }: { left: number, until: number }): number {
  if (until > 0) throw new Problem('tooManyTries', { retryAfterSeconds: Math.max(1, Math.ceil((until - house.clock()) / 1000)) })
  return left
}

/** Whether a guess would be evaluated now. @throws Problem tooManyTries with the seconds to wait */
export async function checkBudget (trx: Trx, house: House, identity: Identity, guessed: Guessed): Promise<void> {
  await triesLeftOf(trx, house, identity, guessed)
}

/**
 * Counts a guess that was evaluated. A right one ends the run and gives none of the day's back.
 * @returns whether there is another one left now
 */
export async function countGuess (_trx: Trx, house: House, identity: Identity, guessed: Guessed, granted: boolean): Promise<boolean> {
  const budgets = budgetsOf(identity, guessed)
  let isLeft = true
  for (const budget of granted ? await kept(house, budgets) : budgets) isLeft = (await house.otp.count({ ...budget, granted })).admitted && isLeft
  return isLeft
}

/**
 * How many guesses at a name would be evaluated now; `held`: those of the budgets that are not fresh, for `countBoth`. With `silent` 0 none is, and whoever guesses is to be answered as for a
 * wrong one, in the same time.
 * @param begins what a right guess would let begin anew: `held` is of these as well, for `forgetRows`
 * @throws Problem tooManyTries when the name's own are used up
 */
export async function guessesLeft (_trx: Trx, house: House, { shown, silent }: Counted, guessed: Guessed, begins: readonly Guesses[] = []): Promise<{ shown: number, silent: number, held: Held }> {
  const held = await kept(house, [...budgetsOf(shown, guessed), ...budgetsOf(silent, guessed), ...rowsOf(begins)])
  const left = leftOr(house, await admissionOf(house, shown, guessed, held))
  return { shown: left, silent: shown === silent ? left : (await admissionOf(house, silent, guessed, held)).left, held }
}

/**
 * Counts a guess at a name. `isEvaluated` false: the silent ones were used up, so nobody has learned anything about whom it names.
 * The one that uses them up is told to whom it names.
 */
export async function countBoth (trx: Trx, house: House, { shown, silent }: Counted, guessed: 'password' | 'mailedCode', { granted, isEvaluated, held }: { granted: boolean, isEvaluated: boolean, held: Held }): Promise<void> {
  const both = isEvaluated && shown !== silent
  if (granted) {
    if (held.length === 0) return
    const isCounted = new Set([shown, ...both ? [silent] : []].flatMap((identity) => budgetsOf(identity, guessed).map(({ scope }) => scope)))
    for (const budget of held) if (isCounted.has(budget.scope)) await house.otp.count({ ...budget, granted })
    return
  }
  await countGuess(trx, house, shown, guessed, false)
  if (!both) return
  const isLeft = await countGuess(trx, house, silent, guessed, false)
  if (!isLeft && silent.startsWith('person/')) tellPaused(trx, house, silent.slice('person/'.length), guessed)
}

/** What was guessed at somebody. */
export type Guesses = { identity: Identity, guessed: Guessed }

/**
 * The person has proven in another way who they are: the hundred in a row begin anew, those of the day go on.
 * @param held where it was asked for before in the same write
 */
export async function forgetRows (_trx: Trx, house: House, guesses: readonly Guesses[], held?: Held): Promise<void> {
  const rows = rowsOf(guesses)
  const some = held === undefined ? await kept(house, rows) : rows.filter((row) => held.some(({ scope }) => scope === row.scope))
  for (const budget of some) await house.otp.clear(budget)
}

/** Of people, who alone have some. */
function rowsOf (guesses: readonly Guesses[]): ScopePolicy[] {
  return guesses.map(({ identity, guessed }) => rowOf(identity, guessed))
}

/**
 * The person has proven in another way who they are, and what was guessed at is no more: everything begins anew. But not for
 * the names as they were typed: two waits that end in the same moment would tell that they are one person's.
 */
export async function forgetGuesses (_trx: Trx, house: House, identity: Identity, guessed: Guessed): Promise<void> {
  for (const budget of await kept(house, budgetsOf(identity, guessed))) await house.otp.clear(budget)
}
