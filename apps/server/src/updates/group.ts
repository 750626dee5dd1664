import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'

/** Puts a controller into a group by which roll-outs go, or out of it. Roll-outs that have begun go on as they began. @throws Problem notFound */
export async function setGroup (trx: Trx, house: House, { siteId, controllerId, group, actor }: { siteId: string, controllerId: string, group: string | null, actor: Named }): Promise<void> {
  const row = await trx.prepare('SELECT name, update_group FROM controllers WHERE id = ? AND site_id = ? AND removed_at IS NULL').get(controllerId, siteId)
  if (row === undefined) throw new Problem('notFound')
  const name = group?.trim() ?? null
  if (row['update_group'] === name) return
  await trx.prepare('UPDATE controllers SET update_group = ? WHERE id = ?').run(name, controllerId)
  house.audit.append(trx, house.clock(), { event: 'controller.changed', actor, controller: { id: controllerId, name: String(row['name']) }, details: { group: name } })
}
