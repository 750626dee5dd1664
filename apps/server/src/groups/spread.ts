import { revokeCodes } from '../codes/revoke.ts'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import type { Tables } from '../platform/tables.ts'

/** What one step may give or take: a write holds up the doors of others. */
const MOST_AT_ONCE = 20_000
/** Rows of one statement: far from the most values that either database takes. */
const ROWS = 400

export type GroupGrantRow = Pick<Tables['people_group_grants'], 'id' | 'group_id' | 'starts_at' | 'ends_at' | 'schedule' | 'max_uses' | 'given_by'>

/** What of a group's access holds, and for which access points. */
export async function grantedTo (trx: Trx, groupId: string): Promise<{ grant: GroupGrantRow, pointIds: string[] }[]> {
  const grants = await trx.sql.selectFrom('people_group_grants').selectAll().where('group_id', '=', groupId).where('ended_at', 'is', null).orderBy('id').execute()
  const granted: { grant: GroupGrantRow, pointIds: string[] }[] = []
  for (const grant of grants) granted.push({ grant, pointIds: grant.access_point_id === null ? await pointsOfBank(trx, grant.bank_id ?? '') : [grant.access_point_id] })
  return granted
}

export async function pointsOfBank (trx: Trx, bankId: string): Promise<string[]> {
  return (await trx.sql.selectFrom('access_points').select('id').where('bank_id', '=', bankId).where('removed_at', 'is', null).orderBy('id').execute()).map((row) => row.id)
}

export async function membersOf (trx: Trx, groupId: string): Promise<string[]> {
  return (await trx.sql.selectFrom('people_group_members').select('person_id').where('group_id', '=', groupId).orderBy('person_id').execute()).map((row) => row.person_id)
}

/**
 * Gives each of these people a grant of their own for each access point of a group's access. Openings that somebody had under it
 * before stay counted: who leaves and joins again has no more of them.
 * @returns how many grants @throws Problem tooLarge
 */
export async function spread (trx: Trx, house: House, granted: readonly { grant: GroupGrantRow, pointIds: readonly string[] }[], personIds: readonly string[]): Promise<number> {
  const now = house.clock()
  const count = personIds.length * granted.reduce((sum, { pointIds }) => sum + pointIds.length, 0)
  if (count > MOST_AT_ONCE) throw new Problem('tooLarge', { detail: `That would be ${count} times access for somebody in one step; ${MOST_AT_ONCE} is the most. Add people or access points in smaller steps.` })
  for (const { grant, pointIds } of granted) {
    const had = grant.max_uses === null ? new Map<string, number>() : await usesBefore(trx, grant.id)
    const rows = personIds.flatMap((personId) => pointIds.map((pointId) => ({
      id: house.newId(), person_id: personId, access_point_id: pointId, starts_at: grant.starts_at, ends_at: grant.ends_at, given_by: grant.given_by, created_at: now, ended_at: null,
      schedule: grant.schedule, max_uses: grant.max_uses, uses: had.get(`${personId} ${pointId}`) ?? 0, group_grant_id: grant.id
    })))
    for (let at = 0; at < rows.length; at += ROWS) await trx.sql.insertInto('grants').values(rows.slice(at, at + ROWS)).execute()
  }
  return count
}

async function usesBefore (trx: Trx, groupGrantId: string): Promise<Map<string, number>> {
  const rows = await trx.sql.selectFrom('grants').select(['person_id', 'access_point_id', (eb) => eb.fn.max('uses').as('uses')]).where('group_grant_id', '=', groupGrantId).where('uses', '>', 0).groupBy(['person_id', 'access_point_id']).execute()
  return new Map(rows.map((row) => [`${row.person_id} ${row.access_point_id}`, Number(row.uses)]))
}

/**
 * Takes back what came by a group's access, from all or from one of its people, and ends the live codes under it at once.
 * @returns how many codes ended
 */
export async function takeBack (trx: Trx, house: House, groupGrantIds: readonly string[], actor: Named, personId?: string): Promise<number> {
  let codes = 0
  for (const groupGrantId of groupGrantIds) {
    let live = trx.sql.selectFrom('codes as c').innerJoin('grants as g', 'g.id', 'c.grant_id').select('g.id').distinct().where('g.group_grant_id', '=', groupGrantId).where('g.ended_at', 'is', null).where('c.state', '=', 'issued')
    let ending = trx.sql.updateTable('grants').set({ ended_at: house.clock() }).where('group_grant_id', '=', groupGrantId).where('ended_at', 'is', null)
    if (personId !== undefined) {
      live = live.where('g.person_id', '=', personId)
      ending = ending.where('person_id', '=', personId)
    }
    for (const { id } of await live.execute()) codes += await revokeCodes(trx, house, { grantId: id }, actor)
    await ending.execute()
  }
  return codes
}

/** An access point is new in its bank: groups that may open the whole bank may open it, too. @returns how many grants */
export async function spreadToPoint (trx: Trx, house: House, { bankId, pointId }: { bankId: string | null, pointId: string }): Promise<number> {
  if (bankId === null) return 0
  let given = 0
  for (const grant of await trx.sql.selectFrom('people_group_grants').selectAll().where('bank_id', '=', bankId).where('ended_at', 'is', null).execute()) {
    given += await spread(trx, house, [{ grant, pointIds: [pointId] }], await membersOf(trx, grant.group_id))
  }
  return given
}

/** An access point is gone: what groups were given for it alone has ended. */
export async function forgetPoint (trx: Trx, house: House, pointId: string): Promise<void> {
  await trx.sql.updateTable('people_group_grants').set({ ended_at: house.clock() }).where('access_point_id', '=', pointId).where('ended_at', 'is', null).execute()
}

/** Somebody is gone: they are in no group any more. */
export async function forgetMember (trx: Trx, personId: string): Promise<void> {
  await trx.sql.deleteFrom('people_group_members').where('person_id', '=', personId).execute()
}
