import type { Actor } from '../people/authority.ts'
import { checkIsAbove, personToChange } from '../people/authority.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { forgetBrowsers } from '../sessions/browsers.ts'
import { endSessions } from '../sessions/sessions.ts'
import { tellFactor, type Owner } from './tell.ts'
import { waysOf } from './ways.ts'

/** Takes the authenticator app away. @throws Problem notFound when there is none */
export async function removeTotp (trx: Trx, house: House, owner: Owner): Promise<void> {
  const { changes } = await trx.prepare('DELETE FROM authenticators WHERE person_id = ?').run(owner.id)
  if (changes === 0) throw new Problem('notFound')
  await tellFactor(trx, house, owner, 'authenticator removed')
  await dropLonelyCodes(trx, owner.id)
}

/** Takes a passkey away. @throws Problem notFound for an unknown or foreign one */
export async function removePasskey (trx: Trx, house: House, owner: Owner, id: string): Promise<void> {
  const { changes } = await trx.prepare('DELETE FROM passkeys WHERE id = ? AND person_id = ?').run(id, owner.id)
  if (changes === 0) throw new Problem('notFound')
  await tellFactor(trx, house, owner, 'passkey removed')
  await dropLonelyCodes(trx, owner.id)
}

/** Recovery codes stand in for a second factor: without one they would be a way in of their own. */
async function dropLonelyCodes (trx: Trx, personId: string): Promise<void> {
  if ((await waysOf(trx, personId)).length === 0) await trx.prepare('DELETE FROM recovery_codes WHERE person_id = ?').run(personId)
}

/** Everything that proves somebody beside the password; returns how many factors there were. */
export async function forgetFactors (trx: Trx, personId: string): Promise<number> {
  const totp = await trx.prepare('DELETE FROM authenticators WHERE person_id = ?').run(personId)
  const passkeys = await trx.prepare('DELETE FROM passkeys WHERE person_id = ?').run(personId)
  await trx.prepare('DELETE FROM recovery_codes WHERE person_id = ?').run(personId)
  return totp.changes + passkeys.changes
}

/**
 * An administrator takes somebody's second factors away who lost them all. Their sessions end: they sign in anew.
 * @throws Problem notFound, notAllowed
 */
export async function removeSecondFactors (trx: Trx, house: House, personId: string, actor: Actor): Promise<{ sessions: number, factors: number }> {
  const target = await personToChange(trx, actor, personId)
  checkIsAbove(actor, target)
  const factors = await forgetFactors(trx, target.id)
  const sessions = await endSessions(trx, house, target.id)
  await forgetBrowsers(trx, target.id)
  if (factors > 0) await tellFactor(trx, house, target, 'second factors removed', { by: actor })
  return { sessions, factors }
}
