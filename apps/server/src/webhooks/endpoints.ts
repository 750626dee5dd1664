import type { WebhookChange, WebhookEvent, WebhookForm } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Row, Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { checkSeen } from '../platform/seen.ts'
import { webhookBellOf } from './bell.ts'
import { closeWebhookSecret } from './secrets.ts'
import { newWebhookSecret } from '../platform/standard-webhooks.ts'
import { targetNeeds, targetsIn } from './targets.ts'
import { envelopeOf, putOut } from './tell.ts'

/** What a webhook hears of that names nothing: doors are told of where somebody asks for it. */
export const usualEvents: readonly WebhookEvent[] = ['verification.sent', 'verification.delivered', 'verification.failed', 'verification.verified', 'verification.expired', 'verification.blocked', 'verification.cancelled']
/** Each of them gets a row for each event. */
const MOST_OF_SITE = 20
const HOUR_MS = 3_600_000

type Whose = { id: string, siteId: string }

/**
 * Has events told to a program. Its secret is in the answer; the database keeps it sealed.
 * @throws Problem badRequest for an address where no message may go, inUse when the site has as many as it may
 */
export async function makeWebhook (trx: Trx, house: House, { url, events = [...usualEvents] }: WebhookForm, { siteId, actor }: { siteId: string, actor: Named }): Promise<{ id: string, secret: string }> {
  const refusal = targetsIn(house.config.webhookNetworks).refusalOf(url)
  if (refusal !== null) throw new Problem('badRequest', { errors: [{ field: 'url', needs: targetNeeds[refusal] }] })
  const there = await trx.prepare('SELECT count(*) AS count FROM webhooks WHERE site_id = ? AND removed_at IS NULL').get(siteId)
  if (Number(there?.['count']) >= MOST_OF_SITE) throw new Problem('inUse', { detail: `There are ${MOST_OF_SITE} webhooks already.` })
  const id = house.newId()
  const now = house.clock()
  const secret = newWebhookSecret()
  await trx.sql.insertInto('webhooks').values({
    id, site_id: siteId, url: new URL(url).href, events: events.join(' '), secret_sealed: closeWebhookSecret(house, id, secret), previous_sealed: null, previous_until: null, made_by: actor.name, created_at: now,
    paused_at: null, paused_because: null, failing_since: null, removed_at: null
  }).execute()
  // The path may hold a token of the receiver's: the record names the host alone.
  house.audit.append(trx, now, { event: 'webhook.made', actor, details: { webhookId: id, name: new URL(url).host, events: events.join(' ') } })
  return { id, secret }
}

/** Other events; a pause, or its end: then a failure of before counts no longer, and what has waited leaves. @throws Problem notFound, changedMeanwhile */
export async function changeWebhook (trx: Trx, house: House, whose: Whose, { events, eventsBefore, isPaused }: WebhookChange, actor: Named): Promise<void> {
  const { host, row } = await theWebhook(trx, whose)
  const inOrder = (names: readonly string[] | undefined): string | undefined => names?.toSorted().join(' ')
  const is = inOrder(String(row['events']).split(' ')) ?? ''
  // The same again is no change of anybody's.
  if (inOrder(events) !== is) checkSeen(is, inOrder(eventsBefore))
  const now = house.clock()
  if (events !== undefined) await trx.prepare('UPDATE webhooks SET events = ? WHERE id = ?').run(events.join(' '), whose.id)
  const isOtherwise = isPaused !== undefined && isPaused !== (row['paused_at'] !== null)
  if (isOtherwise) await trx.prepare('UPDATE webhooks SET paused_at = ?, paused_because = ?, failing_since = NULL WHERE id = ?').run(isPaused ? now : null, isPaused ? 'asked' : null, whose.id)
  if (events === undefined && !isOtherwise) return
  house.audit.append(trx, now, { event: 'webhook.changed', actor, details: { webhookId: whose.id, name: host, ...events !== undefined && { events: events.join(' ') }, ...isOtherwise && { isPaused } } })
  trx.after(() => { webhookBellOf(house).ring() })
}

