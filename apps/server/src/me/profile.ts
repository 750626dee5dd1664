import type { MyChange } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { writeTo } from '../notify/write.ts'
import { checkUsernameIsFree } from '../people/add.ts'
import { listPerson } from '../people/listing.ts'
import type { Trx } from '../platform/db.ts'
import { perHouse } from '../platform/per-house.ts'
import { countTries } from '../platform/tries.ts'

/** Whoever asks for a user name learns whether somebody has it: that is not to become a list of them. */
const namesAskedOf = perHouse((house: House) => countTries({ most: 10, windowMs: 3_600_000, longestMs: 86_400_000, clock: house.clock }))

/**
 * Changes what one is called, and in which language one is written to. A new user name signs in, so the address is told of it.
 * @throws Problem alreadyExists on `username`; tooManyTries after ten user names in an hour
 */
export async function changeMe (trx: Trx, house: House, personId: string, change: MyChange): Promise<void> {
  const person = await trx.sql.selectFrom('people').select(['id', 'name', 'email', 'username', 'language']).where('id', '=', personId).executeTakeFirstOrThrow()
  const name = change.name?.trim() ?? person.name
  const username = change.username ?? person.username
  const language = change.language ?? person.language
  const details: Record<string, string | null> = {}
  if (name !== person.name) Object.assign(details, { nameBefore: person.name, name })
  if (username !== person.username) {
    await checkUsernameIsFree(trx, username ?? '', person.id)
    Object.assign(details, { usernameBefore: person.username, username })
  }
  if (language !== person.language) Object.assign(details, { languageBefore: person.language, language })
  if (Object.keys(details).length === 0) return
  await trx.sql.updateTable('people').set({ name, username, language }).where('id', '=', person.id).execute()
  await listPerson(trx, person.id)
  const who = { id: person.id, name }
  house.audit.append(trx, house.clock(), { event: 'person.changed', actor: who, subject: who, details })
  if (username === person.username) return
  await writeTo(trx, house, { person: { ...person, name }, dedupeKey: `username:${house.newId()}`, letter: (letters) => letters.username({ name, username: username ?? '' }) })
}

/** Counts a user name that somebody asks for. @throws Problem tooManyTries beyond ten in an hour */
export function countName (house: House, personId: string, change: MyChange): void {
  if (change.username !== undefined) namesAskedOf(house).take(personId)
}
