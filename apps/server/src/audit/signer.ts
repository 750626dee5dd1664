import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { checkpointText, keyIdOf, type Checkpoint } from './format.ts'

/** Signs checkpoints and exports. `publicKey`: 32 bytes in base64url; `key`: its short name. */
export type Signer = {
  publicKey: string
  key: string
  /** @returns Ed25519 signature, base64url */
  sign: (text: string) => string
  signCheckpoint: (one: Omit<Checkpoint, 'key' | 'signature'>) => Checkpoint
}

/** @param privateKey Ed25519, PKCS #8 DER */
export function createSigner (privateKey: Buffer): Signer {
  const object = createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(object).export({ format: 'jwk' }).x ?? ''
  const key = keyIdOf(publicKey)
  const signText = (text: string): string => sign(null, Buffer.from(text), object).toString('base64url')
  return {
    publicKey,
    key,
    sign: signText,
    signCheckpoint: (one) => ({ ...one, key, signature: signText(checkpointText({ ...one, key })) })
  }
}
