import { randomBytes } from 'node:crypto'
import { challengePolicy } from '@oncekey/otp'
import type { Verification } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import { maskAddress } from '../notify/mask.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { newChallenge } from '../challenges/facts.ts'
import { describeVerification, findVerification } from './find.ts'
import { recipientKeyOf } from '../challenges/recipient.ts'
import { sendCode } from './send.ts'

/** Who asks: a key, of one site. */
export type Asker = Named & { siteId: string }
export type VerificationOrder = { to: string, channel: 'email', purpose: string, ip?: string | undefined }

/** Begins a verification and sends its first code. @throws Problem as `sendCode` */
export async function startVerification (trx: Trx, house: House, { to, channel, purpose, ip }: VerificationOrder, asker: Asker): Promise<Verification> {
  const now = house.clock()
  const asked = { id: newChallengeId(now), siteId: asker.siteId, channel, recipient: to, recipientKey: recipientKeyOf(asker.siteId, channel, to), purpose, challenge: newChallenge }
  const { challenge, mayResendAt } = await sendCode(trx, house, asked, { keyId: asker.id, ip: ip ?? null })
  const { expiresAt } = challenge
  await trx.prepare(`INSERT INTO verifications (id, site_id, channel, recipient, recipient_key, purpose, status, created_at, expires_at, ended_at, generation, failures, code_hash, superseded)
    VALUES (?, ?, ?, ?, ?, ?, 'pending', ?, ?, NULL, ?, ?, ?, ?)`)
    .run(asked.id, asked.siteId, channel, to, asked.recipientKey, purpose, now, expiresAt, challenge.generation, challenge.failures, challenge.codeHash, challenge.superseded)
  house.audit.append(trx, now, {
    event: 'verification.started', actor: { id: asker.id, name: asker.name }, subject: { id: null, name: maskAddress(to) },
    details: { verificationId: asked.id, channel, purpose }
  })
  return { id: asked.id, status: 'pending', to, channel, purpose, createdAt: now, expiresAt, endedAt: null, attemptsLeft: challengePolicy.tries, delivery: 'waiting', mayResendAt }
}

/**
 * 128 random bits, behind the time: rows that are made together lie together in every index, so that a commit of many
 * checks writes few pages.
 */
function newChallengeId (now: number): string {
  return now.toString(36).padStart(9, '0') + randomBytes(16).toString('base64url')
}

/**
 * Sends another code for a verification that waits.
 * @throws Problem notFound, verificationEnded, and as `sendCode`
 */
export async function resendCode (trx: Trx, house: House, id: string, asker: Asker): Promise<Verification> {
  const now = house.clock()
  const asked = await findVerification(trx, id, asker.siteId)
  if (asked === null) throw new Problem('notFound')
  if (asked.status !== 'pending' || asked.challenge.expiresAt <= now) throw new Problem('verificationEnded')
  const { challenge } = await sendCode(trx, house, asked, { keyId: asker.id, ip: null })
  await trx.prepare('UPDATE verifications SET expires_at = ?, generation = ?, code_hash = ?, superseded = ? WHERE id = ?').run(challenge.expiresAt, challenge.generation, challenge.codeHash, challenge.superseded, id)
  house.audit.append(trx, now, {
    event: 'verification.resent', actor: { id: asker.id, name: asker.name }, subject: { id: null, name: maskAddress(asked.recipient) }, details: { verificationId: id, channel: asked.channel, purpose: asked.purpose }
  })
  return describeVerification(trx, house, id, asker.siteId)
}
