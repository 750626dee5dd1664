import { checkName } from './codeHash.ts'
import { drawBytes, type Entropy } from './digits.ts'
import type { KeyRing } from './keyring.ts'
import { withoutBlanks } from './spelling.ts'

/**
 * 25 signs: without 0 O 1 I L; of 2 Z, 5 S, 8 B and V U the first of each pair only; and without the vowels A and E, so
 * that no code is a word.
 */
const signs = '23456789CDFGHJKMNPQRTVWXY'
const lookAlikes: Readonly<Record<string, string>> = Object.freeze({ Z: '2', S: '5', B: '8', U: 'V' })
const dashes = '-\u2010\u2011\u2012\u2013\u2014\u2212'
const groups = 3
const groupLength = 5

/** Whose code it is. A code of one person has an unrelated hash with another, and with every other kind of code. */
export type RecoveryBinding = { readonly tenant: string, readonly person: string }

/**
 * A recovery code: the way in for somebody whose authenticator is gone. 15 signs in groups, `K7WQ2-94XMC-DH3TR`, each
 * equally likely: 25^15, 69.6 bits. Show a set of them once, keep `recoveryHash` of each, and let each work once.
 * Error when the entropy source gives unusable bytes.
 */
export function drawRecoveryCode (entropy: Entropy): string {
  let drawn = ''
  // 256 is no multiple of 25: bytes of 250 and above are thrown away. A fair source practically never needs a second round.
  for (let round = 0; round < 100; round++) {
    for (const byte of drawBytes(20, entropy)) {
      if (byte >= 250) continue
      drawn += signs.charAt(byte % 25)
      if (drawn.length === groups * groupLength) return inGroups(drawn)
    }
  }
  throw new Error('The entropy source does not give random bytes.')
}

/**
 * A typed recovery code as it was shown: upper case, dashes where they belong, and the sign that was meant for one that
 * looks like it (Z S B U for 2 5 8 V). Blanks and dashes may be anywhere. Null when it can be no recovery code.
 */
export function normalRecoveryCode (text: string): string | null {
  let normal = ''
  const typed = withoutBlanks(text)
  for (let i = 0; i < typed.length; i++) {
    if (dashes.includes(typed.charAt(i))) continue
    const sign = signOf(typed.charCodeAt(i))
    if (sign === null || normal.length === groups * groupLength) return null
    normal += sign
  }
  return normal.length === groups * groupLength ? inGroups(normal) : null
}

/**
 * The hash of a recovery code under one key of the ring, 64 characters of lower-case hex: what is stored. Make it with
 * `keys.current`; look a typed code up by its hashes under all `keys.keyIds`, and mark the row as used by a
 * compare-and-set. One HMAC is enough: nobody tries out 2^69 codes, and the key is not in the database.
 *
 * Takes the normal form only, RangeError for another: two spellings would have two hashes. RangeError too for a tenant
 * or person that cannot be part of a hash (1 to 256 characters, no line feed).
 */
export function recoveryHash (keys: KeyRing, keyId: string, { tenant, person }: RecoveryBinding, code: string): string {
  checkName('tenant', tenant)
  checkName('person', person)
  // The text stays out of the message: it may end in a log.
  if (normalRecoveryCode(code) !== code) throw new RangeError('That is no recovery code in its normal form.')
  return keys.hmac(keyId, `recovery\n${tenant}\n${person}\n${code}`)
}

function signOf (char: number): string | null {
  const upper = String.fromCharCode(char >= 97 && char <= 122 ? char - 32 : char)
  const meant = lookAlikes[upper] ?? upper
  return signs.includes(meant) ? meant : null
}

function inGroups (drawn: string): string {
  const parts: string[] = []
  for (let i = 0; i < groups; i++) parts.push(drawn.slice(i * groupLength, (i + 1) * groupLength))
  return parts.join('-')
}
