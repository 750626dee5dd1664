import type { Language } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { letters, type Wording } from './letters/all.ts'
import { sendMail, sendMessage, type Message } from './send.ts'

type Written<Sent> = Omit<Sent, 'subject' | 'text'> & { letter: Wording }

/** Writes to a person, as `sendMessage` does, in the language that they chose, or the site's. */
export async function writeTo (trx: Trx, house: House, { letter, ...message }: Written<Message>): Promise<void> {
  const row = await trx.sql.selectFrom('people').innerJoin('sites', 'sites.id', 'people.site_id').select(['people.language', 'sites.message_language']).where('people.id', '=', message.person.id).executeTakeFirst()
  const language = row?.language ?? row?.message_language ?? 'en'
  await sendMessage(trx, house, { ...message, ...letter(letters[language], language) })
}

/** Writes to an address that need not be a person's, in the site's language. */
export async function writeToAddress (trx: Trx, house: House, { letter, ...message }: Written<Parameters<typeof sendMail>[2]>): Promise<void> {
  const language = await languageOfSite(trx)
  await sendMail(trx, house, { ...message, ...letter(letters[language], language) })
}

/** Tells every owner and administrator, each once for one `dedupeKey`: lockouts, questions to support. */
export async function tellAdministrators (trx: Trx, house: House, { letter, dedupeKey, thread }: { letter: Wording, dedupeKey: string, thread?: string }): Promise<void> {
  const people = await trx.sql.selectFrom('people').select(['id', 'name', 'email', 'language']).where('role', 'in', ['owner', 'admin'])
    .where('removed_at', 'is', null).where('suspended_at', 'is', null).execute()
  const usual = await languageOfSite(trx)
  for (const { language, ...person } of people) {
    await sendMessage(trx, house, { person, ...letter(letters[language ?? usual], language ?? usual), dedupeKey: `${dedupeKey}:${person.id}`, ...thread !== undefined && { thread } })
  }
}

/** The one that an operator chose for messages to people who have chosen none. */
async function languageOfSite (trx: Trx): Promise<Language> {
  return (await trx.sql.selectFrom('sites').select('message_language').orderBy('created_at').limit(1).executeTakeFirst())?.message_language ?? 'en'
}
