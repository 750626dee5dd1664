import { createHash } from 'node:crypto'

/** How a root key is recognised: it is 256 random bits, so its plain hash gives nothing away. */
export function keyHash (rootKey: Uint8Array): string {
  return createHash('sha256').update('oncekey root key\n').update(rootKey).digest('hex')
}