/** A new secret; messages are signed with the one before, too, for `graceHours`. One that was still in its grace ends now. @throws Problem notFound */
export async function rotateWebhook (trx: Trx, house: House, whose: Whose, graceHours: number, actor: Named): Promise<{ secret: string }> {
  const { host, row } = await theWebhook(trx, whose)
  const now = house.clock()
  const secret = newWebhookSecret()
  const hasGrace = graceHours > 0
  await trx.prepare('UPDATE webhooks SET secret_sealed = ?, previous_sealed = ?, previous_until = ? WHERE id = ?')
    .run(closeWebhookSecret(house, whose.id, secret), hasGrace ? String(row['secret_sealed']) : null, hasGrace ? now + graceHours * HOUR_MS : null, whose.id)
  house.audit.append(trx, now, { event: 'webhook.rotated', actor, details: { webhookId: whose.id, name: host, graceHours } })
  return { secret }
}

/** Nothing leaves from this moment; its secrets go, its messages a little later. Harmless when it is gone. @throws Problem notFound for one that never was */
export async function removeWebhook (trx: Trx, house: House, { id, siteId }: Whose, actor: Named): Promise<void> {
  const row = await trx.prepare('SELECT url, removed_at FROM webhooks WHERE id = ? AND site_id = ?').get(id, siteId)
  if (row === undefined) throw new Problem('notFound')
  if (row['removed_at'] !== null) return
  const now = house.clock()
  await trx.prepare("UPDATE webhooks SET removed_at = ?, secret_sealed = '', previous_sealed = NULL, previous_until = NULL WHERE id = ?").run(now, id)
  house.audit.append(trx, now, { event: 'webhook.removed', actor, details: { webhookId: id, name: hostIn(row) } })
}

/** Puts out a message that says nothing, by the same way as all others. One that still waits is not joined by another. @returns the message's id @throws Problem notFound */
export async function testWebhook (trx: Trx, house: House, whose: Whose, actor: Named): Promise<string> {
  const { host } = await theWebhook(trx, whose)
  const waiting = await trx.prepare("SELECT id FROM webhook_deliveries WHERE webhook_id = ? AND state = 'waiting' AND event = 'webhook.test' LIMIT 1").get(whose.id)
  if (waiting !== undefined) return String(waiting['id'])
  const now = house.clock()
  const id = await putOut(trx.prepare, whose.id, { event: 'webhook.test', verificationId: null, dedupeKey: `test:${house.newId()}`, body: envelopeOf('webhook.test', now, {}), now })
  house.audit.append(trx, now, { event: 'webhook.tested', actor, details: { webhookId: whose.id, name: host, messageId: id } })
  trx.after(() => { webhookBellOf(house).ring() })
  return id
}

/** Sends a message again, under its own id, so that a receiver which has it knows it. Harmless for one that waits anyway. @throws Problem notFound */
export async function replayDelivery (trx: Trx, house: House, { id, siteId }: Whose, actor: Named): Promise<{ webhookId: string }> {
  const row = await trx.prepare('SELECT d.webhook_id, d.state, w.url FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id WHERE d.id = ? AND w.site_id = ? AND w.removed_at IS NULL').get(id, siteId)
  if (row === undefined) throw new Problem('notFound')
  const webhookId = String(row['webhook_id'])
  const now = house.clock()
  // Its age counts from now on, or it would be given up as too old at once.
  await trx.prepare("UPDATE webhook_deliveries SET state = 'waiting', attempts = 0, next_at = ?, created_at = ?, ended_at = NULL WHERE id = ?").run(now, now, id)
  house.audit.append(trx, now, { event: 'webhook.replayed', actor, details: { webhookId, name: hostIn(row), messageId: id } })
  trx.after(() => { webhookBellOf(house).ring() })
  return { webhookId }
}

async function theWebhook (trx: Trx, { id, siteId }: Whose): Promise<{ host: string, row: Row }> {
  const row = await trx.prepare('SELECT url, events, secret_sealed, paused_at FROM webhooks WHERE id = ? AND site_id = ? AND removed_at IS NULL').get(id, siteId)
  if (row === undefined) throw new Problem('notFound')
  return { host: hostIn(row), row }
}

function hostIn (row: Row): string {
  return new URL(String(row['url'])).host
}
