import type { Named } from '../audit/append.ts'
import { addSimulatedController } from '../controllers/commission.ts'
import { settingsChanged } from '../controllers/settings.ts'
import { giveGrants } from '../grants/give.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { addAccessPoint } from '../sites/access-points.ts'
import { addBank } from '../sites/banks.ts'
import { namesOfRange } from '../sites/range.ts'

/** A bank of twelve compartments and a door, on controllers without hardware, and the owner's grants to all of them. */
export async function addDemonstration (trx: Trx, house: House, siteId: string, owner: Named): Promise<void> {
  const range = 'A01-A12'
  const names = namesOfRange(range)
  const bankId = await addBank(trx, house, { siteId, name: 'Bank A', range }, owner)
  const bankController = await addSimulatedController(trx, house, { siteId, name: 'Bank A', locks: names.length })
  const points: string[] = []
  for (const [i, name] of names.entries()) {
    points.push(await addAccessPoint(trx, house, { siteId, bankId, kind: 'compartment', name, controllerId: bankController, lock: i + 1 }, owner))
  }
  const doorController = await addSimulatedController(trx, house, { siteId, name: 'Front door', locks: 1 })
  points.push(await addAccessPoint(trx, house, { siteId, bankId: null, kind: 'door', name: 'Front door', controllerId: doorController, lock: 1 }, owner))
  await settingsChanged(trx, house, bankController)
  await settingsChanged(trx, house, doorController)
  await giveGrants(trx, house, siteId, { personId: owner.id, accessPointIds: points }, owner)
}
