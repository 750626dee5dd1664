import type { UpdateOutcome } from '@oncekey/protocol/messages'
import { lineTo, type Line } from '../controllers/links.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { perHouse } from '../platform/per-house.ts'

/** 2026-01-01 UTC: numbers of offers count seconds from here. */
const FIRST_OFFER_AT = 1_767_225_600_000

/** What is known in memory only: bytes that a controller has downloaded, by its id. A restart costs a picture nothing else. */
export const bytesOf = perHouse(() => new Map<string, number>())

/** Tells pages that something became of a roll-out. */
export function tellRollout (trx: Trx, house: House, rolloutId: string): void {
  trx.after(() => { house.feed.publish({ kind: 'update', rolloutId }) })
}

/**
 * The number of a new offer to a controller: higher than every one before. By the clock, so that it is higher also after
 * an older backup was restored.
 */
export async function nextOffer (trx: Trx, house: House, controllerId: string): Promise<number> {
  const row = await trx.prepare('SELECT update_offer FROM controllers WHERE id = ?').get(controllerId)
  const offer = Math.max(Number(row?.['update_offer'] ?? 0) + 1, Math.floor((house.clock() - FIRST_OFFER_AT) / 1000))
  await trx.prepare('UPDATE controllers SET update_offer = ? WHERE id = ?').run(offer, controllerId)
  return offer
}

/** Offers the image of a roll-out to one controller. */
export async function offerImage (trx: Trx, house: House, rolloutId: string, controllerId: string): Promise<void> {
  const offer = await nextOffer(trx, house, controllerId)
  await trx.prepare("UPDATE rollout_controllers SET state = 'offered', outcome = NULL, offer = ?, changed_at = ? WHERE rollout_id = ? AND controller_id = ?").run(offer, house.clock(), rolloutId, controllerId)
  bytesOf(house).delete(controllerId)
  await sendOffer(trx, house, controllerId)
}

/** Takes an offer back that is not being installed yet: it waits again. */
export async function withdrawOffer (trx: Trx, house: House, rolloutId: string, controllerId: string): Promise<void> {
  const offer = await nextOffer(trx, house, controllerId)
  await trx.prepare("UPDATE rollout_controllers SET state = 'waiting', changed_at = ? WHERE rollout_id = ? AND controller_id = ?").run(house.clock(), rolloutId, controllerId)
  publish(trx, house, controllerId, { offer, op: 'nothing' })
}

/** Sends what is offered to a controller, once the transaction is durable: now, and whenever it connects, for the broker may have forgotten. */
export async function sendOffer (trx: Trx, house: House, controllerId: string): Promise<void> {
  const row = await trx.prepare(`SELECT rc.offer, i.version, i.minimum, i.hardware, i.size, i.sha256, i.public_key, i.signature FROM rollout_controllers rc
    JOIN rollouts r ON r.id = rc.rollout_id JOIN images i ON i.id = r.image_id
    WHERE rc.controller_id = ? AND rc.state IN ('offered', 'downloading', 'installing') AND r.ended_at IS NULL`).get(controllerId)
  if (row === undefined) return
  publish(trx, house, controllerId, {
    offer: Number(row['offer']), op: 'install', version: row['version'], minimum: row['minimum'], hardware: row['hardware'], size: Number(row['size']), sha256: row['sha256'],
    key: row['public_key'], signature: row['signature'], url: house.link(`/api/v1/controllers/${controllerId}/image`)
  })
}

function publish (trx: Trx, house: House, controllerId: string, body: object): void {
  trx.after(() => {
    void lineTo(house, controllerId).then((line) => {
      if (line === null) return
      const { topic, payload } = line.link.state('update', body)
      house.transport.publish(topic, payload, { qos: 1, retain: true })
    }, (error: unknown) => { house.log.error('an image could not be offered', { controller: controllerId, error }) })
  })
}

/** What a controller's own record says came of an offer. Known by its number, whatever we thought of it meanwhile. */
export async function takeOutcome (trx: Trx, house: House, line: Line, { offer, outcome, at }: { offer: number, outcome: UpdateOutcome, at: { at: number, trust: string } }): Promise<void> {
  const row = await trx.prepare(`SELECT rc.rollout_id, i.version FROM rollout_controllers rc JOIN rollouts r ON r.id = rc.rollout_id JOIN images i ON i.id = r.image_id
    WHERE rc.controller_id = ? AND rc.offer = ?`).get(line.id, offer)
  const isInstalled = outcome === 'installed'
  house.audit.append(trx, house.clock(), {
    event: isInstalled ? 'controller.updated' : 'controller.updateFailed', controller: line.named,
    details: { version: row === undefined ? '' : String(row['version']), offer, ...isInstalled ? {} : { outcome }, ...at }
  })
  if (row === undefined) return
  await trx.prepare('UPDATE rollout_controllers SET state = ?, outcome = ?, changed_at = ? WHERE controller_id = ? AND offer = ?')
    .run(isInstalled ? 'installed' : outcome === 'wentBack' ? 'wentBack' : 'failed', outcome, house.clock(), line.id, offer)
  bytesOf(house).delete(line.id)
  tellRollout(trx, house, String(row['rollout_id']))
}
