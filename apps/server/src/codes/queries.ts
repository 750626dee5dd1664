import { offlineClasses } from '@oncekey/otp/offline'
import { opensAt } from '@oncekey/protocol/access'
import type { AccessPoint, Code, MyAccess } from '@oncekey/protocol/schemas'
import { askedOf } from '../doors/approvers.ts'
import { calendarOf, scheduleFrom } from '../grants/facts.ts'
import type { House } from '../house.ts'
import { forHolders, statesOf } from '../live/states.ts'
import { maskAddress } from '../notify/mask.ts'
import { atReader } from '../access/reader.ts'
import { askedFor, mayGetCodeAt } from './allowance.ts'
import { slotStart } from './offline.ts'

const MOST_CODES = 200

export type CodeFilter = { siteId: string, personId?: string | undefined, accessPointId?: string | undefined, codeIds?: readonly string[] }

/** Codes with their deliveries, newest first; never digits. */
export async function findCodes (house: House, { siteId, personId, accessPointId, codeIds }: CodeFilter): Promise<Code[]> {
  let query = house.db.read.selectFrom('codes as c').innerJoin('access_points as a', 'a.id', 'c.access_point_id').innerJoin('sites as s', 's.id', 'a.site_id')
    .leftJoin('banks as b', 'b.id', 'a.bank_id').leftJoin('offline_codes as o', 'o.code_id', 'c.id').innerJoin('people as h', 'h.id', 'c.holder_id').innerJoin('people as i', 'i.id', 'c.issued_by')
    .select(['c.id', 'c.access_point_id', 'a.name as point', 's.name as site', 'b.name as bank', 'c.holder_id', 'h.name as holder', 'i.name as issuer', 'c.state',
      'c.created_at', 'c.valid_from', 'c.expires_at', 'c.opened_at', 'o.kind', 'o.slot'])
    .where('a.site_id', '=', siteId).orderBy('c.created_at', 'desc').orderBy('c.id', 'desc').limit(MOST_CODES)
  if (personId !== undefined) query = query.where('c.holder_id', '=', personId)
  if (accessPointId !== undefined) query = query.where('c.access_point_id', '=', accessPointId)
  if (codeIds !== undefined) query = query.where('c.id', 'in', codeIds)
  const rows = await query.execute()
  const deliveries = await deliveriesOf(house, rows.map((row) => row.id))
  return rows.map((row) => ({
    id: row.id, accessPointId: row.access_point_id, accessPointName: row.point, place: row.bank ?? row.site, holderId: row.holder_id, holderName: row.holder,
    issuedBy: row.issuer, state: row.state, createdAt: row.created_at, validFrom: row.valid_from, expiresAt: row.expires_at, openedAt: row.opened_at,
    offline: row.kind === null || row.slot === null ? null : { firstUseUntil: slotStart(row.slot + offlineClasses[row.kind]!.firstUse), opensOnce: row.kind === 0 },
    deliveries: deliveries.get(row.id) ?? []
  }))
}

