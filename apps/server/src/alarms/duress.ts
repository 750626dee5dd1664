import { look } from '../cameras/take.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { openDuress } from './note.ts'

/**
 * Calls for help that were typed and nobody knows of yet become alarms. Not where they are typed: there an opening is to take
 * the same time, whatever it means. `duress_due` is part of the commit of the opening, so a kill loses none.
 */
export async function callForHelp (trx: Trx, house: House): Promise<void> {
  const due = await trx.prepare(`SELECT p.id, p.label, p.duress_due, p.controller_id, c.name AS controller, p.access_point_id, a.name AS point FROM pins p JOIN controllers c ON c.id = p.controller_id
    JOIN access_points a ON a.id = p.access_point_id WHERE p.duress_due > 0 ORDER BY p.id`).all()
  for (const row of due) {
    const times = Number(row['duress_due'])
    // Not to 0: it may have been typed once more meanwhile. No change: another server was quicker, and tells it.
    const { changes } = await trx.prepare('UPDATE pins SET duress_due = duress_due - ? WHERE id = ? AND duress_due >= ?').run(times, String(row['id']), times)
    if (Number(changes) === 0) continue
    const controller = { id: String(row['controller_id']), name: String(row['controller']) }
    const accessPoint = { id: String(row['access_point_id']), name: String(row['point']) }
    trx.after(() => { look(house, { cause: 'duress', seq: null, accessPointId: accessPoint.id, controllerId: controller.id }) })
    await openDuress(trx, house, {
      controller, accessPoint, pin: String(row['label']), times
    })
  }
}
