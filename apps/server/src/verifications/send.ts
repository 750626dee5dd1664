import type { VerificationStatus } from '@oncekey/protocol/schemas'
import { guardSend } from '../guard/guard.ts'
import type { House } from '../house.ts'
import { sendToAddress } from '../notify/send.ts'
import { wipeVerification } from '../notify/wipe.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { changed, factsOf, type Challenge } from '../challenges/facts.ts'
import { budgetOf, challengeOf, holdSends, maySendAt, noteSend } from '../challenges/recipient.ts'

/** Validity of each code. */
export const CODE_MS = 600_000
const DIGITS = 6

/** A verification's row, as far as sending and checking need it. */
export type Asked = { id: string, siteId: string, channel: 'email', recipient: string, recipientKey: string, purpose: string, status: VerificationStatus, challenge: Challenge }

/** Whose key asks, and for whom as far as they say: an address. */
export type SentBy = { keyId: string, ip: string | null }

/**
 * Makes a code and puts its message into the outbox; the code before it never works again, and its message is wiped.
 * The tries that are left stay as they were.
 * @returns the challenge as it is now, to be written by the caller, and when the next code may be sent
 * @throws Problem coolingDown, tooManyTries (the recipient's failures of the day), verificationEnded (no tries left), channelNotSetUp, sendRefused (the fraud guard's)
 */
export async function sendCode (trx: Trx, house: House, { id, siteId, channel, recipient, recipientKey, purpose, challenge }: Omit<Asked, 'status'>, by: SentBy): Promise<{ challenge: Challenge, mayResendAt: number }> {
  if (house.config.smtpUrl === null) throw new Problem('channelNotSetUp')
  const now = house.clock()
  await guardSend(trx, house, { verificationId: id, keyId: by.keyId, channel, recipientKey, phone: null, ip: by.ip, isAgain: challenge.generation > 0 })
  const sends = await holdSends(trx, recipientKey, now)
  const wait = maySendAt(sends, now)
  if (wait > 0) throw new Problem('coolingDown', { retryAfterSeconds: secondsUntil(wait, now) })
  const admission = await house.otp.admission(budgetOf(recipientKey))
  // A code that could not be checked would be a message for nothing.
  if (!admission.admitted) throw new Problem('tooManyTries', { retryAfterSeconds: secondsUntil(admission.lockedUntil ?? now, now) })
  const step = house.steps.issue({ ...challengeOf(id), purpose: `verification:${purpose}`, slot: 'code', digits: Math.max(DIGITS, house.leastDigits ?? 0), ttlMs: CODE_MS })
  const { result: issued, changes } = step.decide(factsOf(challenge))
  if (!issued.issued) throw new Problem('verificationEnded')

  const { expiresAt, code, generation } = issued
  if (issued.superseded !== null) await wipeVerification(trx, id, now)
  const site = await trx.prepare('SELECT name FROM sites WHERE id = ?').get(siteId)
  await sendToAddress(trx, house, {
    channel, recipient, verificationId: id, dedupeKey: `verification:${id}:${generation}`,
    // Subjects are not sealed: no digits in them.
    subject: `Your code for ${String(site?.['name'])}`,
    secret: { text: messageOf(String(site?.['name']), code, new URL(house.link('/')).hostname), digits: code, expiresAt }
  })
  return { challenge: changed(challenge, changes), mayResendAt: await noteSend(trx, recipientKey, sends, now) }
}

/** The last line lets a browser offer the code at that host's page only (WebOTP, origin-bound one-time codes). */
function messageOf (site: string, code: string, host: string): string {
  return `Your code for ${site} is ${code}\nIt works once, within 10 minutes. Give it to nobody who calls or writes to you.\nIf you did not ask for it, do nothing.\n\n@${host} #${code}`
}

function secondsUntil (at: number, now: number): number {
  return Math.max(1, Math.ceil((at - now) / 1000))
}
