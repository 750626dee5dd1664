import type { Ended } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { letters } from '../notify/letters/all.ts'
import { sendMail } from '../notify/send.ts'
import type { Named } from '../audit/append.ts'
import type { Actor } from '../people/authority.ts'
import { removePerson } from '../people/change.ts'
import type { Trx } from '../platform/db.ts'
import { forgetConversationsOf } from '../support/forget.ts'

/**
 * Deletes one's own account: everything ends as when an operator removes somebody, and what is kept of them beside the
 * record goes: address, user name, messages, where codes went. The name stays in the record of what happened, which
 * nobody can change, and so does which codes they had for which door. A last word goes to the address.
 * @throws Problem lastOwner
 */
export async function leave (trx: Trx, house: House, me: Actor & Named): Promise<Ended> {
  const { email, name, language, message_language } = await trx.sql.selectFrom('people').innerJoin('sites', 'sites.id', 'people.site_id').select(['people.email', 'people.name', 'people.language', 'sites.message_language']).where('people.id', '=', me.id).executeTakeFirstOrThrow()
  const ended = await removePerson(trx, house, me.id, me)
  await trx.prepare("DELETE FROM outbox WHERE state <> 'waiting' AND (person_id = ? OR challenge_id IN (SELECT id FROM challenges WHERE person_id = ?))").run(me.id, me.id)
  // Codes of doors are mailed to addresses, whoever has them.
  await trx.prepare("DELETE FROM outbox WHERE state <> 'waiting' AND recipient = ? AND challenge_id IN (SELECT id FROM door_codes)").run(email)
  await forgetConversationsOf(trx, me.id)
  // The rows stay until their time is over: whoever else asked for a code is not to learn that somebody left.
  await trx.prepare("UPDATE challenges SET recipient = '' WHERE person_id = ?").run(me.id)
  await trx.prepare("UPDATE people SET email = '', username = NULL, last_seen_at = NULL WHERE id = ?").run(me.id)
  await sendMail(trx, house, { address: email, ...letters[language ?? message_language].left(name), dedupeKey: `left:${me.id}` })
  return ended
}
