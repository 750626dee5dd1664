import type { ChallengeStarted, Language } from '@oncekey/protocol/schemas'
import { answerChallenge } from '../challenges/answer.ts'
import { muteChallenges } from '../challenges/mute.ts'
import { startChallenge } from '../challenges/start.ts'
import type { House } from '../house.ts'
import { checkAddressIsFree } from '../people/add.ts'
import { tellFormerAddress } from '../people/change.ts'
import { listPerson } from '../people/listing.ts'
import { inAll } from '../platform/needs/all.ts'
import { perHouse } from '../platform/per-house.ts'
import { Problem } from '../platform/problems.ts'
import { countTries } from '../platform/tries.ts'
import { findByLogin } from '../sessions/sign-in.ts'

/** Of one person, whatever the addresses: no session is to mail half the town. */
const asksOf = perHouse((house: House) => countTries({ most: 5, windowMs: 3_600_000, longestMs: 86_400_000, clock: house.clock }))

/**
 * Mails a code to the address that somebody wants to have. Answers the same when it is somebody else's: they are told,
 * whoever asks is not.
 * @throws Problem badRequest for one's own address of now; channelNotSetUp, coolingDown, tooManyTries
 */
export async function askForAddress (house: House, me: { id: string, siteId: string }, { email, language }: { email: string, language: Language }): Promise<ChallengeStarted> {
  const person = await house.db.read.selectFrom('people').select('email').where('id', '=', me.id).executeTakeFirstOrThrow()
  if (person.email === email) throw new Problem('badRequest', { errors: [{ field: 'email', needs: inAll((needs) => needs.ownAlready) }] })
  asksOf(house).take(me.id)
  const owner = await findByLogin(house, email)
  const letter = owner === undefined || owner.id === me.id ? 'code' : 'known'
  return house.db.write((trx) => startChallenge(trx, house, { purpose: 'email', siteId: me.siteId, login: email, person: { id: me.id, email }, letter, language }))
}

/**
 * Takes the new address when the code is right. The former one is told; codes and links that are on their way there are
 * right for nobody from now on. A challenge of somebody else's is an unknown one.
 * @throws Problem alreadyExists when somebody got the address meanwhile; tooManyTries
 */
export async function confirmAddress (house: House, me: { id: string }, { challenge, code }: { challenge: string, code: string }): Promise<{ granted: true } | { granted: false, triesLeft: number }> {
  return house.db.write(async (trx) => {
    const asked = await trx.prepare("SELECT person_id FROM challenges WHERE id = ? AND purpose = 'email'").get(challenge)
    if (asked?.['person_id'] !== me.id) return { granted: false, triesLeft: 0 }
    const answer = await answerChallenge(trx, house, { challenge, code, purpose: 'email' })
    if (!answer.granted) return answer
    const email = answer.recipient
    const person = await trx.sql.selectFrom('people').select(['id', 'name', 'email']).where('id', '=', me.id).where('removed_at', 'is', null).executeTakeFirstOrThrow()
    await checkAddressIsFree(trx, email, me.id)
    await trx.sql.updateTable('people').set({ email }).where('id', '=', me.id).execute()
    await listPerson(trx, me.id)
    await trx.sql.deleteFrom('invitations').where('person_id', '=', me.id).execute()
    await muteChallenges(trx, me.id, house.clock())
    const who = { id: person.id, name: person.name }
    house.audit.append(trx, house.clock(), { event: 'person.changed', actor: who, subject: who, details: { emailBefore: person.email, email } })
    await tellFormerAddress(trx, house, person, email)
    return { granted: true }
  })
}
