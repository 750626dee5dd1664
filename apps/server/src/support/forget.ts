import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'

/** So long after the last word of a closed conversation it is of no use to anybody: half a year. */
const KEPT_MS = 183 * 86_400_000
const MOST_AT_ONCE = 200

/** Removes conversations whole; the record still says that there were some. */
export async function forgetConversation (trx: Trx, id: string): Promise<void> {
  await trx.prepare('DELETE FROM conversation_messages WHERE conversation_id = ?').run(id)
  await trx.prepare('DELETE FROM conversations WHERE id = ?').run(id)
}

/** Those of somebody who deletes their account. */
export async function forgetConversationsOf (trx: Trx, personId: string): Promise<void> {
  for (const row of await trx.prepare('SELECT id FROM conversations WHERE person_id = ?').all(personId)) await forgetConversation(trx, String(row['id']))
}

/** Those that were closed long ago. */
export async function forgetClosed (house: House): Promise<void> {
  for (;;) {
    const due = await house.db.read.selectFrom('conversations').select('id').where('state', '=', 'closed').where('last_at', '<', house.clock() - KEPT_MS).limit(MOST_AT_ONCE).execute()
    if (due.length === 0) return
    await house.db.write(async (trx) => {
      for (const { id } of due) await forgetConversation(trx, id)
    })
  }
}
