import type { ChallengeStarted, MailedCode } from '@oncekey/protocol/schemas'
import { answerChallenge, isOver } from '../challenges/answer.ts'
import { startChallenge } from '../challenges/start.ts'
import type { House } from '../house.ts'
import { theSite } from '../sites/the-site.ts'
import { findBrowser } from './browsers.ts'
import { enter, ENTRANT, entrantIn, type Entered, type Visitor } from './enter.ts'
import { findByLogin } from './sign-in.ts'

/**
 * Has a code mailed to whoever is named, and tells nobody whether somebody is. Suspended people are sent none.
 * @throws Problem channelNotSetUp, coolingDown, tooManyTries
 */
export async function askForCode (house: House, purpose: 'signIn' | 'recover', login: string, visitor: Visitor): Promise<ChallengeStarted> {
  const [found, device] = await Promise.all([findByLogin(house, login), findBrowser(house, visitor.browser)])
  const site = await theSite(house)
  const person = found === undefined ? null : { id: found.id, email: found.email }
  // Whoever was invited and has no way in yet chooses a password first; a code for that they can have.
  const letter = found === undefined || found.suspended_at !== null || (purpose === 'signIn' && found.has_way_in === 0) ? 'none' : 'code'
  return house.db.write((trx) => startChallenge(trx, house, { purpose, siteId: site.id, login, person, letter, device }))
}

/** Signs in by a mailed code. @throws Problem tooManyTries */
export async function signInByCode (house: House, form: MailedCode, visitor: Visitor): Promise<{ granted: true, entered: Entered } | { granted: false, triesLeft: number }> {
  if (await isOver(house, form.challenge, 'signIn')) return { granted: false, triesLeft: 0 }
  return house.db.write(async (trx) => {
    const answer = await answerChallenge(trx, house, { challenge: form.challenge, code: form.code, purpose: 'signIn', address: visitor.address })
    if (!answer.granted) return answer
    const person = answer.personId === null ? undefined : await trx.prepare(`SELECT ${ENTRANT} FROM people p JOIN sites t ON t.id = p.site_id WHERE p.id = ? AND p.email = ? AND p.suspended_at IS NULL AND p.removed_at IS NULL`).get(answer.personId, answer.recipient)
    // Suspended since it was sent, or it went to an address that is theirs no more.
    if (person === undefined) return { granted: false, triesLeft: 0 }
    const entrant = entrantIn(house, person)
    return { granted: true, entered: await enter(trx, house, { person: { id: entrant.me.id, name: entrant.me.name }, entrant, visitor, by: 'mailed code', remember: form.remember }) }
  })
}
