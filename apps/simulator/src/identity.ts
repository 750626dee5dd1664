import { fromBase64url } from '@oncekey/otp/sha256'
import type { Identity } from '@oncekey/controller'

/** A controller's identity as it is written down: what the server's `simulation` answer and our identity files share. */
export type IdentityFile = { siteId: string, controllerId: string, /** root key, 32 bytes as base64url */ key: string, locks: number }

/** The identity in it; null when the key is not 32 bytes. */
export function identityFrom (file: Pick<IdentityFile, 'siteId' | 'controllerId' | 'key'>): Identity | null {
  const rootKey = fromBase64url(file.key)
  if (rootKey === null || rootKey.length !== 32) return null
  return { site: file.siteId, controller: file.controllerId, rootKey }
}
