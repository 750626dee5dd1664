import { countOutcome } from '../guard/figures.ts'
import { guardReturned } from '../guard/returned.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { bellOf } from './bell.ts'
import { fallBack } from '../verifications/fall-back.ts'
import { tellWebhooks } from '../webhooks/tell.ts'
import { ChannelError, channelFault, type Channel, type Taken } from './channel.ts'
import { maskAddress } from './mask.ts'
import { UNDELIVERED } from './receipts.ts'
import { openSecret } from './sealed.ts'

/** Tries of one message, and the waits between them: 5 s, doubled each time up to an hour, with jitter. */
export const MOST_ATTEMPTS = 8
const FIRST_WAIT_MS = 5_000
const LONGEST_WAIT_MS = 3_600_000
/** So much longer than the channel takes at most, the row is due again after a crash. */
const LEASE_MS = 20_000
/** Tries that may have been taken without an answer, of a channel that does not know a message again: one too many is one message twice. */
const MOST_UNSURE = 2
/** A slow mail server holds up so many messages and nothing else. */
const MOST_AT_ONCE = 4
const LOOK_EVERY_MS = 1_000
const EXPIRED = 'EXPIRED'

export type OutboxLoop = {
  /** Sends what is due and resolves when there is nothing more to do now. */
  flush: () => Promise<void>
  stop: () => Promise<void>
}

type Claimed = {
  id: string, recipient: string, name: string | null, personId: string | null, codeId: string | null, codeExpiresAt: number | null, verificationId: string | null, country: string | null
  subject: string, text: string | null, thread: string | null, sealed: string | null, attempts: number, unsure: number
}

/**
 * The way of one channel's messages out of the house: claims what is due, sends it, wipes what was sealed and writes down what became
 * of it. A message is claimed before it is sent and keeps its id, so a crash in between sends it a second time under
 * the same Message-ID rather than never.
 */
export function startOutbox (house: House, channel: Channel, { jitter = Math.random }: { jitter?: () => number } = {}): OutboxLoop {
  const workers = new Set<Promise<void>>()
  let isStopped = false
  let isRung = false

  async function sendOne (): Promise<boolean> {
    const row = await house.db.write((trx) => claim(trx, channel, house.clock()))
    if (row === null) return false
    let taken: Taken
    try {
      if (!channel.isIdempotent && row.unsure > MOST_UNSURE) throw new ChannelError('UNSURE', { isFinal: true })
      if (row.codeExpiresAt !== null && row.codeExpiresAt <= house.clock()) throw expired()
      const secret = row.sealed === null ? null : openSecret(house.seal, 'outbox', row.id, row.sealed)
      if (secret !== null && secret.expiresAt !== null && secret.expiresAt <= house.clock()) throw expired()
      const text = secret === null ? row.text ?? '' : secret.text
      const code = secret === null || secret.digits === null ? undefined : { digits: secret.digits, expiresAt: secret.expiresAt, language: secret.language ?? 'en' }
      taken = await channel.send({ id: row.id, to: { name: row.name ?? '', address: row.recipient }, subject: row.subject, text, thread: row.thread ?? undefined, code })
    } catch (error) {
      const fault = channelFault(error)
      const { isFinal, isUntaken } = error instanceof ChannelError ? error : { isFinal: false, isUntaken: false }
      await house.db.write((trx) => putBack(trx, house, row, channel, { fault, isFinal, isUntaken }, jitter()))
      return true
    }
    await house.db.write((trx) => noteSent(trx, house, row, channel, taken))
    return true
  }

  /** Sends one message after another until nothing is due. */
  async function work (): Promise<void> {
    try {
      do {
        isRung = false
        while (!isStopped && await sendOne()) { /* the next one */ }
      } while (isRung && !isStopped)
    } catch (error) {
      house.log.error('the outbox could not be worked on', { error })
    }
  }

  /** One more worker; the ones that wait for a slow mail server do not keep a new message waiting. */
  function wake (): void {
    if (isStopped) return
    // Whoever is about to find nothing looks once more.
    isRung = true
    if (workers.size >= MOST_AT_ONCE) return
    const worker: Promise<void> = work().finally(() => { workers.delete(worker) })
    workers.add(worker)
  }

  async function look (): Promise<void> {
    try {
      if (await isDue(house, channel.name)) wake()
    } catch (error) {
      house.log.error('the outbox could not be read', { error })
    }
  }

  const unhook = bellOf(house).onRing(wake)
  // The bell rings for new messages; the timer is for those that wait for another try.
  const timer = setInterval(() => { void look() }, LOOK_EVERY_MS)
  return {
    async flush () {
      for (let i = workers.size; i < MOST_AT_ONCE; i++) wake()
      while (workers.size > 0) await Promise.all(workers)
    },
    async stop () {
      isStopped = true
      unhook()
      clearInterval(timer)
      channel.close()
      await Promise.all(workers)
    }
  }
}

/** A look that costs no write. */
async function isDue (house: House, channel: string): Promise<boolean> {
  return await house.db.read.selectFrom('outbox').select('id').where('channel', '=', channel).where('state', '=', 'waiting').where('next_at', '<=', house.clock()).limit(1).executeTakeFirst() !== undefined
}

