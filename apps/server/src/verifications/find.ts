import { admits, challengePolicy, freshBudget } from '@oncekey/otp'
import type { Verification, VerificationChannel, VerificationDelivery, VerificationDeliveryState, VerificationStatus } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { NEVER } from '../notify/send.ts'
import type { Row, Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { CHALLENGE, challengeIn } from '../challenges/facts.ts'
import { maySendAt, readSends } from '../challenges/recipient.ts'
import { languageIn } from '../templates/words.ts'
import type { Asked } from './send.ts'

const columns = `id, site_id, channel, channels, language, recipient, recipient_key, country, purpose, status, created_at, ended_at, is_test, visitor, ${CHALLENGE}`

/** Whose a verification is: of a site's keys, or of a visitor to its demo page. */
type Holder = { siteId: string, visitor?: string }

/** A verification that is theirs; null when there is none. */
export async function findVerification (trx: Trx, id: string, { siteId, visitor = '' }: Holder): Promise<Asked | null> {
  const row = await trx.prepare(`SELECT ${columns} FROM verifications WHERE id = ? AND site_id = ? AND visitor = ?`).get(id, siteId, visitor)
  return row === undefined ? null : {
    id, siteId, channels: channelsIn(row['channels']), language: row['language'] === null ? null : languageIn(row['language']), recipient: String(row['recipient']), recipientKey: String(row['recipient_key']), country: row['country'] === null ? null : String(row['country']), purpose: String(row['purpose']),
    status: statusOf(row['status']), challenge: challengeIn(row), isTest: Number(row['is_test']) === 1, visitor: String(row['visitor'])
  }
}

/**
 * How a verification stands, also for the write that has just changed it.
 * @throws Problem notFound
 */
export async function describeVerification (trx: Trx, house: House, id: string, { siteId, visitor = '' }: Holder): Promise<Verification> {
  const now = house.clock()
  const row = await trx.prepare(`SELECT ${columns} FROM verifications WHERE id = ? AND site_id = ? AND visitor = ?`).get(id, siteId, visitor)
  if (row === undefined) throw new Problem('notFound')
  const kept = statusOf(row['status'])
  const { expiresAt, failures } = challengeIn(row)
  // One that expired a moment ago may not have been swept yet.
  const status = kept === 'pending' && expiresAt <= now ? 'expired' : kept
  const isTest = Number(row['is_test']) === 1
  const channel = channelIn(row['channel'])
  const deliveries = isTest && visitor === '' ? deliveriesOfTest(channelsIn(row['channels'])) : (await deliveriesOf(trx, id)).map((one) => ({ ...one, channel: isTest ? channel : one.channel }))
  const isLive = status === 'pending'
  const tries = admits({ ...freshBudget, run: failures }, challengePolicy, now)
  return {
    id, status, to: String(row['recipient']), channel, purpose: String(row['purpose']), createdAt: Number(row['created_at']), expiresAt,
    endedAt: row['ended_at'] === null ? (isLive ? null : expiresAt) : Number(row['ended_at']),
    attemptsLeft: isLive && tries.admitted ? tries.triesLeft : 0,
    delivery: deliveries.find((one) => one.channel === channel)?.state ?? 'failed', deliveries,
    mayResendAt: isLive ? maySendAt(await readSends(trx, String(row['recipient_key']), now), now) : 0,
    ...isTest && { isTest: true as const }
  }
}

/** Nothing leaves to a recipient of tests: what would have been, were it all to go well. */
export function deliveriesOfTest (channels: readonly VerificationChannel[]): VerificationDelivery[] {
  return channels.map((channel, i) => ({ channel, state: i === 0 ? 'sent' : 'withheld' }))
}

/** Of the newest code, in the order of its channels. */
async function deliveriesOf (trx: Trx, id: string): Promise<VerificationDelivery[]> {
  const rows = await trx.prepare('SELECT channel, state, next_at, error, delivered_at, created_at FROM outbox WHERE verification_id = ? ORDER BY created_at DESC, position LIMIT 3').all(id)
  return rows.filter((row) => row['created_at'] === rows[0]?.['created_at']).map((row) => ({ channel: channelIn(row['channel']), state: stateOf(row) }))
}

/** How a message stands. */
export function stateOf (row: Row): VerificationDeliveryState {
  if (row['delivered_at'] !== null) return 'delivered'
  if (row['state'] === 'sent') return 'sent'
  if (row['state'] === 'waiting') return Number(row['next_at']) >= NEVER ? 'withheld' : 'waiting'
  // It had not left when the verification ended.
  return row['error'] === 'codeEnded' ? 'withheld' : 'failed'
}

/** What a column says. */
export function channelIn (word: unknown): VerificationChannel {
  return word === 'sms' || word === 'whatsapp' || word === 'voice' ? word : 'email'
}

/** What a column of several says. */
export function channelsIn (words: unknown): VerificationChannel[] {
  return String(words).split(' ').map(channelIn)
}

/** What a column says. */
export function statusOf (word: unknown): VerificationStatus {
  return word === 'pending' || word === 'approved' || word === 'blocked' || word === 'cancelled' ? word : 'expired'
}
