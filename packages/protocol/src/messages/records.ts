import { toBase64url, utf8 } from '@oncekey/otp/bytes'
import { sha256 } from '@oncekey/otp/sha256'

/** What the next record's `prev` must say: the first 16 bytes of SHA-256 over this record's text, base64url. */
export function recordHash (record: string): string {
  return toBase64url(sha256(utf8(record)).slice(0, 16))
}
