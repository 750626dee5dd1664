import type { InboxMessage } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'

const MOST_SHOWN = 200

/** A person's messages, the newest first. Sealed texts stay sealed. */
export async function findInbox (house: House, personId: string): Promise<InboxMessage[]> {
  const now = house.clock()
  const rows = await house.db.read.selectFrom('inbox as i').leftJoin('codes as c', 'c.id', 'i.code_id')
    .select(['i.id', 'i.created_at', 'i.subject', 'i.text', 'i.code_id', 'i.read_at', 'i.gone_at', 'c.expires_at'])
    .where('i.person_id', '=', personId).orderBy('i.created_at', 'desc').orderBy('i.id', 'desc').limit(MOST_SHOWN).execute()
  return rows.map((row) => ({
    id: row.id, createdAt: row.created_at, subject: row.subject, text: row.text, hasCode: row.code_id !== null, readAt: row.read_at,
    // A code that expired a moment ago may not have been swept yet.
    goneAt: row.gone_at ?? (row.expires_at !== null && row.expires_at <= now ? row.expires_at : null)
  }))
}
