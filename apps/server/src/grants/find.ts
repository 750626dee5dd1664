import type { Kysely } from 'kysely'
import type { Tables } from '../platform/tables.ts'

export type GrantRow = Tables['grants']

/**
 * The grant by which a person may open an access point now, the one that lasts longest; null when there is none.
 * @param sql `trx.sql` inside a write, `db.read` outside
 */
export async function grantFor (sql: Kysely<Tables>, { personId, accessPointId, now }: { personId: string, accessPointId: string, now: number }): Promise<GrantRow | null> {
  const grants = await sql.selectFrom('grants').selectAll().where('person_id', '=', personId).where('access_point_id', '=', accessPointId).where('ended_at', 'is', null)
    .where((eb) => eb.or([eb('starts_at', 'is', null), eb('starts_at', '<=', now)])).where((eb) => eb.or([eb('ends_at', 'is', null), eb('ends_at', '>', now)])).execute()
  return grants.sort((a, b) => (b.ends_at ?? Number.MAX_VALUE) - (a.ends_at ?? Number.MAX_VALUE))[0] ?? null
}
