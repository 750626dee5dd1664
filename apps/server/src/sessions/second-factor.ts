import type { PasskeySignIn, SecondFactorForm } from '@oncekey/protocol/schemas'
import { identityOf, identityOfBrowser } from '../challenges/identity.ts'
import type { Place } from '../factors/place.ts'
import { checkAssertion, useAssertion } from '../factors/passkeys.ts'
import { checkSecondFactor, prepareProof } from '../factors/prove.ts'
import type { House } from '../house.ts'
import { Problem } from '../platform/problems.ts'
import type { GroupRole } from '../providers/groups.ts'
import { followRole } from '../providers/roles.ts'
import { perHouse } from '../platform/per-house.ts'
import { countTries, networkOf } from '../platform/tries.ts'
import { browserOf } from './browsers.ts'
import { complete, type Session, type Visitor } from './enter.ts'
import type { SignedInBy } from './sessions.ts'
import { tokenHash } from './tokens.ts'

/** Passkeys that were refused, by network: apart from passwords, or strangers who fail at those would shut passkeys, too. */
const networkTriesOf = perHouse((house: House) => countTries({ most: 50, windowMs: 600_000, longestMs: 3_600_000, clock: house.clock }))

/** Wrong second factors for one sign-in; then the first factor has to be given again. */
const TRIES = 5

/** Whose sign-in waits with this ticket; null for none. */
export async function findHalfWay (house: House, ticket: string): Promise<string | null> {
  const row = await house.db.read.selectFrom('pending_sign_ins').select('person_id').where('ticket_hash', '=', tokenHash(ticket)).where('expires_at', '>', house.clock()).executeTakeFirst()
  return row?.person_id ?? null
}

/**
 * The second step of a sign-in. Unknown, used and expired tickets read like a wrong factor without tries left.
 * @throws Problem tooManyTries: 20 wrong codes of an authenticator a day, however often the password was right
 */
export async function giveSecondFactor (house: House, { ticket, proof, remember }: SecondFactorForm, visitor: Visitor, place: () => Place): Promise<{ granted: true, session: Session } | { granted: false, triesLeft: number }> {
  const over = { granted: false, triesLeft: 0 } as const
  const personId = await findHalfWay(house, ticket)
  if (personId === null) return over
  if (proof.password !== undefined) throw new Problem('badRequest', { errors: [{ field: 'proof', needs: 'a second factor: totp, passkey or recoveryCode' }] })
  const prepared = await prepareProof(house, personId, proof, place)
  return house.db.write(async (trx) => {
    const hash = tokenHash(ticket)
    const row = await trx.prepare(`SELECT p.id, p.name, p.email, w.signed_in_by, w.remember, w.failures, w.follows_role FROM pending_sign_ins w JOIN people p ON p.id = w.person_id
      WHERE w.ticket_hash = ? AND w.expires_at > ? AND p.suspended_at IS NULL AND p.removed_at IS NULL`).get(hash, house.clock())
    if (row === undefined) return over
    const person = { id: String(row['id']), name: String(row['name']), email: String(row['email']) }
    // A browser in which this person came in before has tries of its own: whoever knows the password alone uses up only the others'.
    const browser = await browserOf(trx, house, visitor.browser, person.id)
    if (await checkSecondFactor(trx, house, person, prepared, browser === null ? identityOf(person.id, '') : identityOfBrowser(browser.id))) {
      await trx.prepare('DELETE FROM pending_sign_ins WHERE ticket_hash = ?').run(hash)
      // We wrote the words ourselves.
      const by = String(row['signed_in_by']) as SignedInBy
      if (row['follows_role'] !== null) await followRole(trx, house, person.id, row['follows_role'] === 'none' ? null : row['follows_role'] as GroupRole)
      return { granted: true, session: await complete(trx, house, { person, visitor, by, remember: remember === true || row['remember'] === 1, second: prepared.by }) }
    }
    const failures = Number(row['failures']) + 1
    if (failures >= TRIES) await trx.prepare('DELETE FROM pending_sign_ins WHERE ticket_hash = ?').run(hash)
    else await trx.prepare('UPDATE pending_sign_ins SET failures = ? WHERE ticket_hash = ?').run(failures, hash)
    house.audit.append(trx, house.clock(), { event: 'session.refused', subject: { id: person.id, name: person.name }, details: { address: visitor.address, second: prepared.by } })
    return { granted: false, triesLeft: TRIES - failures }
  })
}

/** Signs in by a passkey alone: it is two factors in one, as it verified its user. @throws Problem passkeyRefused, tooManyTries */
export async function signInByPasskey (house: House, { passkey, remember }: PasskeySignIn, visitor: Visitor, place: Place): Promise<Session> {
  const network = networkOf(visitor.address)
  networkTriesOf(house).take(network)
  const asserted = await checkAssertion(house, null, place, passkey)
  if (asserted === null) throw new Problem('passkeyRefused')
  const session = await house.db.write(async (trx) => {
    const row = await trx.prepare('SELECT id, name FROM people WHERE id = ? AND suspended_at IS NULL AND removed_at IS NULL').get(asserted.personId)
    if (row === undefined || !await useAssertion(trx, house, asserted)) return null
    return complete(trx, house, { person: { id: String(row['id']), name: String(row['name']) }, visitor, by: 'passkey', remember })
  })
  if (session === null) throw new Problem('passkeyRefused')
  networkTriesOf(house).giveBack(network)
  return session
}
