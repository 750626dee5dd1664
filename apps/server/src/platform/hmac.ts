import { hash } from 'node:crypto'
import type { Hmac } from '@oncekey/protocol/messages'

/** Of SHA-256, in bytes. */
const BLOCK = 64
const DIGEST = 32

/** The MAC of one key: hex of a text (UTF-8), or the 32 bytes of bytes. */
export type KeyedHmac = { hex: (text: string) => string, bytes: (message: Uint8Array) => Uint8Array }

/**
 * HMAC-SHA-256 (RFC 2104) as its two one-shot hashes. Node's `createHmac` makes a native object for each call, which costs
 * 3 to 5 µs with its collection; a check of a code needs several MACs, and the whole of it takes 100.
 * @param key at most 64 bytes; it is copied
 */
export function keyedHmac (key: Uint8Array): KeyedHmac {
  if (key.length > BLOCK) throw new RangeError(`An HMAC key of ${key.length} bytes; at most ${BLOCK} are used as they are.`)
  const inner = Buffer.alloc(BLOCK + 1024, 0x36)
  const outer = Buffer.alloc(BLOCK + DIGEST, 0x5c)
  for (const [i, byte] of key.entries()) {
    inner[i] = byte ^ 0x36
    outer[i] = byte ^ 0x5c
  }

  /** The digest of the inner hash goes behind the outer key. Digits may be in the message: it is not left lying. */
  function hashInner (length: number, write: (into: Buffer) => void): void {
    const into = length <= inner.length - BLOCK ? inner : Buffer.concat([inner.subarray(0, BLOCK), Buffer.alloc(length)])
    write(into)
    outer.write(hash('sha256', into.subarray(0, BLOCK + length), 'binary'), BLOCK, 'latin1')
    into.fill(0, BLOCK, BLOCK + length)
  }

  return {
    hex (text) {
      hashInner(Buffer.byteLength(text), (into) => { into.write(text, BLOCK) })
      return hash('sha256', outer, 'hex')
    },
    bytes (message) {
      hashInner(message.length, (into) => { into.set(message, BLOCK) })
      return hash('sha256', outer, 'buffer')
    }
  }
}

/** The same for keys that come along with each message. */
export function nodeHmac (): Hmac {
  const keyed = new WeakMap<Uint8Array, KeyedHmac>()
  return (key, message) => {
    let one = keyed.get(key)
    if (one === undefined) {
      one = keyedHmac(key)
      keyed.set(key, one)
    }
    return one.bytes(message)
  }
}
