import type { Reason } from '@oncekey/protocol/audit-events'
import type { VerificationStatus, VerificationVerdict } from '@oncekey/protocol/schemas'
import { guardApproved } from '../guard/approved.ts'
import { countOutcome } from '../guard/figures.ts'
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
import { CodeMoved, type Fetched } from './in-redis.ts'
import { NO_KEY, type Asker } from './start.ts'

const COLUMNS = `v.channel, v.country, v.recipient, v.recipient_key, v.purpose, v.status, v.created_at, v.is_test, ${CHALLENGE}`
const refused: VerificationVerdict = Object.freeze({ status: 'refused' })
const reasonFor = Object.freeze({ approved: 'alreadyUsed', blocked: 'lockedOut', cancelled: 'revoked', expired: 'expired' } satisfies Record<Exclude<VerificationStatus, 'pending'>, Reason>)

/**
 * Checks a code and, when it is right, uses it up: exactly 5 are compared for one verification and 20 wrong ones a day
 * for one recipient, however many come at once. All refusals read the same; the record has the reason.
 *
 * Only in a write that is alone: nothing else holds the verification's row between its reading and its writing.
 * @param fetched what Redis has of its code, for a row that has none itself
 * @throws Problem apiKeyNeeded when the key was revoked a moment ago; notFound for a visitor who did not begin it; CodeMoved when `fetched` is not about this code
 */
export async function checkCode (trx: Trx, house: House, id: string, code: string, asker: Asker, fetched: Fetched | null = null): Promise<VerificationVerdict> {
  const now = house.clock()
  const row = asker.visitor === undefined
    ? await trx.prepare(`SELECT k.revoked_at, k.ends_at, ${COLUMNS} FROM api_keys k LEFT JOIN verifications v ON v.id = ? AND v.site_id = k.site_id AND v.visitor = '' WHERE k.id = ?`).get(id, asker.id)
    : await trx.prepare(`SELECT NULL AS revoked_at, NULL AS ends_at, ${COLUMNS} FROM verifications v WHERE v.id = ? AND v.site_id = ? AND v.visitor = ?`).get(id, asker.siteId, asker.visitor)
  if (row === undefined && asker.visitor !== undefined) throw new Problem('notFound')
  if (row === undefined || row['revoked_at'] !== null || (row['ends_at'] !== null && Number(row['ends_at']) <= now)) throw new Problem('apiKeyNeeded')
  const actor = { id: asker.id, name: asker.name }
  const to = row['recipient'] === null ? null : String(row['recipient'])
  const subject = to === null ? null : { id: null, name: maskAddress(to) }
  const isTest = Number(row['is_test']) === 1
  const by = { channel: to === null ? '' : channelIn(row['channel']), country: row['country'] === null ? null : String(row['country']) }
  const refuse = (reason: Reason): VerificationVerdict => {
    if (!isTest) countOutcome(trx, now, by, `check:${reason}`)
    house.audit.append(trx, now, { event: 'verification.refused', actor, subject, reason, details: { verificationId: id } })
    return refused
  }
  if (to === null) return refuse('wrong')
  const status = row['status'] as VerificationStatus // the only ones that we write
  // Strangers at the demo page write no more into the record than the tries of their codes.
  if (asker.visitor !== undefined && (status !== 'pending' || Number(row['expires_at']) <= now)) return refused
  if (status !== 'pending') return refuse(reasonFor[status])
  const before = challengeIn(row)
  if (before.expiresAt <= now) return refuse('expired')
  const hash = before.codeHash ?? elsewhere(house, before, fetched)
  if (hash === null) {
    // Forgotten by Redis, or left there when it was unset: nobody can type it any more, and no try comes back.
    house.log.warn('the code of a verification is gone from Redis', { verificationId: id })
    await end(trx, id, 'expired', before, now)
    if (!isTest) countOutcome(trx, now, by, 'expired')
    tellWebhooks(trx, house, { event: 'verification.expired', verificationId: id })
    house.audit.append(trx, now, { event: 'verification.expired', subject, details: { verificationId: id } })
    return refuse('expired')
  }
  if (isTest && asker.visitor === undefined && !await isStillTested(trx, house, asker.siteId, to, Number(row['created_at']))) return refuse('revoked')
  const budget = budgetOf(String(row['recipient_key']))
  const admission = await house.otp.admission(budget)
  if (!admission.admitted) return refuse('rateLimited')

  const purpose = String(row['purpose'])
  // People type a code as they read it out, "123 456", and pasting brings blanks along: neither shall cost a try.
  const step = house.steps.verify({ ...challengeOf(id), purpose: `verification:${purpose}`, code: code.replaceAll(/\s/g, '') })
  const facts = factsOf({ ...before, codeHash: hash })
  const { result: verdict, changes } = step.decide(before.codeHash === null && fetched !== null ? { ...facts, codes: [...facts.codes, ...fetched.others.flatMap((other) => factsOf({ ...before, codeHash: other }).codes)], spent: [...fetched.spent, ...facts.spent] } : facts)
  const challenge = changed(before, changes)
  if (verdict.granted) {
    // Without a failure there is no run to end, and nothing to write.
    if (admission.triesLeft < MOST_FAILURES) await house.otp.count({ ...budget, granted: true })
    await end(trx, id, 'approved', challenge, now)
    if (!isTest) {
      guardApproved(trx, { verificationId: id, keyId: asker.id ?? NO_KEY, channel: by.channel, recipientKey: String(row['recipient_key']), messages: challenge.generation, at: now })
      countOutcome(trx, now, by, 'verified')
    }
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
    if (!isTest) countOutcome(trx, now, by, 'blocked')
    tellWebhooks(trx, house, { event: 'verification.blocked', verificationId: id, reason: 'lockedOut' })
    house.audit.append(trx, now, { event: 'verification.blocked', actor, subject, reason: 'lockedOut', details: { verificationId: id, purpose } })
  }
  return refused
}

/** The hash that Redis has; null when there is none. */
function elsewhere (house: House, { generation }: Challenge, fetched: Fetched | null): string | null {
  if (house.codeStore === undefined) return null
  if (fetched?.generation !== generation) throw new CodeMoved()
  return fetched.hash
}

async function end (trx: Trx, id: string, as: 'approved' | 'blocked' | 'expired', { failures }: Challenge, now: number): Promise<void> {
  await trx.prepare("UPDATE verifications SET status = ?, ended_at = ?, failures = ?, code_hash = NULL, superseded = '' WHERE id = ?").run(as, now, failures, id)
  await wipeVerification(trx, id, now)
}
