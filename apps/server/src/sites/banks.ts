import type { BankChange } from '@oncekey/protocol/schemas'
import { sql } from 'kysely'
import type { Named } from '../audit/append.ts'
import { settingsChanged } from '../controllers/settings.ts'
import { endGrantsOfBank } from '../groups/change.ts'
import { pointsOfBank } from '../groups/spread.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { checkSeen } from '../platform/seen.ts'
import { addAccessPoint, removeAccessPoints, type Measures } from './access-points.ts'

/** Adds an empty bank. @returns its id @throws Problem alreadyExists */
export async function addBank (trx: Trx, house: House, order: { siteId: string, name: string, range?: string }, actor: Named): Promise<string> {
  await checkNameIsFree(trx, order)
  const now = house.clock()
  const id = house.newId()
  await trx.sql.insertInto('banks').values({ id, site_id: order.siteId, name: order.name, created_at: now }).execute()
  house.audit.append(trx, now, { event: 'bank.added', actor, details: { bankId: id, name: order.name, ...(order.range === undefined ? {} : { range: order.range.slice(0, 200) }) } })
  return id
}

/** Gives a bank another name. @throws Problem notFound, alreadyExists, changedMeanwhile */
export async function renameBank (trx: Trx, house: House, order: { siteId: string, id: string } & BankChange, actor: Named): Promise<void> {
  const bank = await bankOf(trx, order.siteId, order.id)
  if (bank.name === order.name) return
  checkSeen(bank.name, order.nameBefore)
  await checkNameIsFree(trx, order, bank.id)
  await trx.sql.updateTable('banks').set({ name: order.name }).where('id', '=', bank.id).execute()
  house.audit.append(trx, house.clock(), { event: 'bank.renamed', actor, details: { bankId: bank.id, name: order.name, nameBefore: bank.name } })
}

/**
 * Removes a bank with its compartments: what groups were given for it ends, and grants, live codes and pins of each
 * compartment. Its history stays, and its name is free. A lockdown must not vanish with the place that it holds.
 * @throws Problem notFound, heldByOrder, namedInRule
 */
export async function removeBank (trx: Trx, house: House, order: { siteId: string, id: string }, actor: Named): Promise<void> {
  const bank = await bankOf(trx, order.siteId, order.id)
  const ids = await pointsOfBank(trx, bank.id)
  const now = house.clock()
  await removeAccessPoints(trx, house, { siteId: order.siteId, ids, bankId: bank.id }, actor)
  await endGrantsOfBank(trx, house, order.siteId, bank.id, actor)
  await trx.sql.updateTable('banks').set({ removed_at: now }).where('id', '=', bank.id).execute()
  house.audit.append(trx, now, { event: 'bank.removed', actor, details: { bankId: bank.id, name: bank.name, compartments: ids.length } })
}

/**
 * Adds compartments to a bank, in this order. They take the next locks of the bank's controller while it has any; the
 * others have none until a controller is claimed for them.
 * @returns their ids @throws Problem notFound for an unknown bank, alreadyExists for a name it has
 */
export async function addCompartments (trx: Trx, house: House, order: { siteId: string, bankId: string, names: readonly string[], measures?: (name: string) => Measures }, actor: Named): Promise<string[]> {
  const bank = await bankOf(trx, order.siteId, order.bankId)
  const { free, controllerId } = await freeLocks(trx, bank.id)
  let lock = await lastLock(trx, bank.id)
  const ids: string[] = []
  for (const name of order.names) {
    const own = free.shift()
    const place = own === undefined ? { controllerId: null, lock: ++lock } : { controllerId, lock: own }
    ids.push(await addAccessPoint(trx, house, { siteId: order.siteId, bankId: bank.id, kind: 'compartment', name, ...place, ...order.measures?.(name) }, actor))
  }
  if (controllerId !== null) await settingsChanged(trx, house, controllerId)
  return ids
}

async function bankOf (trx: Trx, siteId: string, id: string): Promise<{ id: string, name: string }> {
  const bank = await trx.sql.selectFrom('banks').select(['id', 'name']).where('id', '=', id).where('site_id', '=', siteId).where('removed_at', 'is', null).executeTakeFirst()
  if (bank === undefined) throw new Problem('notFound')
  return bank
}

async function checkNameIsFree (trx: Trx, { siteId, name }: { siteId: string, name: string }, exceptId = ''): Promise<void> {
  const taken = await trx.sql.selectFrom('banks').select('id').where('site_id', '=', siteId).where(sql`lower(name)`, '=', sql`lower(${name})`).where('removed_at', 'is', null).where('id', '<>', exceptId).executeTakeFirst()
  if (taken !== undefined) throw new Problem('alreadyExists', { detail: `There is a bank "${name}" already.` })
}

/** Locks of the bank's controller that nothing uses; none when the bank has no controller. */
async function freeLocks (trx: Trx, bankId: string): Promise<{ controllerId: string | null, free: number[] }> {
  const controller = await trx.sql.selectFrom('access_points as a').innerJoin('controllers as c', 'c.id', 'a.controller_id').select(['c.id', 'c.locks'])
    .where('a.bank_id', '=', bankId).where('a.removed_at', 'is', null).where('c.removed_at', 'is', null).orderBy('a.created_at', 'desc').limit(1).executeTakeFirst()
  if (controller === undefined) return { controllerId: null, free: [] }
  const used = new Set((await trx.sql.selectFrom('access_points').select('lock').where('controller_id', '=', controller.id).where('removed_at', 'is', null).execute()).map((row) => row.lock))
  return { controllerId: controller.id, free: Array.from({ length: controller.locks }, (_, i) => i + 1).filter((lock) => !used.has(lock)) }
}

/** The highest lock number of a bank: compartments without a controller are numbered as they come. */
async function lastLock (trx: Trx, bankId: string): Promise<number> {
  const row = await trx.sql.selectFrom('access_points').select((eb) => eb.fn.max('lock').as('lock')).where('bank_id', '=', bankId).where('removed_at', 'is', null).executeTakeFirst()
  return row?.lock ?? 0
}
