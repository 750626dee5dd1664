import type { House } from '../house.ts'
import { repeat, type Loop } from '../platform/repeat.ts'
import { startWebhooks } from './deliver.ts'
import type { Poster } from './post.ts'

const MOST_AT_ONCE = 500
/** How long what became of a message is kept. */
const KEPT_MS = 30 * 86_400_000
/** How long one waits for a receiver that is paused; nobody wants to hear of verifications of last week. */
const LONGEST_WAIT_MS = 3 * 86_400_000

/** Messages to webhooks leave, and are forgotten in the end. */
export function startWebhookWork (house: House, post: Poster): Loop {
  const loops = [startWebhooks(house, post), repeat(600_000, () => forgetDeliveries(house), house.log)]
  return { stop: async () => { for (const loop of loops) await loop.stop() } }
}

/** Gives up what has waited for three days, forgets what is a month old, and all of webhooks that are no more. */
export async function forgetDeliveries (house: House): Promise<void> {
  for (;;) {
    const changes = await house.db.write(async (trx) => {
      const now = house.clock()
      const stale = await trx.prepare("UPDATE webhook_deliveries SET state = 'failed', ended_at = ?, fault = coalesce(fault, 'tooOld') WHERE id IN (SELECT id FROM webhook_deliveries WHERE state = 'waiting' AND created_at < ? ORDER BY created_at LIMIT ?)").run(now, now - LONGEST_WAIT_MS, MOST_AT_ONCE)
      const old = await trx.prepare("DELETE FROM webhook_deliveries WHERE id IN (SELECT id FROM webhook_deliveries WHERE created_at < ? AND state <> 'waiting' ORDER BY created_at LIMIT ?)").run(now - KEPT_MS, MOST_AT_ONCE)
      const orphaned = await trx.prepare('DELETE FROM webhook_deliveries WHERE id IN (SELECT d.id FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id WHERE w.removed_at IS NOT NULL LIMIT ?)').run(MOST_AT_ONCE)
      return Math.max(stale.changes, old.changes, orphaned.changes)
    })
    if (changes < MOST_AT_ONCE) return
  }
}
