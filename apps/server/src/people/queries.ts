import type { Person } from '@oncekey/protocol/schemas'
import { sql } from 'kysely'
import type { House } from '../house.ts'

/** The people of a site in order of name, or one of them. */
export async function findPeople (house: House, siteId: string, personId?: string): Promise<Person[]> {
  const now = house.clock()
  const rows = await house.db.read.selectFrom('people as p')
    .select(['p.id', 'p.name', 'p.email', 'p.role', 'p.last_seen_at', 'p.created_at', 'p.suspended_at'])
    .select([
      sql<number>`CASE WHEN p.password_hash IS NULL THEN 1 ELSE 0 END`.as('invited'),
      sql<number>`(SELECT count(DISTINCT g.access_point_id) FROM grants g WHERE g.person_id = p.id AND g.ended_at IS NULL
        AND (g.starts_at IS NULL OR g.starts_at <= ${now}) AND (g.ends_at IS NULL OR g.ends_at > ${now}))`.as('grants'),
      sql<number>`(SELECT count(*) FROM codes c WHERE c.holder_id = p.id AND c.state = 'issued' AND c.expires_at > ${now})`.as('codes'),
      sql<number>`(SELECT count(*) FROM sessions s WHERE s.person_id = p.id AND s.ends_at > ${now} AND s.last_seen_at + s.idle_ms > ${now})`.as('sessions')
    ])
    .where('p.site_id', '=', siteId).where('p.removed_at', 'is', null)
    .$if(personId !== undefined, (query) => query.where('p.id', '=', personId ?? ''))
    .orderBy(sql`lower(p.name)`).orderBy('p.id').execute()
  return rows.map((row) => ({
    id: row.id, name: row.name, email: row.email, role: row.role,
    state: row.suspended_at !== null ? 'suspended' : row.invited === 1 ? 'invited' : 'active',
    grants: row.grants, liveCodes: row.codes, sessions: row.sessions, lastSeen: row.last_seen_at, createdAt: row.created_at
  }))
}
