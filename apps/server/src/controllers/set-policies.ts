import type { Policies } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { checkAllSeen } from '../platform/seen.ts'
import { policiesOf } from './policies.ts'
import { settingsChanged } from './settings.ts'

/** @param order `before`: what was seen @throws Problem notFound, changedMeanwhile, badRequest: a battery that is critical before it is low, or a compartment that is to fail safe */
export async function setPolicies (trx: Trx, house: House, { siteId, controllerId, policies, before, actor }: { siteId: string, controllerId: string, policies: Policies, before?: Policies | undefined, actor: Named }): Promise<void> {
  const row = await trx.prepare('SELECT name, policies FROM controllers WHERE id = ? AND site_id = ? AND removed_at IS NULL').get(controllerId, siteId)
  if (row === undefined) throw new Problem('notFound')
  if (policies.criticalMillivolts > policies.lowMillivolts) throw new Problem('badRequest', { errors: [{ field: 'criticalMillivolts', needs: 'at most lowMillivolts' }] })
  const doors = (await trx.prepare("SELECT lock FROM access_points WHERE controller_id = ? AND kind = 'door' AND removed_at IS NULL").all(controllerId)).map((one) => Number(one['lock']))
  // What people left in a compartment is not to lie open because a battery ended.
  if (policies.failSafeLocks.some((lock) => !doors.includes(lock))) throw new Problem('badRequest', { errors: [{ field: 'failSafeLocks', needs: 'locks of doors' }] })
  const text = JSON.stringify(policies)
  const now = policiesOf(row['policies'])
  if (text === JSON.stringify(now)) return
  checkAllSeen(now, before)
  await trx.prepare('UPDATE controllers SET policies = ? WHERE id = ?').run(text, controllerId)
  // Without a battery to watch nothing would ever say that it is well again.
  if (policies.lowMillivolts === 0) await trx.prepare("UPDATE controllers SET battery_level = 'ok' WHERE id = ?").run(controllerId)
  const { failSafeLocks, ...rest } = policies
  house.audit.append(trx, house.clock(), { event: 'controller.changed', actor, controller: { id: controllerId, name: String(row['name']) }, details: { ...rest, failSafeLocks: failSafeLocks.join(' ') } })
  await settingsChanged(trx, house, controllerId)
}
