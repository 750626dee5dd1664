import type { ChallengeStarted, Language, MailedCode } from '@oncekey/protocol/schemas'
import { answerChallenge, isOver } from '../challenges/answer.ts'
import { startChallenge } from '../challenges/start.ts'
import type { House } from '../house.ts'
import { theSite } from '../sites/the-site.ts'
import { findBrowser } from './browsers.ts'
import { begunBy, enter, ENTRANT, entrantIn, type Entered, type Visitor } from './enter.ts'
import { findByLogin } from './sign-in.ts'

/**
 * Has a code mailed to whoever is named, and tells nobody whether somebody is. Suspended people are sent none.
 * @throws Problem channelNotSetUp, coolingDown, tooManyTries
 */
export async function askForCode (house: House, purpose: 'signIn' | 'recover', login: string, { visitor, language }: { visitor: Visitor, language: Language }): Promise<ChallengeStarted> {
  const [found, device] = await Promise.all([findByLogin(house, login), findBrowser(house, visitor.browser)])
  const site = await theSite(house)
  const person = found === undefined ? null : { id: found.id, email: found.email }
  // Whoever was invited and has no way in yet chooses a password first; a code for that they can have.
  const letter = found === undefined || found.suspended_at !== null || (purpose === 'signIn' && found.has_way_in === 0) ? 'none' : 'code'
  return house.db.write((trx) => startChallenge(trx, house, { purpose, siteId: site.id, login, person, letter, language, device }))
}

/** Whom a mailed code lets in, read together with the code. */
const along = { about: `${ENTRANT}, p.suspended_at, p.removed_at`, begins: (personId: string) => begunBy('mailed code', personId) }

/** Signs in by a mailed code. @throws Problem tooManyTries */
export async function signInByCode (house: House, form: MailedCode, visitor: Visitor): Promise<{ granted: true, entered: Entered } | { granted: false, triesLeft: number }> {
  if (await isOver(house, form.challenge, 'signIn')) return { granted: false, triesLeft: 0 }
  return house.db.write(async (trx) => {
    const answer = await answerChallenge(trx, house, { challenge: form.challenge, code: form.code, purpose: 'signIn', address: visitor.address, along })
    if (!answer.granted) return answer
    const { row, recipient, held } = answer
    // Suspended since it was sent, or it went to an address that is theirs no more.
    if (row['email'] !== recipient || row['suspended_at'] !== null || row['removed_at'] !== null) return { granted: false, triesLeft: 0 }
    const entrant = entrantIn(house, row)
    return { granted: true, entered: await enter(trx, house, { person: { id: entrant.me.id, name: entrant.me.name }, entrant, held, visitor, by: 'mailed code', remember: form.remember }) }
  })
}
