import type { ChallengePurpose } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { wipeChallenge } from '../notify/wipe.ts'
import type { Row, Trx } from '../platform/db.ts'
import { keepNewest } from '../platform/newest.ts'
import { perHouse } from '../platform/per-house.ts'
import { CHALLENGE, challengeIn, changed, factsOf } from './facts.ts'
import { countBoth, countedAs, guessesLeft, type Guesses, type Held } from './identity.ts'
import { purposeOf, scopeOf } from './send.ts'

/**
 * What was proven: that the mailbox `recipient` is the asker's. `formSealed`: what the challenge was started with, still sealed;
 * `row`: what was asked about the person; `held`: for `forgetRows` of what begins anew.
 */
export type Proven = { granted: true, id: string, siteId: string, personId: string | null, recipient: string, formSealed: string | null, row: Row, held: Held }
export type Answered = Proven | { granted: false, triesLeft: number }

/** Whether mails of a challenge still hold its code: those that have left do not. */
const WAITS = 'EXISTS (SELECT 1 FROM outbox WHERE challenge_id = c.id AND sealed IS NOT NULL) AS waits'

const MOST_WAITING = 10_000
/** Challenges that began here and were not heard to be over: most answers come to one of these, and need no look before the write. */
const waitingOf = perHouse(() => keepNewest<{ purpose: ChallengePurpose, until: number }>(MOST_WAITING))

/** A challenge has begun here. */
export function noteWaiting (house: House, id: string, waiting: { purpose: ChallengePurpose, until: number }): void {
  waitingOf(house).set(id, waiting)
}

/**
 * Whether a code can be right here at all. Looked at before a write is asked for: whoever makes challenges up, or goes on with
 * one that is over, is not to stand in the queue before those who have one.
 */
export async function isOver (house: House, id: string, purpose: ChallengePurpose): Promise<boolean> {
  const known = waitingOf(house).get(id)
  if (known !== undefined && known.purpose === purpose && known.until > house.clock()) return false
  return await house.db.ask("SELECT 1 AS waiting FROM challenges WHERE id = ? AND purpose = ? AND status = 'pending' AND expires_at > ?").get(id, purpose, house.clock()) === undefined
}

/**
 * What is read of whom a challenge was sent to, in the same look: `about`: columns of `people p` and `sites t`, both empty
 * where it is nobody; `begins`: what begins anew for them with a right code.
 */
export type Along = { about?: string, begins?: (personId: string) => readonly Guesses[] }

/**
 * Checks a code and, when it is right, uses it up: exactly 5 are compared for one challenge, and 20 wrong ones a day for
 * one identity. Wrong, expired, used and unknown read the same, and so does a right one while whom it signs in has none left. What the caller does with a grant belongs into the same
 * transaction: a throw there leaves the code as it was.
 *
 * `isAsked`: a right code is not used up, and costs nothing; a wrong one counts as always. For what is to be made ready first
 * and is too dear for whoever has no right code.
 *
 * Only in a write that is alone: nothing else holds the challenge's row between its reading and its writing.
 * @throws Problem tooManyTries when the failures of the day at the name that was typed are used up
 */
export async function answerChallenge (trx: Trx, house: House, { challenge: id, purpose, code, isAsked = false, address, along = {} }: { challenge: string, purpose: ChallengePurpose, code: string, isAsked?: boolean, address?: string, along?: Along }): Promise<Answered> {
  const now = house.clock()
  const over = { granted: false, triesLeft: 0 } as const
  const row = await trx.prepare(`SELECT c.site_id AS challenge_site, c.person_id, p.name AS person_name, identity, asked_key, recipient, letter, form_sealed, status, ${CHALLENGE}, ${WAITS}${along.about === undefined ? '' : `, ${along.about}`}
    FROM challenges c LEFT JOIN people p ON p.id = c.person_id LEFT JOIN sites t ON t.id = p.site_id WHERE c.id = ? AND c.purpose = ?`).get(id, purpose)
  if (row === undefined || row['status'] !== 'pending') return over
  const before = challengeIn(row)
  if (before.expiresAt <= now) return over
  const counted = countedAs(String(row['identity']), String(row['asked_key']))
  const personId = row['person_id'] === null ? null : String(row['person_id'])
  const { silent, held } = await guessesLeft(trx, house, counted, 'mailedCode', personId === null ? [] : along.begins?.(personId))
  const isEvaluated = silent > 0
  const step = house.steps.verify({
    // People type a code as they read it, "123 456".
    ...scopeOf(id), purpose: purposeOf(purpose), code: code.replaceAll(/\s/g, ''),
    // A code that was never sent is right for nobody.
    permit: () => row['letter'] === 'code' && isEvaluated ? null : 'disabled'
  })
  const { result: verdict, changes } = step.decide(factsOf(before))
  const { failures } = changed(before, changes)
  if (verdict.granted) {
    if (!isAsked) {
      await countBoth(trx, house, counted, 'mailedCode', { granted: true, isEvaluated, held })
      await end(trx, house, row, id, 'approved', failures, now)
    }
    return { granted: true, id, siteId: String(row['challenge_site']), personId, recipient: String(row['recipient']), formSealed: row['form_sealed'] === null ? null : String(row['form_sealed']), row, held }
  }
  if (verdict.reason !== 'lockedOut') {
    await countBoth(trx, house, counted, 'mailedCode', { granted: false, isEvaluated, held })
    // Of a registration nobody could be signed in as: there is nobody yet.
    if (purpose !== 'register') house.audit.append(trx, now, { event: 'session.refused', subject: personId === null ? null : { id: personId, name: String(row['person_name']) }, details: { by: 'mailed code', triesLeft: verdict.triesLeft, ...address !== undefined && { address } } })
  }
  if (verdict.triesLeft > 0) await trx.prepare('UPDATE challenges SET failures = ? WHERE id = ?').run(failures, id)
  else await end(trx, house, row, id, 'blocked', failures, now)
  return { granted: false, triesLeft: verdict.triesLeft }
}

async function end (trx: Trx, house: House, row: Row, id: string, as: 'approved' | 'blocked', failures: number, now: number): Promise<void> {
  await trx.prepare("UPDATE challenges SET status = ?, failures = ?, code_hash = NULL, superseded = '', form_sealed = NULL WHERE id = ?").run(as, failures, id)
  // SQLite says 1, PostgreSQL true.
  if (row['waits']) await wipeChallenge(trx, id, now)
  trx.after(() => { waitingOf(house).delete(id) })
}
