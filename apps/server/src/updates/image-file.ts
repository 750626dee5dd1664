import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto'
import { imageText, parseUpdate, type Image } from '@oncekey/protocol/messages'

/** What a signed image file says about the bytes behind it: all of an image but where it is downloaded. */
export type SignedFacts = Omit<Image, 'url'>

/** The first line of every signed image: what kind of file this is. */
const FIRST_LINE = 'oncekey image 1\n'
/** Both lines together are never longer. */
export const MOST_HEADER = 4096

/** The head of a signed image file: the first line, the facts as one line of JSON; the image's bytes follow. */
export function writeHeader (facts: SignedFacts): Buffer {
  return Buffer.from(FIRST_LINE + JSON.stringify(facts) + '\n')
}

/** The head of a file that begins with these bytes, and how long it is; null when it is none, `more` when it is not all there yet. */
export function readHeader (start: Buffer): { facts: SignedFacts, length: number } | 'more' | null {
  const first = start.subarray(0, FIRST_LINE.length).toString('latin1')
  if (!FIRST_LINE.startsWith(first)) return null
  const end = start.indexOf('\n', FIRST_LINE.length)
  if (end < 0) return start.length < MOST_HEADER ? 'more' : null
  const facts = parseFacts(start.subarray(FIRST_LINE.length, end).toString('utf8'))
  return facts === null ? null : { facts, length: end + 1 }
}

function parseFacts (line: string): SignedFacts | null {
  try {
    const update = parseUpdate(JSON.stringify({ ...JSON.parse(line), op: 'install', offer: 1, url: '-' }))
    if (update?.op !== 'install') return null
    const { version, minimum, hardware, size, sha256, key, signature } = update
    return { version, minimum, hardware, size, sha256, key, signature }
  } catch {
    return null
  }
}

/** Whether the key in the facts signed them. */
export function isSigned (facts: SignedFacts): boolean {
  return verify(null, Buffer.from(imageText(facts)), publicKeyOf(facts.key), Buffer.from(facts.signature, 'base64url'))
}

/** Signs what an image is. @param privateKey PEM of an Ed25519 key. @throws Error for a key of another kind */
export function signImage (facts: Omit<SignedFacts, 'key' | 'signature'>, privateKey: string): SignedFacts {
  const key = createPrivateKey(privateKey)
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('This is no Ed25519 key. Make one: oncekey image key FILE')
  return { ...facts, key: rawOf(createPublicKey(key)), signature: sign(null, Buffer.from(imageText(facts)), key).toString('base64url') }
}

/** A key pair for images: the private one as PEM, for a file that stays with the operator; the public one as it is written in settings. */
export function makeImageKey (): { pem: string, publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return { pem: String(privateKey.export({ format: 'pem', type: 'pkcs8' })), publicKey: rawOf(publicKey) }
}

function rawOf (key: KeyObject): string {
  return String(key.export({ format: 'jwk' }).x)
}

function publicKeyOf (raw: string): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw }, format: 'jwk' })
}
