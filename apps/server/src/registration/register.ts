import type { ChallengeStarted, ConfirmForm, Language, RegistrationForm } from '@oncekey/protocol/schemas'
import { answerChallenge, isOver } from '../challenges/answer.ts'
import { startChallenge } from '../challenges/start.ts'
import { countProven } from '../challenges/unproven.ts'
import type { House } from '../house.ts'
import { addPerson } from '../people/add.ts'
import { checkPassword, hashNewPassword } from '../people/passwords.ts'
import { enter, type Entered, type Visitor } from '../sessions/enter.ts'
import { findByLogin } from '../sessions/sign-in.ts'
import { theSite } from '../sites/the-site.ts'
import { checkMayRegister, registrationPolicy, registrationPolicyIn } from './policy.ts'

/** What the form said, until the address is proven: sealed in the challenge's row, and nowhere else. */
type Kept = { username: string, name: string, passwordHash: string }

const bindingOf = (challengeId: string): string => `registration:${challengeId}`

/**
 * Takes a registration down and mails a code; the account is made when that is typed, so nobody sits on an address that
 * is not theirs. Answers the same whether or not somebody has the address: whoever has it is told by mail.
 * @throws Problem registrationClosed, badRequest, channelNotSetUp, coolingDown, tooManyTries, busy
 */
export async function register (house: House, form: RegistrationForm, language: Language): Promise<ChallengeStarted> {
  checkMayRegister(await registrationPolicy(house), form.email)
  const name = (form.name ?? form.username).trim()
  checkPassword(form.password, { name, email: form.email })
  checkPassword(form.password, { name: form.username, email: form.email })
  const site = await theSite(house)
  const passwordHash = await hashNewPassword(house, form.password)
  const known = await findByLogin(house, form.email)
  const kept: Kept = { username: form.username, name, passwordHash }
  return house.db.write((trx) => startChallenge(trx, house, {
    purpose: 'register', siteId: site.id, login: form.email, person: null, letter: known === undefined ? 'code' : 'known', language,
    form: (id) => house.seal.close(JSON.stringify(kept), bindingOf(id))
  }))
}

/**
 * Makes the account when the code is right, and signs its owner in. That a user name is taken is told only here, to
 * somebody whose address is proven; the code then works again with another name.
 * @throws Problem alreadyExists, registrationClosed, badRequest, tooManyTries
 */
export async function confirmRegistration (house: House, form: ConfirmForm, visitor: Visitor): Promise<{ granted: true, entered: Entered } | { granted: false, triesLeft: number }> {
  if (await isOver(house, form.challenge, 'register')) return { granted: false, triesLeft: 0 }
  return house.db.write(async (trx) => {
    const answer = await answerChallenge(trx, house, { challenge: form.challenge, code: form.code, purpose: 'register' })
    if (!answer.granted) return answer
    // An administrator may have closed the door meanwhile.
    checkMayRegister(await registrationPolicyIn(trx), answer.recipient)
    // We sealed this ourselves, above.
    const kept = JSON.parse(house.seal.open(answer.formSealed ?? '', bindingOf(answer.id))) as Kept
    const { name, passwordHash } = kept
    await countProven(trx, house)
    const personId = await addPerson(trx, house, { siteId: answer.siteId, name, email: answer.recipient, username: form.username ?? kept.username, role: 'member', passwordHash }, null)
    return { granted: true, entered: await enter(trx, house, { person: { id: personId, name }, visitor, by: 'registration' }) }
  })
}
