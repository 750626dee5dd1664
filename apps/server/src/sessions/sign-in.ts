import type { SignInForm } from '@oncekey/protocol/schemas'
import { sql } from 'kysely'
import { countBoth, countedAs, guessesLeft, identityOf, identityOfBrowser, loginHash } from '../challenges/identity.ts'
import type { House } from '../house.ts'
import { perHouse } from '../platform/per-house.ts'
import { hasWayIn } from '../people/way-in.ts'
import { Problem } from '../platform/problems.ts'
import { countTries, networkOf } from '../platform/tries.ts'
import { findBrowser } from './browsers.ts'
import { compareFor } from './compare.ts'
import { enter, type Entered, type Visitor } from './enter.ts'

/** Sign-ins of browsers that nobody knows, by network; right ones are given back. */
export const networkTriesOf = perHouse((house: House) => countTries({ most: 50, windowMs: 600_000, longestMs: 3_600_000, clock: house.clock }))

/** Whom a name that somebody typed belongs to: an e-mail address or a user name; undefined for nobody. */
export async function findByLogin (house: House, login: string): Promise<{ id: string, name: string, email: string, site_id: string, password_hash: string | null, suspended_at: number | null, has_way_in: number } | undefined> {
  const text = login.trim()
  return house.db.read.selectFrom('people').select(['id', 'name', 'email', 'site_id', 'password_hash', 'suspended_at', hasWayIn])
    // User names have no @ and addresses have one: nobody can be found by two names.
    .where(text.includes('@') ? sql`lower(email)` : sql`lower(username)`, '=', sql`lower(${text})`).where('removed_at', 'is', null).executeTakeFirst()
}

/**
 * Signs somebody in by e-mail address or user name, and password. Failures are counted for names that nobody has, too: the
 * answers are the same for them. A browser in which this person has signed in before has a budget of its own: else strangers,
 * at the same proxy even, could shut people out of their accounts.
 * @throws Problem signInRefused, the same for an unknown name, a wrong password, a suspended and an invited person, and
 *   in the same time; tooManyTries
 */
export async function signIn (house: House, { login, password, remember }: SignInForm, visitor: Visitor): Promise<Entered> {
  const network = networkOf(visitor.address)
  const [person, browser] = await Promise.all([findByLogin(house, login), findBrowser(house, visitor.browser)])
  const isKnown = browser !== null && browser.personId === person?.id
  const counted = countedAs(isKnown ? identityOfBrowser(browser.id) : identityOf(person?.id ?? null, login), loginHash(login))
  if (!isKnown) networkTriesOf(house).take(network)
  const { fits, isEvaluated } = await compareFor(house, counted, password, person?.password_hash ?? null)
  const entered = await house.db.write(async (trx) => {
    // Another server may have counted the last tries meanwhile: then this one was not evaluated.
    const left = isEvaluated ? await guessesLeft(trx, house, counted, 'password') : null
    const counts = left !== null && left.silent > 0
    // What was true while the password was checked may not be any more.
    const still = counts && fits && person !== undefined && await trx.prepare('SELECT 1 FROM people WHERE id = ? AND suspended_at IS NULL AND removed_at IS NULL AND password_hash = ?').get(person.id, person.password_hash) !== undefined
    await countBoth(trx, house, counted, 'password', { granted: still, isEvaluated: counts, held: left?.held ?? [] })
    if (still) return enter(trx, house, { person: { id: person.id, name: person.name }, visitor, by: 'password', remember })
    // What was typed as a name is not kept: people type passwords there.
    house.audit.append(trx, house.clock(), { event: 'session.refused', subject: person === undefined ? null : { id: person.id, name: person.name }, details: { address: visitor.address } })
    return null
  })
  if (entered === null) throw new Problem('signInRefused')
  if (!isKnown) networkTriesOf(house).giveBack(network)
  return entered
}
