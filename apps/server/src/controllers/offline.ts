import type { OfflineCodesForm } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { settingsChanged } from './settings.ts'

/**
 * Turns codes that work without a network on or off at a controller. Off, those that were made open nothing from the
 * moment that the controller hears of it.
 * @throws Problem notFound
 */
export async function allowOffline (trx: Trx, house: House, { siteId, controllerId, clock, actor }: OfflineCodesForm & { siteId: string, controllerId: string, actor: Named }): Promise<void> {
  const row = await trx.prepare('SELECT name, offline_clock FROM controllers WHERE id = ? AND site_id = ? AND removed_at IS NULL').get(controllerId, siteId)
  if (row === undefined) throw new Problem('notFound')
  if ((row['offline_clock'] ?? 'off') === clock) return
  await trx.prepare('UPDATE controllers SET offline_clock = ? WHERE id = ?').run(clock === 'off' ? null : clock, controllerId)
  house.audit.append(trx, house.clock(), { event: 'controller.changed', actor, controller: { id: controllerId, name: String(row['name']) }, details: { offlineCodes: clock } })
  await settingsChanged(trx, house, controllerId)
}
