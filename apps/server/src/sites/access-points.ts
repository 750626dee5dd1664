import type { AccessPointChange } from '@oncekey/protocol/schemas'
import { sql } from 'kysely'
import { readRules } from '../alarms/rules.ts'
import type { Named } from '../audit/append.ts'
import { forgetCamera } from '../cameras/cameras.ts'
import { revokeCodes } from '../codes/revoke.ts'
import { settingsChanged } from '../controllers/settings.ts'
import { endGrants } from '../grants/end.ts'
import { forgetPoint, spreadToPoint } from '../groups/spread.ts'
import type { House } from '../house.ts'
import { endPins } from '../pins/pins.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { checkSeen } from '../platform/seen.ts'
import { settleStanding } from '../standing-orders/settle.ts'

export type NewAccessPoint = { siteId: string, bankId: string | null, kind: 'door' | 'compartment', name: string, controllerId: string | null, lock: number } & Measures
/** What is known of a compartment's place and size. */
export type Measures = { size?: string | undefined, heightMm?: number | undefined }

/** Adds a door or a compartment. @returns its id @throws Problem alreadyExists when its bank (or site, for doors) has the name */
export async function addAccessPoint (trx: Trx, house: House, order: NewAccessPoint, actor: Named): Promise<string> {
  await checkNameIsFree(trx, order)
  const now = house.clock()
  const id = house.newId()
  await trx.sql.insertInto('access_points').values({
    id, site_id: order.siteId, bank_id: order.bankId, kind: order.kind, name: order.name, controller_id: order.controllerId, lock: order.lock, created_at: now, removed_at: null, size: order.size ?? null, height_mm: order.heightMm ?? null
  }).execute()
  await settleStanding(trx, order.siteId, id)
  const grants = await spreadToPoint(trx, house, { bankId: order.bankId, pointId: id })
  house.audit.append(trx, now, { event: 'accessPoint.added', actor, accessPoint: { id, name: order.name }, details: { kind: order.kind, ...measuresIn(order), ...grants > 0 && { grants } } })
  return id
}

/** Says how large a compartment is and how high it begins; what is not named stays. @throws Problem notFound */
export async function measureAccessPoint (trx: Trx, house: House, order: { siteId: string, id: string } & Measures, actor: Named): Promise<void> {
  const point = await accessPointOf(trx, order.siteId, order.id)
  await trx.sql.updateTable('access_points').set({ ...order.size !== undefined && { size: order.size }, ...order.heightMm !== undefined && { height_mm: order.heightMm } }).where('id', '=', point.id).execute()
  house.audit.append(trx, house.clock(), { event: 'accessPoint.changed', actor, accessPoint: { id: point.id, name: point.name }, details: measuresIn(order) })
}

function measuresIn ({ size, heightMm }: Measures): { size?: string, heightMm?: number } {
  return { ...size !== undefined && { size }, ...heightMm !== undefined && { heightMm } }
}

/** Gives an access point another name, also on its controller's display. @throws Problem notFound, alreadyExists, changedMeanwhile */
export async function renameAccessPoint (trx: Trx, house: House, order: { siteId: string, id: string } & AccessPointChange, actor: Named): Promise<void> {
  const point = await accessPointOf(trx, order.siteId, order.id)
  if (point.name === order.name) return
  checkSeen(point.name, order.nameBefore)
  await checkNameIsFree(trx, { siteId: order.siteId, bankId: point.bank_id, name: order.name }, point.id)
  await trx.sql.updateTable('access_points').set({ name: order.name }).where('id', '=', point.id).execute()
  house.audit.append(trx, house.clock(), { event: 'accessPoint.changed', actor, accessPoint: { id: point.id, name: order.name }, details: { nameBefore: point.name } })
  if (point.controller_id !== null) await settingsChanged(trx, house, point.controller_id)
}

/**
 * Removes access points: their live codes, pins and grants end at once; their history stays. What was ordered for one of them
 * must not vanish with it, to be gone when somebody adds it again.
 * @param order `bankId`: all of it goes @throws Problem notFound, heldByOrder, namedInRule
 */
export async function removeAccessPoints (trx: Trx, house: House, order: { siteId: string, ids: readonly string[], bankId?: string }, actor: Named): Promise<void> {
  const orders = await trx.sql.selectFrom('standing_orders').select(['kind', 'bank_id', 'access_point_id']).where('site_id', '=', order.siteId).where('ended_at', 'is', null).execute()
  const held = orders.find((one) => (one.bank_id !== null && one.bank_id === order.bankId) || (one.access_point_id !== null && order.ids.includes(one.access_point_id)))
  if (held !== undefined) throw new Problem('heldByOrder', { detail: `It is a ${held.kind}.` })
  const { rules } = await readRules(trx.prepare, order.siteId)
  if (rules.some(({ bankId, accessPointId }) => (bankId !== null && bankId === order.bankId) || (accessPointId !== null && order.ids.includes(accessPointId)))) throw new Problem('namedInRule')
  const controllerIds = new Set<string>()
  for (const id of order.ids) {
    const point = await accessPointOf(trx, order.siteId, id)
    await endAccessPoint(trx, house, point, actor)
    if (point.controller_id !== null) controllerIds.add(point.controller_id)
  }
  for (const id of controllerIds) await settingsChanged(trx, house, id)
}

async function endAccessPoint (trx: Trx, house: House, point: { id: string, name: string }, actor: Named): Promise<void> {
  const now = house.clock()
  const codes = await revokeCodes(trx, house, { accessPointId: point.id }, actor)
  const grants = await endGrants(trx, house, { accessPointId: point.id }, actor)
  await forgetPoint(trx, house, point.id)
  const pins = await endPins(trx, house, { accessPointId: point.id })
  // Whoever may remove an access point may not know of calls for help: their pictures stay until their day.
  await forgetCamera(trx, point.id, { isKept: 'duress' })
  await trx.sql.updateTable('access_points').set({ removed_at: now }).where('id', '=', point.id).execute()
  house.audit.append(trx, now, { event: 'accessPoint.removed', actor, accessPoint: { id: point.id, name: point.name }, details: { codes, grants, ...pins > 0 && { pins } } })
}

async function accessPointOf (trx: Trx, siteId: string, id: string) {
  const point = await trx.sql.selectFrom('access_points').select(['id', 'name', 'bank_id', 'controller_id']).where('id', '=', id)
    .where('site_id', '=', siteId).where('removed_at', 'is', null).executeTakeFirst()
  if (point === undefined) throw new Problem('notFound')
  return point
}

async function checkNameIsFree (trx: Trx, { siteId, bankId, name }: { siteId: string, bankId: string | null, name: string }, exceptId = ''): Promise<void> {
  const taken = await trx.sql.selectFrom('access_points').select('id').where('site_id', '=', siteId).where('bank_id', bankId === null ? 'is' : '=', bankId)
    .where(sql`lower(name)`, '=', sql`lower(${name})`).where('removed_at', 'is', null).where('id', '<>', exceptId).executeTakeFirst()
  if (taken !== undefined) throw new Problem('alreadyExists', { detail: `"${name}" exists already.` })
}
