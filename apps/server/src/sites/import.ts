import type { PlacesImported } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { addAccessPoint, measureAccessPoint } from './access-points.ts'
import { addBank, addCompartments } from './banks.ts'
import { planPlaces, sumsOf, type ReadPlaces } from './import-check.ts'

type Rows = Extract<ReadPlaces, { fault: null }>['rows']

/**
 * Makes what a list names. The plan is made anew in this transaction: what somebody else made since the preview is here already.
 * @throws Problem badRequest when a row has a fault: a site that is furnished by half is found out at its doors
 */
export async function importPlaces (trx: Trx, house: House, { siteId, rows }: { siteId: string, rows: Rows }, actor: Named): Promise<PlacesImported> {
  const plan = await planPlaces(trx.sql, siteId, rows)
  const [fault] = plan.faults
  if (fault !== undefined) throw new Problem('badRequest', { errors: [{ field: 'file', needs: `no fault in any row; line ${fault.line} has one, and the preview names it` }] })
  for (const bank of plan.banks) {
    const bankId = bank.bankId ?? await addBank(trx, house, { siteId, name: bank.name }, actor)
    const measures = new Map(bank.added.map(({ name, ...each }) => [name, each]))
    await addCompartments(trx, house, { siteId, bankId, names: [...measures.keys()], measures: (name) => measures.get(name) ?? {} }, actor)
  }
  for (const name of plan.doors) await addAccessPoint(trx, house, { siteId, bankId: null, kind: 'door', name, controllerId: null, lock: 1 }, actor)
  for (const change of plan.changed) await measureAccessPoint(trx, house, { siteId, ...change }, actor)
  return sumsOf(plan)
}