async function claim (trx: Trx, channel: Channel, now: number): Promise<Claimed | null> {
  // Whoever is killed after this leaves it as one that may have been taken.
  const row = await trx.prepare(`UPDATE outbox SET attempts = attempts + 1, unsure = unsure + 1, next_at = ? WHERE id = (
      SELECT id FROM outbox WHERE channel = ? AND state = 'waiting' AND next_at <= ? ORDER BY next_at, id LIMIT 1
    ) RETURNING id, recipient, (SELECT name FROM people WHERE people.id = person_id) AS name, person_id AS "personId", code_id AS "codeId",
      (SELECT expires_at FROM codes WHERE codes.id = code_id) AS "codeExpiresAt", verification_id AS "verificationId", (SELECT country FROM verifications WHERE verifications.id = verification_id) AS country, subject, text, thread, sealed, attempts, unsure`).get(now + channel.longestMs + LEASE_MS, channel.name, now)
  if (row === undefined) return null
  const text = (name: string): string | null => row[name] === null ? null : String(row[name])
  return {
    id: String(row['id']), recipient: String(row['recipient']), name: text('name'), personId: text('personId'), codeId: text('codeId'),
    codeExpiresAt: row['codeExpiresAt'] === null ? null : Number(row['codeExpiresAt']), verificationId: text('verificationId'), country: text('country'), subject: String(row['subject']), text: text('text'), thread: text('thread'), sealed: text('sealed'),
    attempts: Number(row['attempts']), unsure: Number(row['unsure'])
  }
}

async function noteSent (trx: Trx, house: House, row: Claimed, { name: channel, hasReceipts, report }: Channel, { providerId }: Taken): Promise<void> {
  const now = house.clock()
  // A receipt may have been quicker than the answer: then it is the one that counts.
  const { changes } = await trx.prepare(`UPDATE outbox SET state = 'sent', sealed = NULL, text = NULL, ended_at = ?, error = NULL, provider_id = ?, feedback = ?${hasReceipts ? '' : ', fall_back_at = NULL'}
    WHERE id = ? AND state <> 'sent' AND (error IS NULL OR error NOT LIKE '${UNDELIVERED}%')`).run(now, providerId, report !== undefined && row.verificationId !== null ? 'due' : null, row.id)
  if (row.codeId !== null) await tellOfCode(trx, house, row, 'delivered', { channel })
  else if (row.verificationId !== null && changes > 0) await tellOfVerification(trx, house, row, row.verificationId, 'sent', { channel })
}

/** Its time was over before this try. */
function expired (): ChannelError {
  return new ChannelError(EXPIRED, { isFinal: true, isUntaken: true })
}

type Fault = { fault: string, isFinal: boolean, isUntaken: boolean }

async function putBack (trx: Trx, house: House, row: Claimed, { name: channel }: Channel, { fault, isFinal, isUntaken }: Fault, jitter: number): Promise<void> {
  const now = house.clock()
  if (isUntaken) await trx.prepare('UPDATE outbox SET unsure = unsure - 1 WHERE id = ?').run(row.id)
  if (row.attempts < MOST_ATTEMPTS && !isFinal) {
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (row.attempts - 1)) * (0.75 + jitter / 2)
    await trx.prepare("UPDATE outbox SET next_at = ?, error = ? WHERE id = ? AND state = 'waiting'").run(now + Math.round(wait), fault, row.id)
    house.log.warn('a message could not be sent yet', { message: row.id, attempt: row.attempts, fault })
    return
  }
  const { changes } = await trx.prepare("UPDATE outbox SET state = 'failed', sealed = NULL, text = NULL, ended_at = ?, error = ? WHERE id = ? AND state = 'waiting'").run(now, fault, row.id)
  if (changes === 0) return
  house.log.warn('a message was given up', { message: row.id, attempt: row.attempts, fault })
  if (row.codeId !== null) {
    await tellOfCode(trx, house, row, 'deliveryFailed', { channel, fault })
    return
  }
  if (row.verificationId !== null) {
    await tellOfVerification(trx, house, row, row.verificationId, 'deliveryFailed', { channel, fault })
    await fallBack(trx, house, row.id, 'failed')
    if (!isFinal || fault === EXPIRED) await guardReturned(trx, house, row.verificationId, { isGivenUp: true })
    return
  }
  house.audit.append(trx, now, { event: 'message.failed', subject: subjectOf(row), details: { channel, to: maskAddress(row.recipient), attempts: row.attempts, fault } })
}

async function tellOfCode (trx: Trx, house: House, row: Claimed, change: 'delivered' | 'deliveryFailed', more: Record<string, string>): Promise<void> {
  const now = house.clock()
  const codeId = row.codeId ?? ''
  const point = await trx.prepare('SELECT a.id, a.name FROM codes c JOIN access_points a ON a.id = c.access_point_id WHERE c.id = ?').get(codeId)
  house.audit.append(trx, now, {
    event: `code.${change}`, subject: subjectOf(row), accessPoint: point === undefined ? null : { id: String(point['id']), name: String(point['name']) },
    details: { codeId, to: maskAddress(row.recipient), attempts: row.attempts, ...more }
  })
  trx.after(() => { house.feed.publish({ kind: 'code', codeId, change, at: now }, row.personId === null ? [] : [row.personId]) })
}

async function tellOfVerification (trx: Trx, house: House, row: Claimed, verificationId: string, change: 'sent' | 'deliveryFailed', more: { channel: string, fault?: string }): Promise<void> {
  countOutcome(trx, house.clock(), { channel: more.channel, country: row.country }, change === 'sent' ? 'taken' : `failed:${more.fault ?? ''}`)
  tellWebhooks(trx, house, { event: change === 'sent' ? 'verification.sent' : 'verification.failed', verificationId, messageId: row.id, channel: more.channel, reason: more.fault ?? null })
  house.audit.append(trx, house.clock(), { event: `verification.${change}`, subject: { id: null, name: maskAddress(row.recipient) }, details: { verificationId, attempts: row.attempts, ...more } })
}

function subjectOf (row: Claimed): { id: string, name: string } | null {
  return row.personId === null ? null : { id: row.personId, name: row.name ?? '' }
}
