import type { House } from '../house.ts'
import { sendMessage } from '../notify/send.ts'
import type { Trx } from '../platform/db.ts'
import type { Named } from '../audit/append.ts'

/** Whose second factors they are. */
export type Owner = { id: string, name: string, email: string }

export type FactorEvent = 'authenticator added' | 'authenticator removed' | 'passkey added' | 'passkey removed' | 'recovery codes renewed' | 'recovery code used' | 'second factors removed'

const sentences: Record<FactorEvent, string> = {
  'authenticator added': 'an authenticator app was added to your account. From now on your password alone no longer signs you in.',
  'authenticator removed': 'the authenticator app was taken off your account.',
  'passkey added': 'a passkey was added to your account. From now on your password alone no longer signs you in.',
  'passkey removed': 'a passkey was taken off your account.',
  'recovery codes renewed': 'new recovery codes were made for your account. The earlier ones are worth nothing any more.',
  'recovery code used': 'a recovery code was used to prove that it is you. It does not work again.',
  'second factors removed': 'all second factors were taken off your account by an administrator. From now on your password is enough to sign in.'
}

/** Puts a change of second factors on record and tells their owner, in case it was not their wish. `ended`: sessions elsewhere that it ended. */
export async function tellFactor (trx: Trx, house: House, owner: Owner, what: FactorEvent, { by = owner, ended = 0 }: { by?: Named, ended?: number } = {}): Promise<void> {
  house.audit.append(trx, house.clock(), { event: 'person.changed', actor: { id: by.id, name: by.name }, subject: { id: owner.id, name: owner.name }, details: { secondFactor: what } })
  await sendMessage(trx, house, {
    person: owner, subject: 'The security of your account was changed', dedupeKey: `factor:${house.newId()}`,
    text: `Hello ${owner.name},\n\n${sentences[what]}${ended === 0 ? '' : ` You were signed out everywhere else (${ended}), as those sessions began without it.`}\n\nIf it was not you, change your password and sign out everywhere at once, and tell your operator:\n\n${house.link('/me/security')}`
  })
}

/** Name and address of somebody, as this write sees them. */
export async function ownerOf (trx: Trx, personId: string): Promise<Owner> {
  const { id, name, email } = await trx.sql.selectFrom('people').select(['id', 'name', 'email']).where('id', '=', personId).executeTakeFirstOrThrow()
  return { id, name, email }
}
