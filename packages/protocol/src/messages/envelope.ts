import { equalBytes, fromBase64url, toBase64url, utf8 } from '@oncekey/otp/bytes'
import { hmacSha256 } from '@oncekey/otp/sha256'
import type { Hmac } from './keys.ts'

/** Bytes of the MAC that travel: HMAC-SHA-256 truncated to 128 bit (RFC 2104 §5 allows half). */
const MAC_BYTES = 16
/** 16 bytes as base64url without padding. */
const MAC_CHARS = 22
/** Longest payload that is looked at, in characters; the broker cuts at as many bytes. A sender keeps within it. */
export const MAX_PAYLOAD = 8192

/**
 * Seals a body for one topic: base64url(first 16 bytes of HMAC-SHA-256(key, topic LF body)) "." body.
 * The MAC covers exactly the bytes that travel, so no canonical form is needed, and the topic is
 * under it, so nothing can be moved to another controller, direction or verb.
 */
export function seal (key: Uint8Array, topic: string, body: string, hmac: Hmac = hmacSha256): string {
  return toBase64url(mac(key, topic, body, hmac)) + '.' + body
}

/** The body of a payload, or null when it is not authentic. Null carries no reason: nothing is answered to it. */
export function open (key: Uint8Array, topic: string, payload: string, hmac: Hmac = hmacSha256): string | null {
  if (payload.length > MAX_PAYLOAD || payload.charAt(MAC_CHARS) !== '.') return null
  const claimed = fromBase64url(payload.slice(0, MAC_CHARS))
  if (claimed === null) return null
  const body = payload.slice(MAC_CHARS + 1)
  return equalBytes(claimed, mac(key, topic, body, hmac)) ? body : null
}

function mac (key: Uint8Array, topic: string, body: string, hmac: Hmac): Uint8Array {
  return hmac(key, utf8(topic + '\n' + body)).slice(0, MAC_BYTES)
}
