import type { GrantForm } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'

/**
 * Gives a person access to each named access point. A grant that is there already with the same window is not given a
 * second time.
 * @returns ids of the grants, one for each access point in the order named
 * @throws Problem notFound for an unknown person or access point; badRequest for a window that ends before it begins or has ended
 */
export async function giveGrants (trx: Trx, house: House, siteId: string, form: GrantForm, actor: Named): Promise<string[]> {
  const now = house.clock()
  const startsAt = form.startsAt ?? null
  const endsAt = form.endsAt ?? null
  if (endsAt !== null && endsAt <= Math.max(now, startsAt ?? 0)) {
    throw new Problem('badRequest', { errors: [{ field: 'endsAt', needs: { en: startsAt !== null && endsAt <= startsAt ? 'lies after startsAt' : 'lies in the future', de: startsAt !== null && endsAt <= startsAt ? 'Das Ende muss nach dem Anfang liegen.' : 'Das Ende muss noch kommen.' } }] })
  }
  const person = await trx.sql.selectFrom('people').select(['id', 'name']).where('id', '=', form.personId).where('site_id', '=', siteId).where('removed_at', 'is', null).executeTakeFirst()
  if (person === undefined) throw new Problem('notFound')
  const ids: string[] = []
  for (const accessPointId of new Set(form.accessPointIds)) {
    const point = await trx.sql.selectFrom('access_points').select(['id', 'name']).where('id', '=', accessPointId).where('site_id', '=', siteId).where('removed_at', 'is', null).executeTakeFirst()
    if (point === undefined) throw new Problem('notFound')
    const same = await trx.sql.selectFrom('grants').select('id').where('person_id', '=', person.id).where('access_point_id', '=', point.id).where('ended_at', 'is', null)
      .where('starts_at', startsAt === null ? 'is' : '=', startsAt).where('ends_at', endsAt === null ? 'is' : '=', endsAt).executeTakeFirst()
    if (same !== undefined) {
      ids.push(same.id)
      continue
    }
    const id = house.newId()
    await trx.sql.insertInto('grants').values({
      id, person_id: person.id, access_point_id: point.id, starts_at: startsAt, ends_at: endsAt, given_by: actor.id, created_at: now, ended_at: null
    }).execute()
    house.audit.append(trx, now, { event: 'grant.given', actor, subject: person, accessPoint: point, details: { grantId: id, startsAt, endsAt } })
    ids.push(id)
  }
  return ids
}
