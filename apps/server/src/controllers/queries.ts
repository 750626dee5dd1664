import type { Simulation } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { Problem } from '../platform/problems.ts'
import { keyBinding } from './links.ts'

/**
 * What a simulated door needs, its root key among it.
 * @throws Problem notFound, also for a controller with hardware or of a site that is no demonstration: their keys are never given out
 */
export async function findSimulation (house: House, controllerId: string, siteId: string): Promise<Simulation> {
  const row = await house.db.read.selectFrom('controllers as c').innerJoin('sites as s', 's.id', 'c.site_id').select(['c.id', 'c.site_id', 'c.root_key_sealed', 'c.locks'])
    .where('c.id', '=', controllerId).where('c.site_id', '=', siteId).where('c.removed_at', 'is', null).where('c.simulated', '=', 1).where('s.demonstration', '=', 1)
    .executeTakeFirst()
  if (row === undefined) throw new Problem('notFound')
  return { siteId: row.site_id, controllerId: row.id, key: house.seal.open(row.root_key_sealed, keyBinding(row.id)), mqttPath: 'mqtt', locks: row.locks }
}
