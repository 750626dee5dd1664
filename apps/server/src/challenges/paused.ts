import type { House } from '../house.ts'
import { sendMessage } from '../notify/send.ts'
import type { Trx } from '../platform/db.ts'

const what = { password: 'Passwords', mailedCode: 'Codes by mail' }
const instead = {
  password: 'a code by mail signs you in anywhere (choose "E-mail me a code")',
  mailedCode: 'your password signs you in anywhere'
}

/**
 * Tells a person that strangers have used up the guesses at what signs them in: from now on even the right one reads as a wrong
 * one in browsers that they have not used before, and nobody there could say why. Once a day for each; after the answer has
 * gone, so that its time tells nobody that there is somebody.
 */
export function tellPaused (trx: Trx, house: House, personId: string, guessed: keyof typeof what): void {
  trx.after(() => {
    house.db.write(async (later) => {
      const person = await later.sql.selectFrom('people').select(['id', 'name', 'email']).where('id', '=', personId).where('suspended_at', 'is', null).where('removed_at', 'is', null).executeTakeFirst()
      if (person === undefined) return
      await sendMessage(later, house, {
        person, subject: 'Many failed sign-ins', dedupeKey: `paused:${personId}:${guessed}:${Math.floor(house.clock() / 86_400_000)}`,
        text: `Hello ${person.name},\n\nsomebody has tried many times in vain to sign in to Oncekey as you. ${what[guessed]} are not accepted for a while in browsers that you have not used before, not even the right ones.\n\nBrowsers in which you have signed in go on as always, and ${instead[guessed]}. If it was you, wait for an hour or use one of these ways; if it was not, there is nothing that you have to do. A passkey or an authenticator app, on the page "Me", keeps strangers out for good.`
      })
    }).catch((error: unknown) => { house.log.error('somebody could not be told of failed sign-ins', { person: personId, error }) })
  })
}
