import type { StandingOrderForm, StandingOrderKind } from '@oncekey/protocol/schemas'
import type { AuditEventName } from '@oncekey/protocol/audit-events'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import { tellStates } from '../live/states.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { followOrders } from './follow.ts'
import { settleStanding } from './settle.ts'

/** Beyond it pages ask for all states once, as they do when an order begins, instead of hearing each by itself. */
const MOST_TOLD = 200
const begun: Readonly<Record<StandingOrderKind, AuditEventName>> = { hold: 'hold.started', lockdown: 'lockdown.started', evacuation: 'evacuation.started' }
const over: Readonly<Record<StandingOrderKind, AuditEventName>> = { hold: 'hold.ended', lockdown: 'lockdown.ended', evacuation: 'evacuation.ended' }

type Place = { name: string, bankId: string | null, accessPoint: Named | null }

/**
 * An order that stands from this commit on: what was decided before it may still open, nothing that is decided after it does.
 * @returns its id
 * @throws Problem notFound, alreadyExists (the same order stands), badRequest (a bank and an access point; nothing there is a door)
 */
export async function giveOrder (trx: Trx, house: House, { kind, bankId, accessPointId, reason }: StandingOrderForm, { siteId, actor }: { siteId: string, actor: Named }): Promise<string> {
  if (bankId !== undefined && accessPointId !== undefined) throw new Problem('badRequest', { errors: [{ field: 'accessPointId', needs: 'to stand without `bankId`' }] })
  const place = await placeOf(trx, siteId, bankId ?? null, accessPointId ?? null)
  const same = await trx.prepare(`SELECT id FROM standing_orders WHERE site_id = ? AND kind = ? AND ended_at IS NULL AND coalesce(bank_id, '') = ? AND coalesce(access_point_id, '') = ?`).get(siteId, kind, bankId ?? '', accessPointId ?? '')
  if (same !== undefined) throw new Problem('alreadyExists', { detail: 'This order stands already.' })
  if (kind === 'evacuation' && !await hasDoor(trx, siteId, bankId, accessPointId)) throw new Problem('badRequest', { errors: [{ field: 'kind', needs: 'a door: compartments are not opened' }] })
  const now = house.clock()
  const id = house.newId()
  await trx.sql.insertInto('standing_orders').values({ id, site_id: siteId, kind, bank_id: bankId ?? null, access_point_id: accessPointId ?? null, reason, given_by: actor.id, given_at: now, ended_at: null }).execute()
  const changed = await settleStanding(trx, siteId)
  house.audit.append(trx, now, { event: begun[kind], actor, accessPoint: place.accessPoint, details: { orderId: id, place: place.name, why: reason, accessPoints: changed.accessPointIds.length, controllers: changed.controllerIds.length } })
  tellAll(trx, house, changed.accessPointIds)
  return id
}

/**
 * @param mayEndAll whether lockdowns and evacuations, too; holds are ended by whoever may begin them
 * @throws Problem notFound, notAllowed
 */
export async function endOrder (trx: Trx, house: House, { siteId, id, reason, mayEndAll, actor }: { siteId: string, id: string, reason: string, mayEndAll: boolean, actor: Named }): Promise<void> {
  const row = await trx.prepare('SELECT kind, bank_id, access_point_id FROM standing_orders WHERE id = ? AND site_id = ? AND ended_at IS NULL').get(id, siteId)
  if (row === undefined) throw new Problem('notFound')
  const kind = row['kind'] === 'lockdown' || row['kind'] === 'evacuation' ? row['kind'] : 'hold'
  if (kind !== 'hold' && !mayEndAll) throw new Problem('notAllowed')
  const place = await placeOf(trx, siteId, row['bank_id'] === null ? null : String(row['bank_id']), row['access_point_id'] === null ? null : String(row['access_point_id']), true)
  const now = house.clock()
  await trx.prepare('UPDATE standing_orders SET ended_at = ? WHERE id = ?').run(now, id)
  const changed = await settleStanding(trx, siteId)
  house.audit.append(trx, now, { event: over[kind], actor, accessPoint: place.accessPoint, details: { orderId: id, place: place.name, why: reason, accessPoints: changed.accessPointIds.length } })
  tellAll(trx, house, changed.accessPointIds)
}

function tellAll (trx: Trx, house: House, accessPointIds: readonly string[]): void {
  trx.after(() => {
    followOrders(house).catch((error: unknown) => { house.log.error('controllers could not be told of an order', { error }) })
    if (accessPointIds.length === 0 || accessPointIds.length > MOST_TOLD) return
    tellStates(house, { accessPointIds }).catch((error: unknown) => { house.log.error('a state could not be told', { error }) })
  })
}

/** @param isKnown it was there when the order began, and may be removed by now */
async function placeOf (trx: Trx, siteId: string, bankId: string | null, accessPointId: string | null, isKnown = false): Promise<Place> {
  const [table, id] = accessPointId !== null ? ['access_points', accessPointId] : bankId !== null ? ['banks', bankId] : ['sites', siteId]
  const row = await trx.prepare(`SELECT * FROM ${table} WHERE id = ?`).get(id)
  const isHere = row !== undefined && (row['site_id'] ?? siteId) === siteId && (isKnown || (row['removed_at'] ?? null) === null)
  if (!isHere) throw new Problem('notFound')
  const name = String(row['name'])
  return { name, bankId, accessPoint: accessPointId === null ? null : { id: accessPointId, name } }
}

async function hasDoor (trx: Trx, siteId: string, bankId: string | undefined, accessPointId: string | undefined): Promise<boolean> {
  const row = await trx.prepare("SELECT 1 AS found FROM access_points WHERE site_id = ? AND kind = 'door' AND removed_at IS NULL AND (? = '' OR bank_id = ?) AND (? = '' OR id = ?) LIMIT 1")
    .get(siteId, bankId ?? '', bankId ?? '', accessPointId ?? '', accessPointId ?? '')
  return row !== undefined
}
