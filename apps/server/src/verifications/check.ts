import type { Reason } from '@oncekey/protocol/audit-events'
import type { VerificationStatus, VerificationVerdict } from '@oncekey/protocol/schemas'
import { guardApproved } from '../guard/guard.ts'
import type { House } from '../house.ts'
import { maskAddress } from '../notify/mask.ts'
import { wipeVerification } from '../notify/wipe.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { CHALLENGE, challengeIn, changed, factsOf, type Challenge } from '../challenges/facts.ts'
import { budgetOf, challengeOf, MOST_FAILURES } from '../challenges/recipient.ts'
import { isStillTested } from '../test-mode/recipients.ts'
import { tellWebhooks } from '../webhooks/tell.ts'
import { channelIn } from './find.ts'
import type { Asker } from './start.ts'

const refused: VerificationVerdict = Object.freeze({ status: 'refused' })
const reasonFor = Object.freeze({ approved: 'alreadyUsed', blocked: 'lockedOut', cancelled: 'revoked', expired: 'expired' } satisfies Record<Exclude<VerificationStatus, 'pending'>, Reason>)

/**
 * Checks a code and, when it is right, uses it up: exactly 5 are compared for one verification and 20 wrong ones a day
 * for one recipient, however many come at once. All refusals read the same; the record has the reason.
 *
 * Only in a write that is alone: nothing else holds the verification's row between its reading and its writing.
 * @throws Problem apiKeyNeeded when the key was revoked a moment ago
 */
export async function checkCode (trx: Trx, house: House, id: string, code: string, asker: Asker): Promise<VerificationVerdict> {
  const now = house.clock()
  const row = await trx.prepare(`SELECT k.revoked_at, k.ends_at, v.channel, v.recipient, v.recipient_key, v.purpose, v.status, v.created_at, v.is_test, ${CHALLENGE}
    FROM api_keys k LEFT JOIN verifications v ON v.id = ? AND v.site_id = k.site_id WHERE k.id = ?`).get(id, asker.id)
  if (row === undefined || row['revoked_at'] !== null || (row['ends_at'] !== null && Number(row['ends_at']) <= now)) throw new Problem('apiKeyNeeded')
  const actor = { id: asker.id, name: asker.name }
  const to = row['recipient'] === null ? null : String(row['recipient'])
  const subject = to === null ? null : { id: null, name: maskAddress(to) }
  const refuse = (reason: Reason): VerificationVerdict => {
    house.audit.append(trx, now, { event: 'verification.refused', actor, subject, reason, details: { verificationId: id } })
    return refused
  }
  if (to === null) return refuse('wrong')
  const status = row['status'] as VerificationStatus // the only ones that we write
  if (status !== 'pending') return refuse(reasonFor[status])
  const before = challengeIn(row)
  if (before.expiresAt <= now) return refuse('expired')
  const isTest = Number(row['is_test']) === 1
  if (isTest && !await isStillTested(trx, house, asker.siteId, to, Number(row['created_at']))) return refuse('revoked')
  const budget = budgetOf(String(row['recipient_key']))
  const admission = await house.otp.admission(budget)
  if (!admission.admitted) return refuse('rateLimited')

  const purpose = String(row['purpose'])
  // People type a code as they read it out, "123 456", and pasting brings blanks along: neither shall cost a try.
  const step = house.steps.verify({ ...challengeOf(id), purpose: `verification:${purpose}`, code: code.replaceAll(/\s/g, '') })
  const { result: verdict, changes } = step.decide(factsOf(before))
  const challenge = changed(before, changes)
  if (verdict.granted) {
    // Without a failure there is no run to end, and nothing to write.
    if (admission.triesLeft < MOST_FAILURES) await house.otp.count({ ...budget, granted: true })
    await end(trx, id, 'approved', challenge, now)
    if (!isTest) await guardApproved(trx, house, { verificationId: id, keyId: asker.id, channel: channelIn(row['channel']), recipientKey: String(row['recipient_key']) })
    tellWebhooks(trx, house, { event: 'verification.verified', verificationId: id })
    house.audit.append(trx, now, { event: 'verification.approved', actor, subject, details: { verificationId: id, purpose, ...isTest && { isTest } } })
    return { status: 'approved', id, to, channel: channelIn(row['channel']), purpose, ...isTest && { isTest } }
  }
  if (verdict.reason !== 'lockedOut') await house.otp.count({ ...budget, granted: false })
  refuse(verdict.reason)
  if (verdict.triesLeft > 0) {
    await trx.prepare('UPDATE verifications SET failures = ? WHERE id = ?').run(challenge.failures, id)
  } else {
    await end(trx, id, 'blocked', challenge, now)
    tellWebhooks(trx, house, { event: 'verification.blocked', verificationId: id, reason: 'lockedOut' })
    house.audit.append(trx, now, { event: 'verification.blocked', actor, subject, reason: 'lockedOut', details: { verificationId: id, purpose } })
  }
  return refused
}

async function end (trx: Trx, id: string, as: 'approved' | 'blocked', { failures }: Challenge, now: number): Promise<void> {
  await trx.prepare("UPDATE verifications SET status = ?, ended_at = ?, failures = ?, code_hash = NULL, superseded = '' WHERE id = ?").run(as, now, failures, id)
  await wipeVerification(trx, id, now)
}
