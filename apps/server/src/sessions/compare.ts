import { guessesLeft, type Counted, type Identity } from '../challenges/identity.ts'
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
  return (await compareFor(house, { shown: identity, silent: identity }, password, kept)).fits
}

/**
 * The same for a name that was typed. With the silent guesses used up nothing is compared, in the time that it takes to
 * compare: `isEvaluated` false, and the answer is that for a wrong password.
 * @throws Problem tooManyTries when the name's own are used up, or would be by what is being compared already
 */
export async function compareFor (house: House, counted: Counted, password: string, kept: string | null): Promise<{ fits: boolean, isEvaluated: boolean }> {
  const comparing = comparingOf(house)
  const at = (identity: Identity): number => comparing.get(identity) ?? 0
  const left = await house.db.write((trx) => guessesLeft(trx, house, counted, 'password'))
  if (at(counted.shown) >= left.shown) throw new Problem('tooManyTries', { retryAfterSeconds: 2 })
  const isEvaluated = at(counted.silent) < left.silent
  const taken = new Set(isEvaluated ? [counted.shown, counted.silent] : [counted.shown])
  for (const one of taken) comparing.set(one, at(one) + 1)
  try {
    return { fits: await isPassword(password, isEvaluated ? kept : null), isEvaluated }
  } finally {
    for (const one of taken) {
      if (at(one) === 1) comparing.delete(one)
      else comparing.set(one, at(one) - 1)
    }
  }
}
