import { randomBytes } from 'node:crypto'
import { drawRecoveryCode, normalRecoveryCode, recoveryHash } from '@oncekey/otp'
import { checkBudget, countGuess, type Identity } from '../challenges/identity.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { tellFactor, type Owner } from './tell.ts'

const CODES = 10

const bindingOf = (personId: string) => ({ tenant: 'main', person: personId })

/** Ten fresh codes in place of all earlier ones. Only their hashes are kept: whoever asked sees them now or never. */
async function drawCodes (trx: Trx, house: House, personId: string): Promise<string[]> {
  await trx.prepare('DELETE FROM recovery_codes WHERE person_id = ?').run(personId)
  const codes = Array.from({ length: CODES }, () => drawRecoveryCode((count) => randomBytes(count)))
  const insert = trx.prepare('INSERT INTO recovery_codes (hash, person_id, created_at) VALUES (?, ?, ?)')
  for (const code of codes) await insert.run(recoveryHash(house.keys, house.keys.current, bindingOf(personId), code), personId, house.clock())
  return codes
}

/** The codes that come with a first second factor; null when there are some. */
export async function firstCodes (trx: Trx, house: House, personId: string): Promise<string[] | null> {
  const has = await trx.prepare('SELECT 1 FROM recovery_codes WHERE person_id = ? LIMIT 1').get(personId)
  return has === undefined ? drawCodes(trx, house, personId) : null
}

export async function renewCodes (trx: Trx, house: House, owner: Owner): Promise<string[]> {
  const codes = await drawCodes(trx, house, owner.id)
  await tellFactor(trx, house, owner, 'recovery codes renewed')
  return codes
}

/**
 * Uses a recovery code up, if it is one. Tries are counted apart from the authenticator's: strangers who use those up leave
 * this way open.
 * @throws Problem tooManyTries
 */
export async function checkRecoveryCode (trx: Trx, house: House, { owner, typed, identity }: { owner: Owner, typed: string, identity: Identity }): Promise<boolean> {
  await checkBudget(trx, house, identity, 'recoveryCode')
  const code = normalRecoveryCode(typed)
  let isRight = false
  if (code !== null) {
    for (const keyId of house.keys.keyIds) {
      // Whoever deletes the row has used the code: two at the same moment are one.
      const { changes } = await trx.prepare('DELETE FROM recovery_codes WHERE hash = ? AND person_id = ?').run(recoveryHash(house.keys, keyId, bindingOf(owner.id), code), owner.id)
      isRight ||= changes === 1
    }
  }
  await countGuess(trx, house, identity, 'recoveryCode', isRight)
  if (isRight) await tellFactor(trx, house, owner, 'recovery code used')
  return isRight
}
