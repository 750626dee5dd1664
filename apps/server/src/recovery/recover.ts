import type { RecoveryForm } from '@oncekey/protocol/schemas'
import { answerChallenge, isOver } from '../challenges/answer.ts'
import { forgetGuesses, identityOf } from '../challenges/identity.ts'
import { muteChallenges } from '../challenges/mute.ts'
import type { House } from '../house.ts'
import { writeTo } from '../notify/write.ts'
import { checkPassword, hashNewPassword } from '../people/passwords.ts'
import { forgetIdentities } from '../providers/identities.ts'
import { forgetBrowsers } from '../sessions/browsers.ts'
import { enter, type Entered, type Visitor } from '../sessions/enter.ts'
import { endSessions } from '../sessions/sessions.ts'

/**
 * Sets a new password by a mailed code and signs in, by the second factor where there is one. All other sessions end, and
 * the guesses at the old password are forgotten. The address is told, in case it was not the person's wish.
 * @throws Problem badRequest for a password that is guessed first; tooManyTries, busy
 */
export async function recover (house: House, { challenge, code, password }: RecoveryForm, visitor: Visitor): Promise<{ granted: true, entered: Entered } | { granted: false, triesLeft: number }> {
  // Of a person that we do not know yet: their own name as a password is refused below, and costs nobody the code.
  checkPassword(password, { name: '', email: '' })
  if (await isOver(house, challenge, 'recover')) return { granted: false, triesLeft: 0 }
  // Hashing is for those whose code is right: made-up challenges by the hundred would keep everybody from signing in.
  const asked = await house.db.write((trx) => answerChallenge(trx, house, { challenge, code, purpose: 'recover', isAsked: true, address: visitor.address }))
  if (!asked.granted) return asked
  const passwordHash = await hashNewPassword(house, password)
  return house.db.write(async (trx) => {
    const answer = await answerChallenge(trx, house, { challenge, code, purpose: 'recover', address: visitor.address })
    if (!answer.granted) return answer
    const row = answer.personId === null ? undefined : await trx.prepare('SELECT id, name, email FROM people WHERE id = ? AND email = ? AND suspended_at IS NULL AND removed_at IS NULL').get(answer.personId, answer.recipient)
    // Suspended since it was sent, or it went to an address that is theirs no more.
    if (row === undefined) return { granted: false, triesLeft: 0 }
    const person = { id: String(row['id']), name: String(row['name']), email: String(row['email']) }
    checkPassword(password, person)
    const now = house.clock()
    await trx.prepare('UPDATE people SET password_hash = ? WHERE id = ?').run(passwordHash, person.id)
    await trx.sql.deleteFrom('invitations').where('person_id', '=', person.id).execute()
    // Whoever had taken the account over may have linked an identity of their own.
    await forgetIdentities(trx, person.id)
    const sessions = await endSessions(trx, house, person.id)
    await forgetBrowsers(trx, person.id)
    await muteChallenges(trx, person.id, now)
    await forgetGuesses(trx, house, identityOf(person.id, ''), 'password')
    house.audit.append(trx, now, { event: 'person.changed', actor: person, subject: person, details: { password: 'set by a mailed code', sessions } })
    await writeTo(trx, house, { person, dedupeKey: `password:${answer.id}`, letter: (letters) => letters.passwordRecovered(person.name) })
    return { granted: true, entered: await enter(trx, house, { person, visitor, by: 'recovery' }) }
  })
}
