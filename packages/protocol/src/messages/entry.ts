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
 * @param digits 1..12 ASCII digits
 */
export function sealEntry (encUp: Uint8Array, session: string, n: number, digits: string, hmac: Hmac = hmacSha256): string {
  const plain = new Uint8Array(ENTRY_BYTES)
  plain[0] = digits.length
  plain.set(utf8(digits), 1)
  return toBase64url(xorPad(plain, encUp, session, n, hmac))
}

/** The typed digits again, or null when the entry is not well formed. */
export function openEntry (encUp: Uint8Array, session: string, n: number, entry: string, hmac: Hmac = hmacSha256): string | null {
  const sealed = fromBase64url(entry)
  if (sealed === null || sealed.length !== ENTRY_BYTES) return null
  const [length = 0, ...rest] = xorPad(sealed, encUp, session, n, hmac)
  if (length < 1 || length > MAX_ENTRY_DIGITS) return null
  let digits = ''
  for (let i = 0; i < rest.length; i++) {
    const byte = rest[i] ?? 0
    if (i < length ? byte < 48 || byte > 57 : byte !== 0) return null
    if (i < length) digits += String.fromCharCode(byte)
  }
  return digits
}

function xorPad (bytes: Uint8Array, key: Uint8Array, session: string, n: number, hmac: Hmac): Uint8Array {
  const pad = hmac(key, utf8(session + '|' + String(n)))
  return bytes.map((byte, i) => byte ^ (pad[i] ?? 0))
}
