import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { House } from '../house.ts'
import { perHouse } from '../platform/per-house.ts'
import { Problem } from '../platform/problems.ts'
import { countTries, networkOf } from '../platform/tries.ts'
import type { Device } from './devices.ts'
import { isPassword } from './passwords.ts'
import { startSession } from './sessions.ts'

/**
 * Tries are counted for names that nobody has, too: the answers are the same for them. A device in which this person has
 * signed in before has tries of its own: else strangers, at the same proxy even, could shut people out of their accounts.
 */
const triesOf = perHouse((house: House) => ({
  account: countTries({ most: 10, windowMs: 600_000, longestMs: 3_600_000, clock: house.clock }),
  address: countTries({ most: 50, windowMs: 600_000, longestMs: 3_600_000, clock: house.clock }),
  device: countTries({ most: 10, windowMs: 600_000, longestMs: 3_600_000, clock: house.clock })
}))

export type Visitor = { address: string, agent: string, cookie: string | undefined }

/**
 * Signs somebody in by e-mail address and password.
 * @returns the person's id and the token of the new session
 * @throws Problem signInRefused, the same for an unknown name, a wrong password, a suspended and an invited person, and
 *   in the same time; tooManyTries
 */
export async function signIn (house: House, { login, password }: { login: string, password: string }, visitor: Visitor, device: Device | null = null): Promise<{ personId: string, token: string }> {
  const tries = triesOf(house)
  const network = networkOf(visitor.address)
  const account = createHash('sha256').update(login.trim().toLowerCase()).digest('base64url')
  const person = await house.db.read.selectFrom('people').select(['id', 'name', 'password_hash', 'suspended_at'])
    .where(sql`lower(email)`, '=', sql`lower(${login.trim()})`).where('removed_at', 'is', null).executeTakeFirst()
  const isKnown = device !== null && device.personId === person?.id
  if (isKnown) tries.device.take(device.id)
  else {
    tries.address.take(network)
    tries.account.take(account)
  }
  const fits = await isPassword(password, person?.password_hash ?? null)
  if (person === undefined || !fits || person.suspended_at !== null) {
    await house.db.write(async (trx) => {
      // What was typed as a name is not kept: people type passwords there.
      house.audit.append(trx, house.clock(), { event: 'session.refused', subject: person === undefined ? null : { id: person.id, name: person.name }, details: { address: visitor.address } })
    })
    throw new Problem('signInRefused')
  }
  if (isKnown) tries.device.forgive(device.id)
  else {
    tries.account.forgive(account)
    tries.address.giveBack(network)
  }
  const named = { id: person.id, name: person.name }
  const token = await house.db.write(async (trx) => {
    // What was true while the password was checked may not be any more.
    const still = await trx.prepare('SELECT 1 FROM people WHERE id = ? AND suspended_at IS NULL AND removed_at IS NULL AND password_hash = ?').get(person.id, person.password_hash)
    if (still === undefined) throw new Problem('signInRefused')
    return startSession(trx, house, { person: named, address: visitor.address, agent: visitor.agent, replaces: visitor.cookie })
  })
  return { personId: person.id, token }
}
