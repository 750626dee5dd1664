import type { Revealed } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { openSecret } from './sealed.ts'

/**
 * Opens a message for its addressee, as often as they like while its code lives, and marks it read.
 * @throws Problem notFound for somebody else's message and for one whose code is used, ended or expired
 */
export async function revealMessage (trx: Trx, house: House, messageId: string, personId: string): Promise<Revealed> {
  const now = house.clock()
  const row = await trx.sql.selectFrom('inbox as i').leftJoin('codes as c', 'c.id', 'i.code_id').select(['i.text', 'i.sealed', 'c.expires_at', 'c.state'])
    .where('i.id', '=', messageId).where('i.person_id', '=', personId).executeTakeFirst()
  if (row === undefined) throw new Problem('notFound')
  if (row.text === null && (row.sealed === null || (row.expires_at !== null && row.expires_at <= now) || (row.state !== null && row.state !== 'issued'))) {
    throw new Problem('notFound', { detail: 'The code in this message is used, ended or expired.' })
  }
  await trx.prepare('UPDATE inbox SET read_at = coalesce(read_at, ?) WHERE id = ?').run(now, messageId)
  if (row.sealed === null) return { text: row.text ?? '', code: null, expiresAt: null }
  const secret = openSecret(house.seal, 'inbox', messageId, row.sealed)
  return { text: secret.text, code: secret.digits, expiresAt: secret.expiresAt }
}
