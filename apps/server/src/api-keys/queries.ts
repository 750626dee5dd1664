import type { ApiKey, KeyScope } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'

const MOST_SHOWN = 200

/** A site's keys, the newest first, without their secrets. */
export async function findApiKeys (house: House, siteId: string): Promise<ApiKey[]> {
  const rows = await house.db.read.selectFrom('api_keys').select(['id', 'name', 'scopes', 'made_by', 'created_at', 'last_used_at', 'revoked_at', 'ends_at', 'previous_until', 'prefix'])
    .where('site_id', '=', siteId).orderBy('created_at', 'desc').orderBy('id', 'desc').limit(MOST_SHOWN).execute()
  const now = house.clock()
  return rows.map((row) => ({
    // We wrote these words ourselves, from the same list.
    id: row.id, name: row.name, scopes: row.scopes.split(' ') as KeyScope[], madeBy: row.made_by, createdAt: row.created_at, lastUsedAt: row.last_used_at, revokedAt: row.revoked_at, expiresAt: row.ends_at, prefix: row.prefix,
    previousUntil: row.revoked_at === null && row.previous_until !== null && row.previous_until > now ? row.previous_until : null
  }))
}
