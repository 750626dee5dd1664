import type { MessageLanguage } from '@oncekey/protocol/schemas'
import type { Seal } from '../platform/seal.ts'

/** What rests sealed in `outbox` and `inbox`: a text that is as good as a key, and its code where it has one. */
export type Secret = { text: string, digits: string | null, expiresAt: number | null, language?: MessageLanguage }

export function closeSecret (seal: Seal, box: 'outbox' | 'inbox', id: string, secret: Secret): string {
  return seal.close(JSON.stringify(secret), `${box}:${id}`)
}

export function openSecret (seal: Seal, box: 'outbox' | 'inbox', id: string, sealed: string): Secret {
  return JSON.parse(seal.open(sealed, `${box}:${id}`)) as Secret
}
