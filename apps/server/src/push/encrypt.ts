import { createCipheriv, createECDH, hkdfSync } from 'node:crypto'

/** A browser's keys, as it gives them out: its public key (P-256, 65 bytes) and its secret (16 bytes). */
export type BrowserKeys = { p256dh: Buffer, auth: Buffer }

const CURVE = 'prime256v1'
/** A push service need not take more than 4096 bytes (RFC 8291, 4): what is left of it for us. */
export const MOST_BYTES = 3_993
/** One record holds all of it. */
const RECORD_SIZE = 4096

/**
 * A message that only this browser can read, as one record of `aes128gcm` (RFC 8291, 3.4; RFC 8188, 2).
 * @param ours a fresh private key (32 bytes) and @param salt 16 random bytes: never used twice
 * @throws Error for a key that is no point of the curve, or a text that is too long
 */
export function encryptPush ({ p256dh, auth }: BrowserKeys, text: Uint8Array, ours: Buffer, salt: Buffer): Buffer {
  if (text.length > MOST_BYTES) throw new Error('The message is too long for a push service.')
  const ecdh = createECDH(CURVE)
  ecdh.setPrivateKey(ours)
  const ourPublic = ecdh.getPublicKey()
  const shared = ecdh.computeSecret(p256dh)
  const secret = Buffer.from(hkdfSync('sha256', shared, auth, Buffer.concat([Buffer.from('WebPush: info\0'), p256dh, ourPublic]), 32))
  const key = Buffer.from(hkdfSync('sha256', secret, salt, 'Content-Encoding: aes128gcm\0', 16))
  const nonce = Buffer.from(hkdfSync('sha256', secret, salt, 'Content-Encoding: nonce\0', 12))
  const cipher = createCipheriv('aes-128-gcm', key, nonce)
  const head = Buffer.alloc(21)
  salt.copy(head)
  head.writeUInt32BE(RECORD_SIZE, 16)
  head.writeUInt8(ourPublic.length, 20)
  // 2: the last record, without padding (RFC 8188, 2).
  return Buffer.concat([head, ourPublic, cipher.update(text), cipher.update(Buffer.of(2)), cipher.final(), cipher.getAuthTag()])
}

/** Whether a browser's key is a point of the curve: anything else would fail with each message. */
export function isPoint (p256dh: Buffer): boolean {
  try {
    const ecdh = createECDH(CURVE)
    ecdh.generateKeys()
    ecdh.computeSecret(p256dh)
    return p256dh.length === 65
  } catch {
    return false
  }
}

/** A fresh key pair: ours for one message, or the one that we are known by. */
export function freshKey (): { privateKey: Buffer, publicKey: Buffer } {
  const ecdh = createECDH(CURVE)
  const publicKey = ecdh.generateKeys()
  // Node leaves leading zeros out.
  const bytes = ecdh.getPrivateKey()
  return { privateKey: Buffer.concat([Buffer.alloc(32 - bytes.length), bytes]), publicKey }
}
