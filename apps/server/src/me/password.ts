import type { PasswordChange } from '@oncekey/protocol/schemas'
import { checkBudget, countGuess, insideOf } from '../challenges/identity.ts'
import { muteChallenges } from '../challenges/mute.ts'
import type { House } from '../house.ts'
import { writeTo } from '../notify/write.ts'
import { checkPassword, hashNewPassword } from '../people/passwords.ts'
import { Problem } from '../platform/problems.ts'
import { compare } from '../sessions/compare.ts'
import { forgetBrowsers } from '../sessions/browsers.ts'
import { endSessions } from '../sessions/sessions.ts'

/**
 * Sets another password of one's own, by the one of now: a session that was left open is not enough. Whoever has none, as
 * they come in by a provider, sets their first one. All other sessions end, and the address is told.
 * @returns how many sessions ended
 * @throws Problem passwordWrong, badRequest on `password`, tooManyTries, busy
 */
export async function changeMyPassword (house: House, me: { id: string, sessionHash: string, browser: string | undefined }, { current, password }: PasswordChange): Promise<{ sessions: number }> {
  const identity = insideOf(me.id)
  const person = await house.db.read.selectFrom('people').select(['id', 'name', 'email', 'password_hash']).where('id', '=', me.id).executeTakeFirstOrThrow()
  checkPassword(password, person)
  // Without a password the route has asked for another proof.
  const isFirst = current === undefined && person.password_hash === null
  const fits = isFirst || await compare(house, identity, current ?? '', person.password_hash)
  const passwordHash = fits ? await hashNewPassword(house, password) : null
  const ended = await house.db.write(async (trx) => {
    if (!isFirst) {
      await checkBudget(trx, house, identity, 'password')
      await countGuess(trx, house, identity, 'password', fits)
    }
    if (passwordHash === null) return null
    const set = await trx.prepare('UPDATE people SET password_hash = ? WHERE id = ? AND password_hash IS NOT DISTINCT FROM ? AND suspended_at IS NULL AND removed_at IS NULL').run(passwordHash, me.id, person.password_hash)
    // Another change came first: this one was proven by a password that is none any more.
    if (set.changes === 0) return null
    const sessions = await endSessions(trx, house, me.id, me.sessionHash)
    await forgetBrowsers(trx, me.id, me.browser)
    await muteChallenges(trx, me.id, house.clock())
    const who = { id: person.id, name: person.name }
    house.audit.append(trx, house.clock(), { event: 'person.changed', actor: who, subject: who, details: { password: isFirst ? 'set' : 'changed', sessions } })
    await writeTo(trx, house, { person, dedupeKey: `password:${house.newId()}`, letter: (letters) => letters.passwordChanged({ name: person.name, isFirst }) })
    return { sessions }
  })
  if (ended === null) throw new Problem('passwordWrong')
  return ended
}
