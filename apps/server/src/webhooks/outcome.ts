import type { House } from '../house.ts'
import { tellAdministrators } from '../notify/write.ts'
import type { Trx } from '../platform/db.ts'
import type { Posted } from './post.ts'

/** The waits between tries of one message; with the last one a message has been tried for 21 hours, nine times. */
const WAITS_MS = [5_000, 30_000, 120_000, 600_000, 1_800_000, 7_200_000, 21_600_000, 43_200_000]
const LONGEST_WAIT_MS = Math.max(...WAITS_MS)
export const MOST_TRIES = WAITS_MS.length + 1
/** A webhook that failed for so long, without one success, is paused. */
export const FAILING_MS = 86_400_000
/** How a receiver says that it wants nothing more, ever (Standard Webhooks). */
const GONE = 410

/** What became of a try. `jitter`: 0..1, so that messages which failed together do not come back together. */
export type Answered = { id: string, webhookId: string, attempts: number, posted: Posted, jitter: number }

/**
 * Writes down what became of a try: done, to be tried again, or given up. A webhook that has failed for a day is paused, and
 * administrators are told; what happens meanwhile is kept.
 * @returns whether the receiver took it
 */
export async function noteAnswer (trx: Trx, house: House, { id, webhookId, attempts, posted, jitter }: Answered): Promise<boolean> {
  const now = house.clock()
  const status = 'status' in posted ? posted.status : null
  const fault = 'fault' in posted ? posted.fault : wordFor(posted.status)
  // Whoever came later, because we took longer than our lease, has the word.
  const mine = [id, attempts]
  if (fault === null) {
    await trx.prepare("UPDATE webhook_deliveries SET state = 'delivered', ended_at = ?, status = ?, fault = NULL WHERE id = ? AND attempts = ? AND state = 'waiting'").run(now, status, ...mine)
    await trx.prepare('UPDATE webhooks SET failing_since = NULL WHERE id = ? AND failing_since IS NOT NULL').run(webhookId)
    return true
  }
  const wait = WAITS_MS[attempts - 1]
  const isOver = wait === undefined
  if (isOver) await trx.prepare("UPDATE webhook_deliveries SET state = 'failed', ended_at = ?, status = ?, fault = ? WHERE id = ? AND attempts = ? AND state = 'waiting'").run(now, status, fault, ...mine)
  else {
    const usual = Math.round(wait * (0.75 + jitter / 2))
    const next = now + Math.max(usual, 'retryAfter' in posted ? askedForMs(posted.retryAfter, now) : 0)
    await trx.prepare("UPDATE webhook_deliveries SET next_at = ?, status = ?, fault = ? WHERE id = ? AND attempts = ? AND state = 'waiting'").run(next, status, fault, ...mine)
  }
  house.log.warn(isOver ? 'a message to a webhook was given up' : 'a message to a webhook was not taken yet', { message: id, attempt: attempts, fault, status: status ?? undefined })

  const webhook = await trx.prepare('UPDATE webhooks SET failing_since = coalesce(failing_since, ?) WHERE id = ? AND removed_at IS NULL AND paused_at IS NULL RETURNING url, failing_since').get(now, webhookId)
  if (webhook === undefined) return false
  const isGone = status === GONE
  if (isGone || now - Number(webhook['failing_since']) >= FAILING_MS) await stop(trx, house, { webhookId, url: String(webhook['url']), because: isGone ? 'gone' : 'failing', fault })
  return false
}

/** As if the try had not been: somebody else, or we after a restart, may take it at once. */
export async function putBack (trx: Trx, house: House, { id, attempts }: Pick<Answered, 'id' | 'attempts'>): Promise<void> {
  await trx.prepare("UPDATE webhook_deliveries SET attempts = attempts - 1, next_at = ? WHERE id = ? AND attempts = ? AND state = 'waiting'").run(house.clock(), id, attempts)
}

async function stop (trx: Trx, house: House, { webhookId, url, because, fault }: { webhookId: string, url: string, because: 'gone' | 'failing', fault: string }): Promise<void> {
  const now = house.clock()
  await trx.prepare('UPDATE webhooks SET paused_at = ?, paused_because = ? WHERE id = ?').run(now, because, webhookId)
  const host = new URL(url).host
  house.audit.append(trx, now, { event: 'webhook.stopped', details: { webhookId, name: host, because, fault } })
  await tellAdministrators(trx, house, { dedupeKey: `webhook:${webhookId}:${now}`, letter: (letters) => letters.webhookPaused({ host, fault: because === 'gone' ? null : fault }) })
}

/**
 * How long a receiver that said "later" wants to be left alone: seconds, or a date (RFC 9110, 10.2.3). It may have more time than
 * ours, up to our longest wait, and never less: whoever says 0 is not asked without end, whoever says a year loses nothing.
 */
function askedForMs (retryAfter: string | undefined, now: number): number {
  const text = (retryAfter ?? '').trim()
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(text) ? Date.parse(text) - now : 0
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(0, ms), LONGEST_WAIT_MS)
}

/** @returns why an answer is no success; null: it is one */
function wordFor (status: number): string | null {
  if (status >= 200 && status < 300) return null
  return status >= 300 && status < 400 ? 'redirected' : 'refused'
}
