import type { Webhook, WebhookDelivery, WebhookEvent } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'

const MOST_SHOWN = 100

/** A site's webhooks, the newest first, without their secrets. */
export async function findWebhooks (house: House, siteId: string): Promise<Webhook[]> {
  const now = house.clock()
  const rows = await house.db.read.selectFrom('webhooks').select(['id', 'url', 'events', 'made_by', 'created_at', 'paused_at', 'paused_because', 'failing_since', 'previous_until'])
    .where('site_id', '=', siteId).where('removed_at', 'is', null).orderBy('created_at', 'desc').orderBy('id', 'desc').execute()
  return Promise.all(rows.map(async (row) => ({
    // We wrote these words ourselves, from the same list.
    id: row.id, url: row.url, events: row.events.split(' ') as WebhookEvent[], madeBy: row.made_by, createdAt: row.created_at,
    pausedAt: row.paused_at, pausedBecause: row.paused_because, failingSince: row.failing_since, previousUntil: row.previous_until !== null && row.previous_until > now ? row.previous_until : null,
    last: await lastTried(house, row.id)
  })))
}

async function lastTried (house: House, webhookId: string): Promise<Webhook['last']> {
  const row = await house.db.read.selectFrom('webhook_deliveries').select(['state', 'status', 'fault', 'created_at', 'ended_at'])
    .where('webhook_id', '=', webhookId).where('attempts', '>', 0).orderBy('created_at', 'desc').orderBy('id', 'desc').limit(1).executeTakeFirst()
  return row === undefined ? null : { at: row.ended_at ?? row.created_at, state: row.state, status: row.status, fault: row.fault }
}

/** The latest messages to a webhook, the newest first; null when this site has no such one. */
export async function findDeliveries (house: House, id: string, siteId: string): Promise<WebhookDelivery[] | null> {
  const webhook = await house.db.read.selectFrom('webhooks').select('id').where('id', '=', id).where('site_id', '=', siteId).where('removed_at', 'is', null).executeTakeFirst()
  if (webhook === undefined) return null
  const rows = await house.db.read.selectFrom('webhook_deliveries').select(['id', 'event', 'verification_id', 'state', 'attempts', 'next_at', 'created_at', 'ended_at', 'status', 'fault'])
    .where('webhook_id', '=', id).orderBy('created_at', 'desc').orderBy('id', 'desc').limit(MOST_SHOWN).execute()
  return rows.map((row) => ({
    id: row.id, event: row.event, verificationId: row.verification_id, state: row.state, attempts: row.attempts, status: row.status, fault: row.fault,
    createdAt: row.created_at, nextAt: row.state === 'waiting' ? row.next_at : null, endedAt: row.ended_at
  }))
}
