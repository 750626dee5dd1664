import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'

const objects = new WeakMap<Uint8Array, KeyObject>()

/** HMAC-SHA-256 by Node's own crypto: for thousands of doors in one process. A key that comes again is made ready once. */
export function nodeHmac (key: Uint8Array, message: Uint8Array): Uint8Array {
  let object = objects.get(key)
  if (object === undefined) {
    object = createSecretKey(key)
    objects.set(key, object)
  }
  return new Uint8Array(createHmac('sha256', object).update(message).digest())
}
