import { admits, challengePolicy, freshBudget } from '@oncekey/otp'
import type { Verification, VerificationStatus } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { CHALLENGE, challengeIn } from '../challenges/facts.ts'
import { maySendAt, readSends } from '../challenges/recipient.ts'
import type { Asked } from './send.ts'

const columns = `id, site_id, channel, recipient, recipient_key, purpose, status, created_at, ended_at, is_test, ${CHALLENGE}`

/** A verification of this site; null when there is none. */
export async function findVerification (trx: Trx, id: string, siteId: string): Promise<Asked | null> {
  const row = await trx.prepare(`SELECT ${columns} FROM verifications WHERE id = ? AND site_id = ?`).get(id, siteId)
  return row === undefined ? null : {
    id, siteId, channel: 'email', recipient: String(row['recipient']), recipientKey: String(row['recipient_key']), purpose: String(row['purpose']),
    status: statusOf(row['status']), challenge: challengeIn(row), isTest: Number(row['is_test']) === 1
  }
}

/**
 * How a verification stands, also for the write that has just changed it.
 * @throws Problem notFound
 */
export async function describeVerification (trx: Trx, house: House, id: string, siteId: string): Promise<Verification> {
  const now = house.clock()
  const row = await trx.prepare(`SELECT ${columns} FROM verifications WHERE id = ? AND site_id = ?`).get(id, siteId)
  if (row === undefined) throw new Problem('notFound')
  const sent = await trx.prepare('SELECT state FROM outbox WHERE verification_id = ? ORDER BY created_at DESC, id DESC LIMIT 1').get(id)
  const kept = statusOf(row['status'])
  const { expiresAt, failures } = challengeIn(row)
  // One that expired a moment ago may not have been swept yet.
  const status = kept === 'pending' && expiresAt <= now ? 'expired' : kept
  const isTest = Number(row['is_test']) === 1
  const isLive = status === 'pending'
  const tries = admits({ ...freshBudget, run: failures }, challengePolicy, now)
  return {
    id, status, to: String(row['recipient']), channel: 'email', purpose: String(row['purpose']), createdAt: Number(row['created_at']), expiresAt,
    endedAt: row['ended_at'] === null ? (isLive ? null : expiresAt) : Number(row['ended_at']),
    attemptsLeft: isLive && tries.admitted ? tries.triesLeft : 0,
    delivery: isTest || sent?.['state'] === 'sent' ? 'sent' : sent?.['state'] === 'waiting' ? 'waiting' : 'failed',
    mayResendAt: isLive ? maySendAt(await readSends(trx, String(row['recipient_key']), now), now) : 0,
    ...isTest && { isTest: true as const }
  }
}

function statusOf (word: unknown): VerificationStatus {
  return word === 'pending' || word === 'approved' || word === 'blocked' || word === 'cancelled' ? word : 'expired'
}
