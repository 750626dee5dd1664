import { hash as hashOf } from 'node:crypto'
import { drawText } from '../platform/random.ts'

const TOKEN_BYTES = 32
/** Seconds since 1970 in base 36: seven characters until the year 4453. */
const DATE_LENGTH = 7
const DATED_LENGTH = DATE_LENGTH + Math.ceil(TOKEN_BYTES * 4 / 3)

/**
 * A secret of 256 bits as it travels, and what is kept of it.
 * @param madeAt ms since 1970: both begin with it, so that what is made at the same time lies together in a table whose key the
 * hash is. A commit of fifty sign-ins then writes a page or two of it, and not fifty.
 */
export function newToken (madeAt?: number): { token: string, hash: string } {
  const secret = drawText(TOKEN_BYTES, 'base64url')
  const token = madeAt === undefined ? secret : dateOf(madeAt) + secret
  return { token, hash: tokenHash(token) }
}

export function tokenHash (token: string): string {
  const hash = hashOf('sha256', token)
  return token.length === DATED_LENGTH ? token.slice(0, DATE_LENGTH) + hash : hash
}

function dateOf (ms: number): string {
  return Math.max(0, Math.floor(ms / 1000)).toString(36).padStart(DATE_LENGTH, '0')
}
