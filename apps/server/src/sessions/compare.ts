import { triesLeftOf, type Identity } from '../challenges/identity.ts'
import type { House } from '../house.ts'
import { isPassword } from '../people/passwords.ts'
import { perHouse } from '../platform/per-house.ts'
import { Problem } from '../platform/problems.ts'

/** Passwords that are being hashed, by identity: no more at once than there are tries, or guesses that come together would all be compared. */
const comparingOf = perHouse((_house: House) => new Map<Identity, number>())

/**
 * Compares a password with the kept hash, as slowly without one. The caller counts the guess in the write that acts on it.
 * @throws Problem tooManyTries when the budget is used up, or would be by what is being compared already
 */
export async function compare (house: House, identity: Identity, password: string, kept: string | null): Promise<boolean> {
  const comparing = comparingOf(house)
  const left = await house.db.write((trx) => triesLeftOf(trx, house, identity, 'password'))
  const now = comparing.get(identity) ?? 0
  if (now >= left) throw new Problem('tooManyTries', { retryAfterSeconds: 2 })
  comparing.set(identity, now + 1)
  try {
    return await isPassword(password, kept)
  } finally {
    const rest = (comparing.get(identity) ?? 1) - 1
    if (rest === 0) comparing.delete(identity)
    else comparing.set(identity, rest)
  }
}
