import { hash as hashOf, randomBytes } from 'node:crypto'

/** A secret of 256 bits as it travels, and what is kept of it. */
export function newToken (): { token: string, hash: string } {
  const token = randomBytes(32).toString('base64url')
  return { token, hash: tokenHash(token) }
}

export function tokenHash (token: string): string {
  return hashOf('sha256', token)
}
