import type { House } from '../house.ts'
import { writeTo } from '../notify/write.ts'
import type { Trx } from '../platform/db.ts'

/**
 * Tells a person that strangers have used up the guesses at what signs them in: from now on even the right one reads as a wrong
 * one in browsers that they have not used before, and nobody there could say why. Once a day for each; after the answer has
 * gone, so that its time tells nobody that there is somebody.
 */
export function tellPaused (trx: Trx, house: House, personId: string, guessed: 'password' | 'mailedCode'): void {
  trx.after(() => {
    house.db.write(async (later) => {
      const person = await later.sql.selectFrom('people').select(['id', 'name', 'email']).where('id', '=', personId).where('suspended_at', 'is', null).where('removed_at', 'is', null).executeTakeFirst()
      if (person === undefined) return
      await writeTo(later, house, { person, dedupeKey: `paused:${personId}:${guessed}:${Math.floor(house.clock() / 86_400_000)}`, letter: (letters) => letters.paused({ name: person.name, guessed }) })
    }).catch((error: unknown) => { house.log.error('somebody could not be told of failed sign-ins', { person: personId, error }) })
  })
}
