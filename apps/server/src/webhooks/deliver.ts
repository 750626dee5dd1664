import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import type { Loop } from '../platform/repeat.ts'
import { webhookBellOf } from './bell.ts'
import { noteAnswer, putBack, type Answered } from './outcome.ts'
import { STOPPED, type Poster } from './post.ts'
import { signedHeaders } from '../platform/standard-webhooks.ts'
import { openWebhookSecret } from './secrets.ts'

/** Longer than any try takes: after a crash the message is due again then. */
const LEASE_MS = 60_000
/** A busy receiver gets so many at once; one that fails gets one. */
const LANES = 4
/** Receivers that hang hold up so many lanes and nothing else. */
const MOST_LANES = 24
const LOOK_EVERY_MS = 1_000

export type WebhookLoop = Loop & {
  /** Sends what is due and resolves when there is nothing more to do now. */
  flush: () => Promise<void>
}

type Claimed = { id: string, body: string, attempts: number, url: string, secrets: string[] }

/**
 * The way of messages to webhooks: claims one, sends it, writes down what became of it. Each receiver has lanes of its
 * own, so that one which hangs holds up no other. A message keeps its id, and is claimed before it is sent: a crash in between
 * sends it a second time rather than never. Their order is that of what happened, as far as tries and lanes let it.
 */
export function startWebhooks (house: House, post: Poster, { jitter = Math.random }: { jitter?: () => number } = {}): WebhookLoop {
  const lanes = new Map<Promise<void>, string>()
  let looking: Promise<void> | null = null
  let isRung = false
  const ending = new AbortController()
  const isStopped = (): boolean => ending.signal.aborted

  async function sendOne (webhookId: string): Promise<boolean> {
    const claimed = await house.db.write((trx) => claim(trx, house, webhookId))
    if (claimed === null) return false
    const { id, body, url, secrets } = claimed
    const headers = { 'content-type': 'application/json', 'user-agent': `Oncekey/${house.version}`, ...signedHeaders({ id, at: house.clock(), body }, secrets) }
    const posted = await post(url, headers, body, ending.signal)
    if ('fault' in posted && posted.fault === STOPPED) {
      await house.db.write((trx) => putBack(trx, house, { id, attempts: claimed.attempts }))
      return false
    }
    const answer: Answered = { id, webhookId, attempts: claimed.attempts, posted, jitter: jitter() }
    return house.db.write((trx) => noteAnswer(trx, house, answer))
  }

  function open (webhookId: string): void {
    const lane: Promise<void> = (async () => {
      try {
        while (!isStopped() && await sendOne(webhookId)) { /* the next one */ }
      } catch (error) {
        house.log.error('messages to a webhook could not be worked on', { webhook: webhookId, error })
      }
    })().finally(() => { lanes.delete(lane) })
    lanes.set(lane, webhookId)
  }

  async function look (): Promise<void> {
    do {
      isRung = false
      for (const { id, isFailing } of await findDue(house)) {
        const running = [...lanes.values()].filter((one) => one === id).length
        for (let n = running; n < (isFailing ? 1 : LANES) && lanes.size < MOST_LANES && !isStopped(); n++) open(id)
      }
    } while (isRung && !isStopped())
  }

  function wake (): void {
    isRung = true
    if (isStopped()) return
    looking ??= look().catch((error: unknown) => { house.log.error('the outbox of webhooks could not be read', { error }) }).finally(() => { looking = null })
  }

  const unhook = webhookBellOf(house).onRing(wake)
  const timer = setInterval(wake, LOOK_EVERY_MS)
  timer.unref()
  return {
    async flush () {
      wake()
      while (looking !== null || lanes.size > 0) await Promise.all([looking, ...lanes.keys()])
    },
    async stop () {
      ending.abort()
      unhook()
      clearInterval(timer)
      await Promise.all([looking, ...lanes.keys()])
    }
  }
}

/** Webhooks that have something to be sent now: a look that costs no write. */
async function findDue (house: House): Promise<{ id: string, isFailing: boolean }[]> {
  const rows = await house.db.ask(`SELECT w.id, w.failing_since FROM webhooks w WHERE w.removed_at IS NULL AND w.paused_at IS NULL
    AND EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.state = 'waiting' AND d.next_at <= ?) ORDER BY w.id`).all(house.clock())
  return rows.map((row) => ({ id: String(row['id']), isFailing: row['failing_since'] !== null }))
}

async function claim (trx: Trx, house: House, webhookId: string): Promise<Claimed | null> {
  const now = house.clock()
  const webhook = await trx.prepare('SELECT url, secret_sealed, previous_sealed, previous_until FROM webhooks WHERE id = ? AND removed_at IS NULL AND paused_at IS NULL').get(webhookId)
  if (webhook === undefined) return null
  const row = await trx.prepare(`UPDATE webhook_deliveries SET attempts = attempts + 1, next_at = ? WHERE id = (
      SELECT id FROM webhook_deliveries WHERE webhook_id = ? AND state = 'waiting' AND next_at <= ? ORDER BY next_at, id LIMIT 1
    ) RETURNING id, body, attempts`).get(now + LEASE_MS, webhookId, now)
  if (row === undefined) return null
  const before = webhook['previous_until'] !== null && Number(webhook['previous_until']) > now ? webhook['previous_sealed'] : null
  const secrets = [webhook['secret_sealed'], before].filter((sealed) => sealed !== null && sealed !== undefined).map((sealed) => openWebhookSecret(house, webhookId, String(sealed)))
  return { id: String(row['id']), body: String(row['body']), attempts: Number(row['attempts']), url: String(webhook['url']), secrets }
}
