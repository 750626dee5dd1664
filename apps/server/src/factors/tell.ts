import type { House } from '../house.ts'
import type { FactorEvent } from '../notify/letters/all.ts'
import { writeTo } from '../notify/write.ts'
import type { Trx } from '../platform/db.ts'
import type { Doer } from '../audit/append.ts'

/** Whose second factors they are. */
export type Owner = { id: string, name: string, email: string }

/** Puts a change of second factors on record and tells their owner, in case it was not their wish. `ended`: sessions elsewhere that it ended. */
export async function tellFactor (trx: Trx, house: House, owner: Owner, what: FactorEvent, { by = owner, ended = 0 }: { by?: Doer, ended?: number } = {}): Promise<void> {
  house.audit.append(trx, house.clock(), { event: 'person.changed', actor: { id: by.id, name: by.name }, subject: { id: owner.id, name: owner.name }, details: { secondFactor: what } })
  const link = house.link('/me/security')
  await writeTo(trx, house, { person: owner, dedupeKey: `factor:${house.newId()}`, letter: (letters) => letters.factor({ name: owner.name, what, ended, link }) })
}

/** Name and address of somebody, as this write sees them. */
export async function ownerOf (trx: Trx, personId: string): Promise<Owner> {
  const { id, name, email } = await trx.sql.selectFrom('people').select(['id', 'name', 'email']).where('id', '=', personId).executeTakeFirstOrThrow()
  return { id, name, email }
}
