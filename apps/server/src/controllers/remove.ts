import type { Named } from '../audit/append.ts'
import { revokeCodes } from '../codes/revoke.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { endPins } from '../pins/pins.ts'
import { forgetLine } from './links.ts'

/**
 * Takes a controller out of service: its key is wiped, its live codes and pins end, its connection ends, its access points wait
 * for another one. What it recorded stays.
 * @throws Problem notFound
 */
export async function removeController (trx: Trx, house: House, { siteId, controllerId, actor }: { siteId: string, controllerId: string, actor: Named }): Promise<void> {
  const row = await trx.prepare('SELECT name FROM controllers WHERE id = ? AND site_id = ? AND removed_at IS NULL').get(controllerId, siteId)
  if (row === undefined) throw new Problem('notFound')
  const now = house.clock()
  const codes = await revokeCodes(trx, house, { controllerId }, actor)
  const pins = await endPins(trx, house, { controllerId })
  await trx.prepare('UPDATE access_points SET controller_id = NULL, lock = 0 WHERE controller_id = ?').run(controllerId)
  await trx.prepare("UPDATE controllers SET removed_at = ?, root_key_sealed = '', key_hash = ? WHERE id = ?").run(now, `removed ${controllerId}`, controllerId)
  house.audit.append(trx, now, { event: 'controller.removed', actor, controller: { id: controllerId, name: String(row['name']) }, details: { codes, ...pins > 0 && { pins } } })
  trx.after(() => { forgetLine(house, controllerId) })
}
