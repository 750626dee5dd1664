import type { PasswordReset } from '@oncekey/protocol/schemas'
import { forgetGuesses, identityOf } from '../challenges/identity.ts'
import { muteChallenges } from '../challenges/mute.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { forgetBrowsers } from '../sessions/browsers.ts'
import { forgetIdentities } from '../providers/identities.ts'
import { endSessions } from '../sessions/sessions.ts'
import { checkIsAbove, checkOwnerStays, personToChange, type Actor, type Target } from './authority.ts'
import { invite } from './invitations.ts'

/** Signs a person out everywhere, also out of browsers that were remembered; returns how many sessions ended. @throws Problem notFound, notAllowed */
export async function signPersonOut (trx: Trx, house: House, personId: string, actor: Actor): Promise<{ sessions: number }> {
  const target = await personToChange(trx, actor, personId)
  const sessions = await endSessions(trx, house, target.id)
  await forgetBrowsers(trx, target.id)
  house.audit.append(trx, house.clock(), { event: 'session.ended', actor: { id: actor.id, name: actor.name }, subject: { id: target.id, name: target.name }, details: { sessions } })
  return { sessions }
}

/**
 * Takes a password away and mails a link to choose another: nobody but its owner ever sees one. All sessions end, and
 * guesses at it and at mailed codes are forgotten: whoever strangers have shut out can come in again.
 * @returns path of the link, once, where there is no mail; else null: whoever starts a reset is not to come in by it
 * @throws Problem notFound, notAllowed, lastOwner, publicUrlNeeded
 */
export async function resetPassword (trx: Trx, house: House, personId: string, actor: Actor): Promise<PasswordReset> {
  const target = await personToChange(trx, actor, personId)
  checkIsAbove(actor, target)
  // Nobody could give the last owner another chance if the mail went astray.
  await checkOwnerStays(trx, house, target)
  const { sessions, link } = await takePassword(trx, house, target, actor)
  return { sessions, invitation: house.config.smtpUrl === null ? link : null }
}

/** What a reset does, once it is known that it may be done. @returns with the path of the link, once */
export async function takePassword (trx: Trx, house: House, target: Target, actor: Actor): Promise<{ sessions: number, link: string }> {
  const site = await trx.sql.selectFrom('sites').select('name').where('id', '=', actor.siteId).executeTakeFirstOrThrow()
  await trx.sql.updateTable('people').set({ password_hash: null }).where('id', '=', target.id).execute()
  // Whoever had taken the account over may have linked an identity of their own; the right one is linked anew by its address.
  await forgetIdentities(trx, target.id)
  const sessions = await endSessions(trx, house, target.id)
  await forgetBrowsers(trx, target.id)
  await muteChallenges(trx, target.id, house.clock())
  for (const guessed of ['password', 'mailedCode'] as const) await forgetGuesses(trx, house, identityOf(target.id, ''), guessed)
  house.audit.append(trx, house.clock(), { event: 'person.changed', actor: { id: actor.id, name: actor.name }, subject: { id: target.id, name: target.name }, details: { password: target.has_way_in === 1 ? 'reset' : 'invited again', sessions } })
  const link = await invite(trx, house, { person: target, siteName: site.name })
  return { sessions, link }
}
