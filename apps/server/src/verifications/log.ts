import { challengePolicy } from '@oncekey/otp'
import type { LoggedVerification, VerificationCourse, VerificationDelivery, VerificationsAnswer, VerificationsQuery, VerificationStatus } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { maskAddress } from '../notify/mask.ts'
import type { Row, Value } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { channelIn, channelsIn, deliveriesOfTest, stateOf, statusOf } from './find.ts'

const USUAL_PAGE = 50
/** Of a filter without an index of its own so many are looked at, then the page is sent as it is: a million take many pages, and none takes long. */
const MOST_WALKED = 10_000
const MOST_MESSAGES = 100
const columns = 'id, status, recipient, channel, channels, country, purpose, created_at, expires_at, ended_at, failures, is_test'
/** As the index of migration 0024 has them: a database sees that it fits only where the word stands in the question. */
const indexed = { expired: "(status = 'expired')", blocked: "(status = 'blocked')", cancelled: "(status = 'cancelled')" } as const satisfies Partial<Record<VerificationStatus, string>>

/** Verifications of a site, the newest first: their ids begin with the time. */
export async function findVerifications (house: House, siteId: string, { status, channel, before, limit = USUAL_PAGE }: VerificationsQuery): Promise<VerificationsAnswer> {
  const now = house.clock()
  const walk: string[] = status === 'expired' || status === 'blocked' || status === 'cancelled' ? [indexed[status]] : []
  const values: Value[] = []
  if (before !== undefined) {
    walk.push('id < ?')
    values.push(before)
  }
  // What visitors of the demo page do stays in the house.
  const wanted = [...walk, 'site_id = ?', "(visitor = '' OR is_test = 0)"]
  const all = [...values, siteId]
  // What expired a moment ago is swept within a second.
  if (status === 'pending') { wanted.push("status = 'pending'", 'expires_at > ?'); all.push(now) }
  if (status === 'approved') wanted.push("status = 'approved'")
  if (channel !== undefined) { wanted.push('channel = ?'); all.push(channel) }
  const isSparse = status === 'pending' || status === 'approved' || channel !== undefined
  const last = isSparse ? await house.db.ask(`SELECT id FROM verifications ${where(walk)} ORDER BY id DESC LIMIT 1 OFFSET ?`).get(...values, MOST_WALKED) : undefined
  const end = last === undefined ? null : String(last['id'])
  if (end !== null) { wanted.push('id >= ?'); all.push(end) }
  const rows = await house.db.ask(`SELECT ${columns} FROM verifications ${where(wanted)} ORDER BY id DESC LIMIT ?`).all(...all, limit + 1)
  const page = rows.slice(0, limit)
  return { verifications: await logged(house, page, now), next: rows.length > limit ? String(page.at(-1)?.['id']) : end }
}

/** One of them, with all of its messages. @throws Problem notFound */
export async function findCourse (house: House, siteId: string, id: string): Promise<VerificationCourse> {
  const row = await house.db.ask(`SELECT ${columns} FROM verifications WHERE id = ? AND site_id = ?`).get(id, siteId)
  if (row === undefined) throw new Problem('notFound')
  const [verification] = await logged(house, [row], house.clock())
  if (verification === undefined) throw new Problem('notFound')
  const messages = await house.db.ask('SELECT id, channel, state, next_at, error, delivered_at, created_at, ended_at, attempts FROM outbox WHERE verification_id = ? ORDER BY created_at, position LIMIT ?').all(id, MOST_MESSAGES)
  return {
    verification,
    messages: messages.map((one) => {
      const state = stateOf(one)
      return {
        id: String(one['id']), channel: channelIn(one['channel']), state, at: Number(one['created_at']), tries: Number(one['attempts']),
        endedAt: momentOf(one['ended_at']), deliveredAt: momentOf(one['delivered_at']), fault: one['error'] === null || state === 'withheld' ? null : String(one['error'])
      }
    })
  }
}

async function logged (house: House, rows: readonly Row[], now: number): Promise<LoggedVerification[]> {
  if (rows.length === 0) return []
  const ids = rows.map((row) => String(row['id']))
  const messages = await house.db.ask(`SELECT verification_id, channel, state, next_at, error, delivered_at, created_at FROM outbox WHERE verification_id IN (${ids.map(() => '?').join(', ')}) ORDER BY verification_id, created_at DESC, position`).all(...ids)
  const newest = new Map<string, { at: Value, deliveries: VerificationDelivery[] }>()
  for (const one of messages) {
    const id = String(one['verification_id'])
    const known = newest.get(id) ?? { at: one['created_at'] ?? null, deliveries: [] }
    newest.set(id, known)
    if (known.at === one['created_at']) known.deliveries.push({ channel: channelIn(one['channel']), state: stateOf(one) })
  }
  return rows.map((row) => {
    const id = String(row['id'])
    const kept = statusOf(row['status'])
    const expiresAt = Number(row['expires_at'])
    const isTest = Number(row['is_test']) === 1
    const status = kept === 'pending' && expiresAt <= now ? 'expired' : kept
    return {
      id, status, to: maskAddress(String(row['recipient'])), channel: channelIn(row['channel']), country: row['country'] === null ? null : String(row['country']), purpose: String(row['purpose']),
      createdAt: Number(row['created_at']), expiresAt, endedAt: momentOf(row['ended_at']) ?? (status === 'expired' ? expiresAt : null),
      attemptsUsed: Math.min(Number(row['failures']), challengePolicy.tries), attemptsMost: challengePolicy.tries,
      deliveries: isTest ? deliveriesOfTest(channelsIn(row['channels'])) : newest.get(id)?.deliveries ?? [], isTest
    }
  })
}

function where (terms: readonly string[]): string {
  return terms.length === 0 ? '' : `WHERE ${terms.join(' AND ')}`
}

function momentOf (value: Value | undefined): number | null {
  return value === null || value === undefined ? null : Number(value)
}
