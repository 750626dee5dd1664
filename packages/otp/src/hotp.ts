import { checkWhole } from './codeHash.ts'
import { hmacSha1 } from './sha1.ts'
import { hmacSha256 } from './sha256.ts'

/** The hash under the HMAC. Choose `sha1` unless you know every app that will be used: many ignore anything else. */
export type HotpAlgorithm = 'sha1' | 'sha256'

const macs = Object.freeze({ sha1: hmacSha1, sha256: hmacSha256 })

/** What an authenticator app and its server have in common. */
export type HotpKey = {
  /** At least 16 bytes (RFC 4226, R6); 20 are recommended for `sha1`, 32 for `sha256`. */
  readonly secret: Uint8Array
  /** 6 to 8. Default 6. */
  readonly digits?: number
  /** Default `sha1`. */
  readonly algorithm?: HotpAlgorithm
}

/**
 * The code of a counter value (RFC 4226, section 5.3), with leading zeros. `counter`: 0..2^53-1, written as 8 bytes.
 * RangeError for other counters, for other than 6 to 8 digits, and for a secret below 16 bytes.
 */
export function hotp ({ secret, counter, digits = 6, algorithm = 'sha1' }: HotpKey & { readonly counter: number }): string {
  checkHotpKey(secret, digits)
  checkWhole('counter', counter, 0)
  const moving = new DataView(new ArrayBuffer(8))
  moving.setUint32(0, Math.floor(counter / 0x100000000))
  moving.setUint32(4, counter % 0x100000000)
  const mac = macs[algorithm](secret, new Uint8Array(moving.buffer))
  // Dynamic truncation: the low half of the last byte, of whichever hash, says where the 31 bits begin.
  const offset = mac[mac.length - 1]! & 15
  const truncated = new DataView(mac.buffer).getUint32(offset) & 0x7fffffff
  return String(truncated % 10 ** digits).padStart(digits, '0')
}

/** RangeError for a secret that RFC 4226 (R6) forbids and for digits that apps do not show. */
export function checkHotpKey (secret: Uint8Array, digits: number): void {
  if (secret.length < 16) throw new RangeError(`The secret has ${secret.length} bytes; it needs at least 16.`)
  if (!Number.isInteger(digits) || digits < 6 || digits > 8) throw new RangeError(`Such a code has 6 to 8 digits, not ${digits}.`)
}
