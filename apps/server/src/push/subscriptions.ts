import { hash, timingSafeEqual } from 'node:crypto'
import type { PushForm, PushState } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { targetsIn } from '../webhooks/targets.ts'
import { isPoint } from './encrypt.ts'
import { pushKey } from './vapid.ts'

/** Somebody has so many browsers at most; the oldest goes for a new one. */
const MOST_BROWSERS = 10

/** Where a browser is reached. */
export type Reached = { endpoint: string, p256dh: string, auth: string }

/** One's own browsers, and the key that a new one is bound to. */
export async function myPush (house: House, personId: string): Promise<PushState> {
  const rows = await house.db.ask('SELECT id, agent, created_at, sealed FROM push_subscriptions WHERE person_id = ? ORDER BY created_at DESC, id DESC').all(personId)
  const { publicKey } = await pushKey(house)
  return { publicKey, browsers: rows.map((row) => ({ id: String(row['id']), agent: String(row['agent']), createdAt: Number(row['created_at']), host: new URL(openReached(house, String(row['id']), String(row['sealed'])).endpoint).hostname })) }
}

/**
 * Notes a browser that is to show notifications to this person. The same one again is the same row, also for another person
 * at it, who shows by its secret that it is that browser.
 * @throws Problem badRequest for an address where nothing may be sent to or a key that is none, alreadyExists for an address with another secret
 */
export async function addBrowser (trx: Trx, house: House, personId: string, { endpoint, keys: { p256dh, auth } }: PushForm, agent: string): Promise<void> {
  // Everybody may name an address here, and webhooks only administrators: the networks that are open to those are not to these.
  if (targetsIn([]).refusalOf(endpoint) !== null) throw new Problem('badRequest', { errors: [{ field: 'endpoint', needs: 'the https address of a push service' }] })
  if (!isPoint(Buffer.from(p256dh, 'base64url'))) throw new Problem('badRequest', { errors: [{ field: 'keys.p256dh', needs: 'a public key of P-256' }] })
  const endpointHash = hash('sha256', endpoint)
  const known = await trx.prepare('SELECT id, sealed FROM push_subscriptions WHERE endpoint_hash = ?').get(endpointHash)
  if (known !== undefined) {
    const before = Buffer.from(openReached(house, String(known['id']), String(known['sealed'])).auth)
    const given = Buffer.from(auth)
    if (before.length !== given.length || !timingSafeEqual(before, given)) throw new Problem('alreadyExists')
    await trx.prepare('DELETE FROM push_subscriptions WHERE id = ?').run(String(known['id']))
  }
  const id = house.newId()
  await trx.prepare('INSERT INTO push_subscriptions (id, person_id, endpoint_hash, sealed, agent, created_at) VALUES (?, ?, ?, ?, ?, ?)')
    .run(id, personId, endpointHash, house.seal.close(JSON.stringify({ endpoint, p256dh, auth } satisfies Reached), 'push:' + id), agent.slice(0, 300), house.clock())
  await trx.prepare('DELETE FROM push_subscriptions WHERE person_id = ? AND id NOT IN (SELECT id FROM push_subscriptions WHERE person_id = ? ORDER BY created_at DESC, id DESC LIMIT ?)').run(personId, personId, MOST_BROWSERS)
}

/** @throws Problem notFound, also for somebody else's */
export async function removeBrowser (trx: Trx, personId: string, id: string): Promise<void> {
  const { changes } = await trx.prepare('DELETE FROM push_subscriptions WHERE id = ? AND person_id = ?').run(id, personId)
  if (changes === 0) throw new Problem('notFound')
}

/** Where it is reached; null when it is gone, or whoever it is of may not come in any more. */
export async function reachOfBrowser (house: House, id: string): Promise<Reached | null> {
  const row = await house.db.ask('SELECT s.sealed FROM push_subscriptions s JOIN people p ON p.id = s.person_id WHERE s.id = ? AND p.removed_at IS NULL AND p.suspended_at IS NULL').get(id)
  return row === undefined ? null : openReached(house, id, String(row['sealed']))
}

function openReached (house: House, id: string, sealed: string): Reached {
  // We wrote this text ourselves, above.
  return JSON.parse(house.seal.open(sealed, 'push:' + id)) as Reached
}
