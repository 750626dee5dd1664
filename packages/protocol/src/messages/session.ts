import { base64url, fromBase64url } from '@oncekey/otp/sha256'

const HALF_BYTES = 16

/**
 * The session that a hello and its welcome make together: base64url of the 32 bytes epoch | nonce, 43 characters.
 * @param epoch the controller's 16 bytes of this connection, base64url
 * @param nonce the server's 16 bytes of this welcome, base64url
 * @returns null when either is not exactly 16 bytes
 */
export function sessionOf (epoch: string, nonce: string): string | null {
  const first = fromBase64url(epoch)
  const second = fromBase64url(nonce)
  if (first === null || second === null || first.length !== HALF_BYTES || second.length !== HALF_BYTES) return null
  const both = new Uint8Array(2 * HALF_BYTES)
  both.set(first)
  both.set(second, HALF_BYTES)
  return base64url(both)
}
