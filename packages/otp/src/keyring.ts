import { toHex, utf8 } from './bytes.ts'
import { hmacSha256 } from './sha256.ts'

/**
 * The keys that turn digits into hashes. New codes use `current`; a typed code is tried under every key of the ring,
 * so rotating a key (a new one in front) leaves live codes alive. A key may leave the ring once no code made under
 * it can be live any more. Keep the keys outside the database that holds the hashes.
 *
 * `keyRing()` makes one with the HMAC of this package. A host with a faster HMAC builds the object by itself.
 */
export type KeyRing = {
  readonly current: string
  /** Lower-case hex of HMAC-SHA-256(key, UTF-8 of message): 64 characters. */
  readonly hmac: (keyId: string, message: string) => string
  /** All keys, the current one included. */
  readonly keyIds: readonly string[]
}

/** A ring of keys of at least 32 bytes each, newest first. RangeError for none, a short one or the same id twice. */
export function keyRing (keys: readonly { readonly id: string, readonly key: Uint8Array }[]): KeyRing {
  const [newest] = keys
  if (newest === undefined) throw new RangeError('A key ring needs at least one key.')
  const byId = new Map<string, Uint8Array>()
  for (const { id, key } of keys) {
    if (key.length < 32) throw new RangeError(`Key ${id} has ${key.length} bytes; it needs at least 32.`)
    if (byId.has(id)) throw new RangeError(`Two keys are called ${id}.`)
    byId.set(id, key.slice())
  }
  return {
    current: newest.id,
    keyIds: [...byId.keys()],
    hmac (keyId, message) {
      const key = byId.get(keyId)
      if (key === undefined) throw new RangeError(`No key is called ${keyId}.`)
      return toHex(hmacSha256(key, utf8(message)))
    }
  }
}
