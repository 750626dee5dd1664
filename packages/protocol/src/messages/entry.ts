import { fromBase64url, toBase64url, utf8 } from '@oncekey/otp/bytes'
import { hmacSha256 } from '@oncekey/otp/sha256'
import type { Hmac } from './keys.ts'

const ENTRY_BYTES = 16
/** Most digits that an entry holds; the keypad takes no more. */
export const MAX_ENTRY_DIGITS = 12

/**
 * Hides the typed digits: 16 bytes, the length first, then the ASCII digits, zero padded, XOR the first
 * 16 bytes of HMAC-SHA-256(enc-up, session "|" n). No (session, n) pair repeats, so no pad is used twice.
 * The envelope's MAC is what makes it authentic.
 * @param digits 1..12 ASCII digits; anything else is a mistake of the caller and throws RangeError
 */
export function sealEntry (encUp: Uint8Array, session: string, n: number, digits: string, hmac: Hmac = hmacSha256): string {
  const plain = new Uint8Array(ENTRY_BYTES)
  plain[0] = digits.length
  plain.set(utf8(digits).slice(0, ENTRY_BYTES - 1), 1)
  if (digitsOf(plain) !== digits) throw new RangeError('An entry is 1 to 12 digits.')
  return toBase64url(xorPad(plain, encUp, session, n, hmac))
}

/** The typed digits again, or null when the entry is not well formed. */
export function openEntry (encUp: Uint8Array, session: string, n: number, entry: string, hmac: Hmac = hmacSha256): string | null {
  const sealed = fromBase64url(entry)
  return sealed === null || sealed.length !== ENTRY_BYTES ? null : digitsOf(xorPad(sealed, encUp, session, n, hmac))
}

function digitsOf (plain: Uint8Array): string | null {
  const length = plain[0]!
  if (length < 1 || length > MAX_ENTRY_DIGITS) return null
  let digits = ''
  for (let i = 1; i < ENTRY_BYTES; i++) {
    const byte = plain[i]!
    if (i > length) {
      if (byte !== 0) return null
    } else {
      if (byte < 48 || byte > 57) return null
      digits += String.fromCharCode(byte)
    }
  }
  return digits
}

// The indexes above and below are constants within the 16 bytes, hence the assertions that an element exists.
function xorPad (bytes: Uint8Array, key: Uint8Array, session: string, n: number, hmac: Hmac): Uint8Array {
  const pad = hmac(key, utf8(session + '|' + String(n)))
  return bytes.map((byte, i) => byte ^ pad[i]!)
}
