import { randomBytes } from 'node:crypto'
import type { ClaimForm } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { keyBinding } from './links.ts'
import { settingsChanged } from './settings.ts'
import { keyHash } from './key-hash.ts'
import type { Waiting } from './waiting.ts'

type NewController = {
  siteId: string, name: string, rootKey: Uint8Array, hardware: string, firmware: string, locks: number, assurance: 'high' | 'low', isSimulated: boolean, actor: Named | null
}

/** A door without hardware for a demonstration site. @param locks 1..96 @returns its id */
export async function addSimulatedController (trx: Trx, house: House, { siteId, name, locks }: { siteId: string, name: string, locks: number }): Promise<string> {
  return addController(trx, house, { siteId, name, locks, rootKey: randomBytes(32), hardware: 'simulator', firmware: '', assurance: 'high', isSimulated: true, actor: null })
}

/**
 * Makes a waiting controller ours and gives it the locks of a bank or a door that have no controller yet, in order of
 * their names.
 * @throws Problem notFound, inUse (a door that has one already), claimCodeWrong (somebody else was quicker)
 */
export async function claimController (trx: Trx, house: House, waiting: Waiting, form: ClaimForm, { siteId, actor }: { siteId: string, actor: Named }): Promise<string> {
  if (await trx.prepare('SELECT id FROM controllers WHERE key_hash = ?').get(keyHash(waiting.rootKey)) !== undefined) throw new Problem('claimCodeWrong')
  const points = await findPoints(trx, form, siteId)
  const id = await addController(trx, house, { siteId, name: form.name, rootKey: waiting.rootKey, ...waiting.box, assurance: waiting.assurance, isSimulated: false, actor })
  for (const [i, pointId] of points.slice(0, waiting.box.locks).entries()) {
    await trx.prepare('UPDATE access_points SET controller_id = ?, lock = ? WHERE id = ?').run(id, i + 1, pointId)
  }
  await settingsChanged(trx, house, id)
  return id
}

/** The controller that stands for an old program, which has no key: nobody knows this one, so nobody comes to the broker by it. @returns its id */
export async function addOldController (trx: Trx, house: House, { siteId, name, hardware, actor }: { siteId: string, name: string, hardware: string, actor: Named }): Promise<string> {
  return addController(trx, house, { siteId, name, locks: 1, rootKey: randomBytes(32), hardware, firmware: '', assurance: 'low', isSimulated: false, actor })
}

async function addController (trx: Trx, house: House, { siteId, name, rootKey, hardware, firmware, locks, assurance, isSimulated, actor }: NewController): Promise<string> {
  const id = house.newId()
  const now = house.clock()
  await trx.sql.insertInto('controllers').values({
    id, site_id: siteId, name, root_key_sealed: house.seal.close(Buffer.from(rootKey).toString('base64url'), keyBinding(id)), key_hash: keyHash(rootKey),
    key_version: 1, hardware, firmware, locks, assurance, simulated: isSimulated ? 1 : 0, settings_version: 1, acked_seq: 0, record_head: '',
    last_seen_at: null, created_at: now, removed_at: null
  }).execute()
  house.audit.append(trx, now, { event: 'controller.claimed', actor, controller: { id, name }, details: { hardware, firmware, locks, assurance, simulated: isSimulated } })
  return id
}

async function findPoints (trx: Trx, { bankId, accessPointId }: ClaimForm, siteId: string): Promise<string[]> {
  if (accessPointId !== undefined) {
    const row = await trx.prepare('SELECT controller_id FROM access_points WHERE id = ? AND site_id = ? AND removed_at IS NULL').get(accessPointId, siteId)
    if (row === undefined) throw new Problem('notFound')
    if (row['controller_id'] !== null) throw new Problem('inUse', { detail: 'This door has a controller already.' })
    return [accessPointId]
  }
  if (bankId === undefined) return []
  if (await trx.prepare('SELECT id FROM banks WHERE id = ? AND site_id = ? AND removed_at IS NULL').get(bankId, siteId) === undefined) throw new Problem('notFound')
  return (await trx.prepare('SELECT id FROM access_points WHERE bank_id = ? AND controller_id IS NULL AND removed_at IS NULL ORDER BY name').all(bankId)).map((row) => String(row['id']))
}
