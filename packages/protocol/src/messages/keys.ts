import { toBase64url, utf8 } from '@oncekey/otp/bytes'
import { hmacSha256 } from '@oncekey/otp/sha256'

/** HMAC-SHA-256(key, message) -> 32 bytes. A host with a faster one passes it in; the default is pure TypeScript. */
export type Hmac = (key: Uint8Array, message: Uint8Array) => Uint8Array

export type KeyLabel = 'mac-up' | 'mac-down' | 'enc-up' | 'offline' | 'broker' | 'update'

/** The keys that both sides derive from a controller's root key K. Each is 32 bytes. */
export type LinkKeys = { macUp: Uint8Array, macDown: Uint8Array, encUp: Uint8Array }

/** One derived key: HMAC-SHA-256(K, label "|" version). `root` is 32 random bytes; `version` counts up from 1. */
export function deriveKey (root: Uint8Array, label: KeyLabel, version: number, hmac: Hmac = hmacSha256): Uint8Array {
  return hmac(root, utf8(label + '|' + String(version)))
}

/** The three keys of the controller link. */
export function linkKeys (root: Uint8Array, version: number, hmac: Hmac = hmacSha256): LinkKeys {
  return {
    macUp: deriveKey(root, 'mac-up', version, hmac),
    macDown: deriveKey(root, 'mac-down', version, hmac),
    encUp: deriveKey(root, 'enc-up', version, hmac)
  }
}

/** What the controller logs in to the broker with: a password that opens no envelope. */
export function brokerPassword (root: Uint8Array, version: number, hmac: Hmac = hmacSha256): string {
  return toBase64url(deriveKey(root, 'broker', version, hmac))
}

/** What a controller downloads the image of one offer with: `Authorization: Bearer <this>`. Nobody else's, and good for nothing else. */
export function downloadToken (root: Uint8Array, version: number, offer: number, hmac: Hmac = hmacSha256): string {
  return toBase64url(hmac(deriveKey(root, 'update', version, hmac), utf8(String(offer))))
}
