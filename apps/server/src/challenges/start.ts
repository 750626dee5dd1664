import { createHash } from 'node:crypto'
import type { ChallengePurpose, ChallengeStarted, Language } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { drawText } from '../platform/random.ts'
import { noteWaiting } from './answer.ts'
import { CHALLENGE, challengeIn, newChallenge } from './facts.ts'
import { identityOf, identityOfBrowser, loginHash } from './identity.ts'
import { recipientKeyOf } from './recipient.ts'
import { sendChallenge, type Addressed, type LetterKind } from './send.ts'

export type ChallengeOrder = {
  purpose: ChallengePurpose
  siteId: string
  /** As it was typed. */
  login: string
  /** Whom it names; null for nobody. For `email`: who asks, with the address that they want. */
  person: { id: string, email: string } | null
  letter: LetterKind
  /** Of the page that asks. */
  language: Language
  /** The browser that asks, where somebody has signed in before: codes for that person have budgets of its own. */
  device?: { id: string, personId: string } | null
  /** What the answer will need, by the challenge's id; kept sealed. */
  form?: (id: string) => string
}

/**
 * Begins a challenge and sends its first code, or what goes out instead. Costs the same whether or not somebody has that
 * name or address.
 * @throws Problem as `sendChallenge`
 */
export async function startChallenge (trx: Trx, house: House, { purpose, siteId, login, person, letter, language, device = null, form }: ChallengeOrder): Promise<ChallengeStarted> {
  const now = house.clock()
  const id = newId(now)
  const named = person?.email ?? login.trim()
  // What a stranger typed may be a password: only what mail goes to is kept as it is.
  const recipient = letter === 'none' && person === null ? `nobody/${loginHash(login)}` : named
  const isKnown = device !== null && person !== null && device.personId === person.id
  const to: Addressed = {
    id, siteId, purpose, letter, language, recipient,
    // Of its own: nobody may learn from tries at a registration whether the address is somebody's elsewhere.
    identity: purpose === 'register' ? `register/${loginHash(login)}` : purpose === 'email' ? `email/${person?.id}` : isKnown ? identityOfBrowser(device.id) : identityOf(person?.id ?? null, login),
    recipientKey: named.includes('@') ? recipientKeyOf(siteId, 'email', named) : `nobody/${loginHash(login)}`,
    askedKey: createHash('sha256').update(isKnown ? `${siteId}\ndevice\n${device.id}` : `${siteId}\nasked\n${loginHash(login)}`).digest('base64url'), challenge: newChallenge
  }
  const { challenge, started } = await sendChallenge(trx, house, to)
  await trx.prepare(`INSERT INTO challenges (id, site_id, purpose, person_id, identity, asked_key, recipient, recipient_key, letter, form_sealed, status, created_at, expires_at, generation, failures, code_hash, superseded)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?)`)
    .run(id, siteId, purpose, person?.id ?? null, to.identity, to.askedKey, recipient, to.recipientKey, letter, form?.(id) ?? null, now, challenge.expiresAt,
      challenge.generation, challenge.failures, challenge.codeHash, challenge.superseded)
  trx.after(() => { noteWaiting(house, id, { purpose, until: challenge.expiresAt }) })
  return started
}

/** Sends another code for a challenge that waits. @throws Problem verificationEnded, and as `sendChallenge` */
export async function resendChallenge (trx: Trx, house: House, { id, language }: { id: string, language: Language }): Promise<ChallengeStarted> {
  const row = await trx.prepare(`SELECT site_id, purpose, identity, letter, recipient, recipient_key, asked_key, status, ${CHALLENGE} FROM challenges WHERE id = ?`).get(id)
  if (row === undefined || row['status'] !== 'pending' || Number(row['expires_at']) <= house.clock()) throw new Problem('verificationEnded')
  const text = (name: string): string => String(row[name])
  const { challenge, started } = await sendChallenge(trx, house, {
    id, siteId: text('site_id'), purpose: text('purpose') as ChallengePurpose, identity: text('identity'), letter: text('letter') as LetterKind, language,
    recipient: text('recipient'), recipientKey: text('recipient_key'), askedKey: text('asked_key'), challenge: challengeIn(row)
  })
  await trx.prepare('UPDATE challenges SET expires_at = ?, generation = ?, code_hash = ?, superseded = ? WHERE id = ?').run(challenge.expiresAt, challenge.generation, challenge.codeHash, challenge.superseded, id)
  return started
}

/** 128 random bits behind the time, so that rows made together lie together. */
function newId (now: number): string {
  return now.toString(36).padStart(9, '0') + drawText(16, 'base64url')
}
