import { challengePolicy } from '@oncekey/otp'
import type { MessageLanguage, Verification, VerificationChannel, VerificationDelivery } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { maskAddress } from '../notify/mask.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { drawText } from '../platform/random.ts'
import { newChallenge } from '../challenges/facts.ts'
import type { Addressee } from './address.ts'
import { deliveriesOfTest, describeVerification, findVerification } from './find.ts'
import { recipientKeyOf } from '../challenges/recipient.ts'
import { fixedCodeOf } from '../test-mode/recipients.ts'
import { sendCode } from './send.ts'

/**
 * Who asks: a key, of one site. `visitor`: not a key, but somebody at the demo page, by a hash of what their browser alone
 * knows. They see what they began and nothing else, and keys see none of it: an approval there proves nothing to a program.
 */
export type Asker = { id: string | null, name: string, siteId: string, visitor?: string }
/** The demo page's own key of the guard: where nobody has one. */
export const NO_KEY = 'demo'
/**
 * `apart`: budgets of their own for what comes by another door, e.g. of an old program: strangers there use up nothing here.
 * `ip`: of whoever asks the program. `staysHere`: of a visitor: everything but the message's leaving, see demo/.
 */
export type VerificationOrder = { to: Addressee, channels: readonly VerificationChannel[], purpose: string, language: MessageLanguage | null, apart?: string, ip?: string | undefined, staysHere?: boolean }

/** Begins a verification and sends its first code. @throws Problem as `sendCode` */
export async function startVerification (trx: Trx, house: House, { to: { kind, address: to, country, type }, channels, purpose, language, apart, ip, staysHere = false }: VerificationOrder, asker: Asker): Promise<Verification> {
  const now = house.clock()
  const asked = { id: newChallengeId(now), siteId: asker.siteId, channels, language, recipient: to, recipientKey: recipientKeyOf(asker.siteId, kind, to, apart), country, purpose, challenge: newChallenge, visitor: asker.visitor ?? '', isTest: staysHere }
  const [channel = 'email'] = channels
  // What a test recipient has for a code is for who may list them, not for who sees the demo's inbox.
  const fixed = asker.visitor === undefined ? await fixedCodeOf(trx, house, asker.siteId, to) : null
  const { challenge, mayResendAt } = await sendCode(trx, house, asked, { keyId: asker.id ?? NO_KEY, ip: ip ?? null, phoneType: type }, fixed)
  const { expiresAt } = challenge
  await trx.prepare(`INSERT INTO verifications (id, site_id, channel, recipient, recipient_key, purpose, status, created_at, expires_at, ended_at, generation, failures, code_hash, superseded, channels, language, country, is_test, visitor)
    VALUES (?, ?, ?, ?, ?, ?, 'pending', ?, ?, NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
    .run(asked.id, asked.siteId, channel, to, asked.recipientKey, purpose, now, expiresAt, challenge.generation, challenge.failures, challenge.codeHash, challenge.superseded, channels.join(' '), language, country, fixed === null && !staysHere ? 0 : 1, asked.visitor)
  house.audit.append(trx, now, {
    event: 'verification.started', actor: { id: asker.id, name: asker.name }, subject: { id: null, name: maskAddress(to) },
    details: { verificationId: asked.id, channel, purpose, ...country !== null && { country }, ...channels.length > 1 && { channels: channels.join(' ') }, ...(fixed !== null || staysHere) && { isTest: true }, ...asker.visitor === undefined ? apart !== undefined && { assurance: 'low' } : { by: 'demo page' } }
  })
  const deliveries: VerificationDelivery[] = fixed === null ? channels.map((one, i) => ({ channel: one, state: i === 0 ? 'waiting' : 'withheld' })) : deliveriesOfTest(channels)
  return { id: asked.id, status: 'pending', to, channel, purpose, createdAt: now, expiresAt, endedAt: null, attemptsLeft: challengePolicy.tries, delivery: deliveries[0]?.state ?? 'waiting', deliveries, mayResendAt, ...(fixed !== null || staysHere) && { isTest: true as const } }
}

/**
 * 128 random bits, behind the time: rows that are made together lie together in every index, so that a commit of many
 * checks writes few pages.
 */
function newChallengeId (now: number): string {
  return now.toString(36).padStart(9, '0') + drawText(16, 'base64url')
}

/**
 * Sends another code for a verification that waits, by its channels from the first on.
 * @throws Problem notFound, verificationEnded, and as `sendCode`
 */
export async function resendCode (trx: Trx, house: House, id: string, asker: Asker): Promise<Verification> {
  const now = house.clock()
  const asked = await findVerification(trx, id, asker)
  if (asked === null) throw new Problem('notFound')
  if (asked.status !== 'pending' || asked.challenge.expiresAt <= now) throw new Problem('verificationEnded')
  const isFixed = asked.isTest && asked.visitor === ''
  const fixed = isFixed ? await fixedCodeOf(trx, house, asker.siteId, asked.recipient) : null
  if (isFixed && fixed === null) throw new Problem('verificationEnded')
  const { challenge } = await sendCode(trx, house, asked, { keyId: asker.id ?? NO_KEY, ip: null, phoneType: null }, fixed)
  const [channel = 'email'] = asked.channels
  await trx.prepare('UPDATE verifications SET channel = ?, expires_at = ?, generation = ?, code_hash = ?, superseded = ? WHERE id = ?').run(channel, challenge.expiresAt, challenge.generation, challenge.codeHash, challenge.superseded, id)
  house.audit.append(trx, now, {
    event: 'verification.resent', actor: { id: asker.id, name: asker.name }, subject: { id: null, name: maskAddress(asked.recipient) }, details: { verificationId: id, channel, purpose: asked.purpose }
  })
  return describeVerification(trx, house, id, asker)
}
