import type { Proof } from '@oncekey/protocol/schemas'
import { checkBudget, countGuess, identityOf, insideOf, type Identity } from '../challenges/identity.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { Problem } from '../platform/problems.ts'
import { compare } from '../sessions/compare.ts'
import { checkAssertion, useAssertion, type Asserted } from './passkeys.ts'
import type { Place } from './place.ts'
import { checkRecoveryCode } from './recovery-codes.ts'
import type { Owner } from './tell.ts'
import { checkTotp } from './totp.ts'
import { waysOf } from './ways.ts'

/** A proof whose slow part, hashing and signatures, is done; the rest belongs into the write that acts on it. */
export type Prepared =
  | { by: 'totp', code: string } | { by: 'recoveryCode', code: string }
  | { by: 'passkey', asserted: Asserted | null }
  | { by: 'password', fits: boolean, kept: string | null }

/** @throws Problem tooManyTries, busy; passkeysNeedName */
export async function prepareProof (house: House, personId: string, proof: Proof, place: () => Place): Promise<Prepared> {
  if (proof.totp !== undefined) return { by: 'totp', code: proof.totp }
  if (proof.recoveryCode !== undefined) return { by: 'recoveryCode', code: proof.recoveryCode }
  if (proof.passkey !== undefined) return { by: 'passkey', asserted: await checkAssertion(house, personId, place(), proof.passkey) }
  const row = await house.db.read.selectFrom('people').select('password_hash').where('id', '=', personId).executeTakeFirst()
  const kept = row?.password_hash ?? null
  return { by: 'password', fits: await compare(house, insideOf(personId), proof.password ?? '', kept), kept }
}

/** Whether a second factor is right; uses it up. `identity`: whose tries are counted, the person's unless told. @throws Problem tooManyTries, badRequest for a password */
export async function checkSecondFactor (trx: Trx, house: House, owner: Owner, proof: Prepared, identity: Identity = identityOf(owner.id, '')): Promise<boolean> {
  if (proof.by === 'password') throw new Problem('badRequest', { errors: [{ field: 'proof', needs: 'a second factor: totp, passkey or recoveryCode' }] })
  if (proof.by === 'passkey') return proof.asserted !== null && useAssertion(trx, house, proof.asserted)
  return proof.by === 'totp' ? checkTotp(trx, house, { personId: owner.id, code: proof.code, identity }) : checkRecoveryCode(trx, house, { owner, typed: proof.code, identity })
}

/**
 * Whether somebody who is signed in is who they are: by a second factor where they have one, else by the password.
 * @throws Problem tooManyTries, badRequest for a password where it is not enough
 */
export async function checkProof (trx: Trx, house: House, owner: Owner, proof: Prepared): Promise<boolean> {
  const identity = insideOf(owner.id)
  if (proof.by !== 'password' || (await waysOf(trx, owner.id)).length > 0) return checkSecondFactor(trx, house, owner, proof, identity)
  await checkBudget(trx, house, identity, 'password')
  const still = proof.fits && await trx.prepare('SELECT 1 FROM people WHERE id = ? AND password_hash = ?').get(owner.id, proof.kept) !== undefined
  await countGuess(trx, house, identity, 'password', still)
  return still
}
