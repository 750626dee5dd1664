import type { DoorMode, DoorModeForm, DoorWay } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import { oldProgramOf } from '../compat/state.ts'
import { settingsChanged } from '../controllers/settings.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { checkAllSeen } from '../platform/seen.ts'
import { approversOf, setApprovers } from './approvers.ts'
import { endDoorCode } from './ask.ts'

type Row = { id: string, name: string, controllerId: string | null, way: DoorWay, makes: boolean, kind: string }

/** @throws Problem notFound */
export async function doorModeOf (trx: Trx, siteId: string, accessPointId: string): Promise<DoorMode> {
  const row = await find(trx, siteId, accessPointId)
  return { way: row.way, doorMakes: row.makes, possible: await isPossible(trx, row), approvers: await approversOf(trx.sql, row.id) }
}

/**
 * Turns door mode on or off at a door with a controller of ours. Off, whatever is live there ends. Also names who may say yes there.
 * @throws Problem notFound, changedMeanwhile, badRequest (no such door), inUse (another door of the same keypad has it)
 */
export async function changeDoorMode (trx: Trx, house: House, { siteId, accessPointId, way, doorMakes, approvers, before, actor }: DoorModeForm & { siteId: string, accessPointId: string, actor: Named }): Promise<void> {
  const row = await find(trx, siteId, accessPointId)
  const makes = doorMakes ?? row.makes
  const is = { way: row.way, doorMakes: row.makes, approvers: (await approversOf(trx.sql, row.id)).map((one) => one.id).sort() }
  // The same again is no change of anybody's.
  if (JSON.stringify(is) !== JSON.stringify({ way, doorMakes: makes, approvers: approvers?.toSorted() ?? is.approvers })) checkAllSeen(is, before && { ...before, approvers: before.approvers?.toSorted() })
  if (approvers !== undefined) await setApprovers(trx, house, { siteId, point: { id: row.id, name: row.name }, personIds: approvers, actor })
  if (row.way === way && row.makes === makes) return
  if (way !== 'off' && !await isPossible(trx, row)) throw new Problem('badRequest', { errors: [{ field: 'way', needs: 'a door with a controller that is no old program' }] })
  if (row.controllerId !== null && way !== 'off') {
    const other = await trx.prepare('SELECT name FROM access_points WHERE controller_id = ? AND id <> ? AND door_mode IS NOT NULL AND removed_at IS NULL').get(row.controllerId, row.id)
    if (other !== undefined) throw new Problem('inUse', { detail: `The keypad of this door asks for codes of ${String(other['name'])}.` })
  }
  await trx.prepare('UPDATE access_points SET door_mode = ?, door_makes = ? WHERE id = ?').run(way === 'off' ? null : way, makes ? 1 : 0, row.id)
  for (const code of await trx.prepare("SELECT id, controller_id, otp_id FROM door_codes WHERE access_point_id = ? AND state IN ('waiting', 'issued')").all(row.id)) {
    if (code['otp_id'] !== null) await house.otp.revoke({ scope: String(code['controller_id']), id: String(code['otp_id']) })
    await endDoorCode(trx, house, String(code['id']), 'cancelled')
  }
  house.audit.append(trx, house.clock(), { event: 'door.modeChanged', actor, accessPoint: { id: row.id, name: row.name }, details: { way, doorMakes: makes } })
  if (row.controllerId !== null) await settingsChanged(trx, house, row.controllerId)
}

async function find (trx: Trx, siteId: string, accessPointId: string): Promise<Row> {
  const row = await trx.prepare('SELECT id, name, kind, controller_id, door_mode, door_makes FROM access_points WHERE id = ? AND site_id = ? AND removed_at IS NULL').get(accessPointId, siteId)
  if (row === undefined) throw new Problem('notFound')
  const way = row['door_mode']
  return {
    id: String(row['id']), name: String(row['name']), kind: String(row['kind']), controllerId: row['controller_id'] === null ? null : String(row['controller_id']),
    way: way === 'mail' || way === 'approval' || way === 'opens' ? way : 'off', makes: row['door_makes'] === 1
  }
}

async function isPossible (trx: Trx, { kind, controllerId }: Row): Promise<boolean> {
  return kind === 'door' && controllerId !== null && await oldProgramOf(trx.prepare, controllerId) === null
}
