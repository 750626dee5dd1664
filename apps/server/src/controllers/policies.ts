import type { Settings } from '@oncekey/protocol/messages'
import type { Policies } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { settingsChanged } from './settings.ts'

/** Doors are watched; a battery is once somebody has said what it has when it is empty; nobody at the door turns pages. */
const defaults: Policies = { forcedDoors: true, heldDoorMs: 300_000, lowMillivolts: 0, criticalMillivolts: 0, failSafeLocks: [], menu: false }

/** What is stored, with the defaults for what is not. */
export function policiesOf (stored: unknown): Policies {
  // We wrote this text ourselves, from a form that was checked.
  return typeof stored === 'string' ? { ...defaults, ...JSON.parse(stored) as Partial<Policies> } : defaults
}

/** The part of a controller's settings that follows from its policies. */
export function policySettings ({ forcedDoors, heldDoorMs, lowMillivolts, criticalMillivolts, menu }: Policies): Pick<Settings, 'doorAlarms' | 'battery' | 'menu'> {
  return {
    ...(forcedDoors || heldDoorMs > 0) && { doorAlarms: { forced: forcedDoors, heldMs: heldDoorMs } },
    ...lowMillivolts > 0 && { battery: { lowMillivolts, criticalMillivolts } },
    ...menu && { menu }
  }
}

/** @throws Problem notFound, badRequest: a battery that is critical before it is low, or a compartment that is to fail safe */
export async function setPolicies (trx: Trx, house: House, { siteId, controllerId, policies, actor }: { siteId: string, controllerId: string, policies: Policies, actor: Named }): Promise<void> {
  const row = await trx.prepare('SELECT name, policies FROM controllers WHERE id = ? AND site_id = ? AND removed_at IS NULL').get(controllerId, siteId)
  if (row === undefined) throw new Problem('notFound')
  if (policies.criticalMillivolts > policies.lowMillivolts) throw new Problem('badRequest', { errors: [{ field: 'criticalMillivolts', needs: 'at most lowMillivolts' }] })
  const doors = (await trx.prepare("SELECT lock FROM access_points WHERE controller_id = ? AND kind = 'door' AND removed_at IS NULL").all(controllerId)).map((one) => Number(one['lock']))
  // What people left in a compartment is not to lie open because a battery ended.
  if (policies.failSafeLocks.some((lock) => !doors.includes(lock))) throw new Problem('badRequest', { errors: [{ field: 'failSafeLocks', needs: 'locks of doors' }] })
  const text = JSON.stringify(policies)
  if (text === JSON.stringify(policiesOf(row['policies']))) return
  await trx.prepare('UPDATE controllers SET policies = ? WHERE id = ?').run(text, controllerId)
  // Without a battery to watch nothing would ever say that it is well again.
  if (policies.lowMillivolts === 0) await trx.prepare("UPDATE controllers SET battery_level = 'ok' WHERE id = ?").run(controllerId)
  const { failSafeLocks, ...rest } = policies
  house.audit.append(trx, house.clock(), { event: 'controller.changed', actor, controller: { id: controllerId, name: String(row['name']) }, details: { ...rest, failSafeLocks: failSafeLocks.join(' ') } })
  await settingsChanged(trx, house, controllerId)
}
