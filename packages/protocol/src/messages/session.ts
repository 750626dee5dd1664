import { fromBase64url, toBase64url } from '@oncekey/otp/bytes'
import type { InSession } from './types.ts'

const HALF_BYTES = 16

/**
 * The name of a session: the controller's epoch and the server's nonce, joined. Each side adds 16 fresh random
 * bytes, so neither can be made to repeat an earlier session by the other, or by a recording.
 * @param epoch 22 characters, from up/hello @param nonce 22 characters, from down/welcome
 * @returns 43 characters: base64url of the 32 bytes; null when a part is not 16 bytes of base64url
 */
export function sessionOf (epoch: string, nonce: string): string | null {
  const first = fromBase64url(epoch)
  const second = fromBase64url(nonce)
  if (first === null || second === null || first.length !== HALF_BYTES || second.length !== HALF_BYTES) return null
  const both = new Uint8Array(2 * HALF_BYTES)
  both.set(first)
  both.set(second, HALF_BYTES)
  return toBase64url(both)
}

/**
 * Whether a body may move or change something: of this session, and newer than all that was accepted in it.
 * Numbers may be left out (a message got lost) but never come again.
 * @param session null while there is none @param last `n` of the last accepted body of this direction, 0 at first
 */
export function acceptsNext (session: string | null, last: number, body: InSession): boolean {
  return body.s === session && body.n > last
}
