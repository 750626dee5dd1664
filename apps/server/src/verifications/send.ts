import type { MessageLanguage, VerificationChannel, VerificationStatus } from '@oncekey/protocol/schemas'
import { guardLook, guardSend } from '../guard/guard.ts'
import { guardReturned } from '../guard/returned.ts'
import type { House } from '../house.ts'
import { sendToAddress, STAYS_HERE } from '../notify/send.ts'
import { wayOf } from '../notify/ways.ts'
import { wipeVerification } from '../notify/wipe.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { changed, factsOf, type Challenge } from '../challenges/facts.ts'
import { fill } from '../templates/fill.ts'
import { kindOf } from '../templates/ours.ts'
import { wordsOfSite } from '../templates/words.ts'
import type { PhoneType } from './phone.ts'
import type { FixedCode } from '../test-mode/recipients.ts'
import { tellWebhooks } from '../webhooks/tell.ts'
import { budgetOf, challengeOf, maySendAt, noteSend, readSends } from '../challenges/recipient.ts'

/** Validity of each code. */
export const CODE_MS = 600_000
const DIGITS = 6

/** A verification's row, as far as sending and checking need it. */
export type Asked = { id: string, siteId: string, channels: readonly VerificationChannel[], language: MessageLanguage | null, recipient: string, recipientKey: string, country: string | null, purpose: string, status: VerificationStatus, challenge: Challenge, isTest: boolean, visitor: string }

/** Whose key asks, and for whom as far as they say: an address. `phoneType`: null where it was looked at with the first message. */
export type SentBy = { keyId: string, ip: string | null, phoneType: PhoneType | null }

/**
 * Makes a code and puts its message into the outbox, with one more for each channel that stands by; the code before it never
 * works again, and its messages are wiped.
 * The tries that are left stay as they were.
 * @param fixed the code of a test recipient: nothing is sent then
 * @returns the challenge as it is now, to be written by the caller, and when the next code may be sent
 * @throws Problem coolingDown, tooManyTries (the recipient's failures of the day), verificationEnded (no tries left), channelNotSetUp, sendRefused (the fraud guard's)
 */
export async function sendCode (trx: Trx, house: House, { id, siteId, channels, language, recipient, recipientKey, country, purpose, challenge, isTest, visitor }: Omit<Asked, 'status'>, by: SentBy, fixed: FixedCode | null = null): Promise<{ challenge: Challenge, mayResendAt: number }> {
  // Said by the row, not by whoever calls: a resend can not make it leave either.
  const staysHere = isTest && visitor !== ''
  const missing = fixed === null && !staysHere ? channels.find((one) => wayOf(house.config, one) === null) : undefined
  if (missing !== undefined) throw new Problem('channelNotSetUp', { detail: `Nothing is set up to send by ${missing}.` })
  const now = house.clock()
  const sends = await readSends(trx, recipientKey, now)
  const wait = maySendAt(sends, now)
  if (wait > 0) throw new Problem('coolingDown', { retryAfterSeconds: secondsUntil(wait, now) })
  const admission = await house.otp.admission(budgetOf(recipientKey))
  // A code that could not be checked would be a message for nothing.
  if (!admission.admitted) throw new Problem('tooManyTries', { retryAfterSeconds: secondsUntil(admission.lockedUntil ?? now, now) })
  const step = house.steps.issue({ ...challengeOf(id), purpose: `verification:${purpose}`, slot: 'code',
    ...fixed === null ? { digits: Math.max(DIGITS, house.leastDigits ?? 0), expiresAt: now + CODE_MS } : { digits: fixed.code.length, drawn: fixed.code, expiresAt: Math.min(now + CODE_MS, fixed.expiresAt) } })
  const { result: issued, changes } = step.decide(factsOf(challenge))
  if (!issued.issued) throw new Problem('verificationEnded')
  // Last of all that can refuse, because it takes coins: whoever only asks too soon is not to have a whole group of writes undone.
  if (fixed === null) {
    const phone = recipient.includes('@') ? null : { e164: recipient, country, type: by.phoneType }
    if (staysHere) guardLook({ channel: channels[0] ?? 'email', phone })
    else {
      // What has not left by now never will.
      if (challenge.generation > 0) await guardReturned(trx, house, id)
      await guardSend(trx, house, { verificationId: id, keyId: by.keyId, channel: channels[0] ?? 'email', recipientKey, phone, ip: by.ip, sends, isAgain: challenge.generation > 0 })
    }
  }

  const { expiresAt, code, generation } = issued
  // The row does not say whether there was one: it may be in Redis.
  if (generation > 1) await wipeVerification(trx, id, now)
  if (fixed !== null) {
    tellWebhooks(trx, house, { event: 'verification.sent', verificationId: id, messageId: String(generation) })
    return { challenge: changed(challenge, changes), mayResendAt: await noteSend(trx, recipientKey, sends, now) }
  }
  const words = await wordsOfSite(trx, siteId, language)
  const filling = { site: words.site, code, minutes: CODE_MS / 60_000, host: new URL(house.link('/')).hostname }
  for (const [position, channel] of channels.entries()) {
    const kind = kindOf(channel)
    const { subject, text } = fill(words.wordsOf(kind), kind, channel, filling)
    // All of them carry the same code: the one that comes late is as right as the one that was sent instead of it.
    await sendToAddress(trx, house, {
      channel: staysHere ? STAYS_HERE : channel, recipient, verificationId: id, dedupeKey: `verification:${id}:${generation}${position === 0 ? '' : `:${position}`}`, subject,
      secret: { text, digits: code, expiresAt, language: words.language }, turn: { position, at: now, fallBackAt: position === 0 && channels.length > 1 ? now + house.config.fallbackMs : null }
    })
  }
  return { challenge: changed(challenge, changes), mayResendAt: await noteSend(trx, recipientKey, sends, now) }
}

function secondsUntil (at: number, now: number): number {
  return Math.max(1, Math.ceil((at - now) / 1000))
}
