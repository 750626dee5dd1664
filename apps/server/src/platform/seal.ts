import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto'
import { drawBytes } from './random.ts'
import type { NamedKey } from './secrets.ts'

/** Bytes of GCM's tag. Said when opening, too: Node takes a shorter one for whole, and 4 bytes can be guessed. */
const TAG = 16

/** Hides texts that have to rest for a while: AES-256-GCM, bound to what they are for. */
export type Seal = {
  /** @param binding what the text belongs to, e.g. 'outbox:' + id; opening needs the same */
  close: (text: string, binding: string) => string
  /** @throws Error when the seal was broken, the key is gone, or it belongs to something else */
  open: (sealed: string, binding: string) => string
}

export function createSeal (named: readonly NamedKey[]): Seal {
  // Made once: from its bytes, Node makes one for each message, which costs twice as much as sealing it.
  const keys = named.map(({ id, key }) => ({ id, key: createSecretKey(key) }))
  const [newest] = keys
  if (newest === undefined) throw new Error('A seal needs at least one key.')
  return {
    close (text, binding) {
      const iv = drawBytes(12)
      const cipher = createCipheriv('aes-256-gcm', newest.key, iv, { authTagLength: TAG }).setAAD(Buffer.from(binding))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return [newest.id, Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')].join('.')
    },
    open (sealed, binding) {
      const [id, packed, ...more] = sealed.split('.')
      const key = keys.find((one) => one.id === id)
      if (key === undefined || packed === undefined || more.length > 0) throw new Error('No key opens this seal.')
      const bytes = Buffer.from(packed, 'base64url')
      const decipher = createDecipheriv('aes-256-gcm', key.key, bytes.subarray(0, 12), { authTagLength: TAG }).setAAD(Buffer.from(binding)).setAuthTag(bytes.subarray(12, 12 + TAG))
      return Buffer.concat([decipher.update(bytes.subarray(12 + TAG)), decipher.final()]).toString('utf8')
    }
  }
}