/** The holder's home: what they may open now, its state, the code in hand. */
export async function findAccess (house: House, personId: string, siteId: string): Promise<MyAccess> {
  const now = house.clock()
  const grants = await house.db.read.selectFrom('grants as g').innerJoin('access_points as a', 'a.id', 'g.access_point_id').innerJoin('sites as s', 's.id', 'a.site_id')
    .leftJoin('banks as b', 'b.id', 'a.bank_id').leftJoin('controllers as c', 'c.id', 'a.controller_id')
    .select(['a.id', 'a.kind', 'a.name', 'a.bank_id', 'a.controller_id', 'a.lock', 's.name as site', 'b.name as bank', 'c.offline_clock', 'g.ends_at', 'g.schedule']).where('g.person_id', '=', personId).where('g.ended_at', 'is', null).where('a.removed_at', 'is', null)
    .where((eb) => eb.or([eb('g.starts_at', 'is', null), eb('g.starts_at', '<=', now)])).where((eb) => eb.or([eb('g.ends_at', 'is', null), eb('g.ends_at', '>', now)]))
    .where((eb) => eb.or([eb('g.max_uses', 'is', null), eb('g.uses', '<', eb.ref('g.max_uses'))]))
    .orderBy('b.name', (order) => order.asc().nullsFirst()).orderBy('a.name').orderBy('a.id').orderBy('g.ends_at', (order) => order.desc().nullsFirst()).execute()
  // Of several grants for one the one that lasts longest is shown.
  const rows = grants.filter((row, i) => grants[i - 1]?.id !== row.id)
  const opens = await opensNext(house, siteId, grants, now)
  const states = new Map((await statesOf(house, { accessPointIds: rows.map((row) => row.id) })).map((state) => [state.id, forHolders(state)]))
  const live = await house.db.read.selectFrom('codes').select('id').where('holder_id', '=', personId).where('state', '=', 'issued').where('expires_at', '>', now)
    // One that works without a network has a page of its own: it is not what this page's button asks for.
    .where((eb) => eb.not(eb.exists(eb.selectFrom('offline_codes').select('code_id').whereRef('code_id', '=', 'codes.id')))).execute()
  const codes = live.length === 0 ? [] : await findCodes(house, { siteId, codeIds: live.map((row) => row.id) })
  const waits = await house.db.write(async (trx) => {
    const waits = new Map<string, number>()
    for (const { id } of rows) waits.set(id, mayGetCodeAt(await askedFor(trx.prepare, personId, id, now), now))
    return waits
  }, { beside: [] })
  const owner = await house.db.read.selectFrom('people').select('email').where('site_id', '=', siteId).where('role', '=', 'owner').where('removed_at', 'is', null)
    .orderBy('created_at').limit(1).executeTakeFirst()
  return {
    contact: owner?.email ?? '', asked: await askedOf(house, personId),
    access: rows.flatMap((row) => {
      const state = states.get(row.id)
      if (state === undefined) return []
      const accessPoint: AccessPoint = {
        id: row.id, kind: row.kind, name: row.name, bankId: row.bank_id, place: row.bank ?? row.site, controllerId: row.controller_id, lock: row.lock, recipients: []
      }
      const code = codes.find((one) => one.accessPointId === row.id) ?? null
      return [{ accessPoint, state, code, mayGetCodeAt: Math.max(waits.get(row.id) ?? 0, opens.get(row.id) ?? 0), takesOffline: row.offline_clock !== null, endsAt: row.ends_at }]
    })
  }
}

/** How far ahead a page is told when a schedule holds again. */
const AHEAD_MS = 40 * 86_400_000

/** When each of these access points may be opened by the hours of its grants: 0 now. */
async function opensNext (house: House, siteId: string, grants: readonly { id: string, schedule: string | null }[], now: number): Promise<Map<string, number>> {
  const opens = new Map<string, number>()
  if (grants.every((grant) => grant.schedule === null)) return opens
  const calendar = await calendarOf(house.db.ask, siteId, now)
  for (const { id, schedule: text } of grants) {
    const schedule = scheduleFrom(text)
    const at = schedule === null ? 0 : opensAt({ schedule, ...calendar }, now, now + AHEAD_MS)
    opens.set(id, Math.min(opens.get(id) ?? Infinity, at))
  }
  return opens
}

async function deliveriesOf (house: House, codeIds: readonly string[]): Promise<Map<string, Code['deliveries']>> {
  const deliveries = new Map<string, Code['deliveries']>()
  if (codeIds.length === 0) return deliveries
  const add = (codeId: string | null, delivery: Code['deliveries'][number]): void => {
    if (codeId !== null) deliveries.set(codeId, [...deliveries.get(codeId) ?? [], delivery])
  }
  const sent = await house.db.read.selectFrom('outbox').select(['code_id', 'channel', 'recipient', 'state']).where('code_id', 'in', codeIds).execute()
  for (const one of sent) add(one.code_id, { channel: one.channel, to: maskAddress(one.recipient), state: one.state })
  const inbox = await house.db.read.selectFrom('inbox as i').innerJoin('people as p', 'p.id', 'i.person_id').select(['i.code_id', 'p.name']).where('i.code_id', 'in', codeIds).execute()
  for (const message of inbox) add(message.code_id, { channel: 'inbox', to: message.name, state: 'sent' })
  return deliveries
}

/**
 * What a write that issues a code here is about, so that it runs beside others: the reader, whose codes and budget it
 * changes; the access point, by whose earlier codes it may have to wait; who asks, whose Idempotency-Key it takes. Null
 * when no controller drives the lock.
 */
export async function subjectsOfIssue (house: House, accessPointId: string, askerId: string): Promise<string[] | null> {
  const row = await house.db.read.selectFrom('access_points').select('controller_id').where('id', '=', accessPointId).executeTakeFirst()
  return row === undefined || row.controller_id === null ? null : [atReader(row.controller_id), `access point:${accessPointId}`, `person:${askerId}`]
}
