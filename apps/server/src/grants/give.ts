import type { GrantForm, Schedule } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { inAll } from '../platform/needs/all.ts'
import { Problem } from '../platform/problems.ts'

/**
 * Gives a person access to each named access point. A grant that is there already with the same window, schedule and number of openings is not
 * given a second time.
 * @returns ids of the grants, one for each access point in the order named
 * @throws Problem notFound for an unknown person or access point; badRequest for a window that ends before it begins or has ended
 */
export async function giveGrants (trx: Trx, house: House, siteId: string, form: GrantForm, actor: Named): Promise<string[]> {
  const now = house.clock()
  const startsAt = form.startsAt ?? null
  const endsAt = form.endsAt ?? null
  const schedule = scheduleText(form.schedule)
  const maxUses = form.maxUses ?? null
  checkWindow(now, startsAt, endsAt)
  const person = await trx.sql.selectFrom('people').select(['id', 'name']).where('id', '=', form.personId).where('site_id', '=', siteId).where('removed_at', 'is', null).executeTakeFirst()
  if (person === undefined) throw new Problem('notFound')
  const ids: string[] = []
  for (const accessPointId of new Set(form.accessPointIds)) {
    const point = await trx.sql.selectFrom('access_points').select(['id', 'name']).where('id', '=', accessPointId).where('site_id', '=', siteId).where('removed_at', 'is', null).executeTakeFirst()
    if (point === undefined) throw new Problem('notFound')
    const same = await trx.sql.selectFrom('grants').select('id').where('person_id', '=', person.id).where('access_point_id', '=', point.id).where('ended_at', 'is', null).where('group_grant_id', 'is', null)
      .where('starts_at', startsAt === null ? 'is' : '=', startsAt).where('ends_at', endsAt === null ? 'is' : '=', endsAt)
      .where('schedule', schedule === null ? 'is' : '=', schedule).where('max_uses', maxUses === null ? 'is' : '=', maxUses).executeTakeFirst()
    if (same !== undefined) {
      ids.push(same.id)
      continue
    }
    const id = house.newId()
    await trx.sql.insertInto('grants').values({
      id, person_id: person.id, access_point_id: point.id, starts_at: startsAt, ends_at: endsAt, given_by: actor.id, created_at: now, ended_at: null, schedule, max_uses: maxUses
    }).execute()
    house.audit.append(trx, now, { event: 'grant.given', actor, subject: person, accessPoint: point, details: { grantId: id, startsAt, endsAt, ...schedule !== null && { schedule }, ...maxUses !== null && { maxUses } } })
    ids.push(id)
  }
  return ids
}

/** @throws Problem badRequest for a window that ends before it begins or has ended */
export function checkWindow (now: number, startsAt: number | null, endsAt: number | null): void {
  if (endsAt !== null && endsAt <= Math.max(now, startsAt ?? 0)) {
    throw new Problem('badRequest', { errors: [{ field: 'endsAt', needs: inAll((needs) => startsAt !== null && endsAt <= startsAt ? needs.afterStart : needs.inFuture) }] })
  }
}

/** As the column has it. */
export function scheduleText (schedule: Schedule | null | undefined): string | null {
  return schedule ? JSON.stringify(inOrder(schedule)) : null
}

/** The same schedule is the same text: days in order, and nothing but what belongs there. */
function inOrder ({ hours, alsoOnHolidays }: Schedule): Schedule {
  return { hours: hours.map(({ days, fromMinute, toMinute }) => ({ days: [...days].sort((a, b) => a - b), fromMinute, toMinute })), alsoOnHolidays }
}
