import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { PasskeyOptions, PasskeyProof, PasskeyForm } from '@oncekey/protocol/schemas'

/** How an authenticator answers; each can be bent for a test. */
export type Bent = { origin?: string, host?: string, verifiesUser?: boolean, counter?: number, userHandle?: string | null }

/** An authenticator with one ES256 key, as WebAuthn Level 3 sections 6.1 and 6.5.1 lay its answers out. */
export function testPasskey (origin = 'http://localhost') {
  const host = new URL(origin).hostname
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = publicKey.export({ format: 'jwk' })
  const id = randomBytes(16)
  let counter = 0
  let userHandle: string | null = null

  const authenticatorData = (bent: Bent, attested?: Buffer): Buffer => {
    const flags = 0x01 | (bent.verifiesUser === false ? 0 : 0x04) | (attested === undefined ? 0 : 0x40)
    const count = Buffer.alloc(4)
    count.writeUInt32BE(bent.counter ?? counter)
    return Buffer.concat([createHash('sha256').update(bent.host ?? host).digest(), Buffer.from([flags]), count, attested ?? Buffer.alloc(0)])
  }
  const clientData = (type: string, challenge: unknown, bent: Bent): Buffer => Buffer.from(JSON.stringify({ type, challenge, origin: bent.origin ?? origin, crossOrigin: false }))
  const text = (bytes: Buffer): string => bytes.toString('base64url')

  return {
    id: text(id),
    /** The answer to `navigator.credentials.create`. */
    create ({ ticket, options }: PasskeyOptions, name = 'Key', bent: Bent = {}): PasskeyForm {
      const user = options['user'] as { id: string }
      userHandle = user.id
      const coordinate = (part: string | undefined): Buffer => Buffer.concat([Buffer.from([0x58, 0x20]), Buffer.from(part ?? '', 'base64url')])
      // {1: 2, 3: -7, -1: 1, -2: x, -3: y} (RFC 9053 section 7.1)
      const key = Buffer.concat([Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]), coordinate(jwk.x), Buffer.from([0x22]), coordinate(jwk.y)])
      const data = authenticatorData(bent, Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, key]))
      const attestationObject = Buffer.concat([
        Buffer.from([0xa3, 0x63]), Buffer.from('fmt'), Buffer.from([0x64]), Buffer.from('none'), Buffer.from([0x67]), Buffer.from('attStmt'), Buffer.from([0xa0, 0x68]), Buffer.from('authData'),
        Buffer.from([0x58, data.length]), data
      ])
      return {
        ticket, name,
        attestation: { id: text(id), rawId: text(id), type: 'public-key', response: { clientDataJSON: text(clientData('webauthn.create', options['challenge'], bent)), attestationObject: text(attestationObject), transports: ['internal'] } }
      }
    },
    /** The answer to `navigator.credentials.get`. */
    get ({ ticket, options }: PasskeyOptions, bent: Bent = {}): PasskeyProof {
      counter++
      const data = authenticatorData(bent)
      const client = clientData('webauthn.get', options['challenge'], bent)
      const signature = sign('sha256', Buffer.concat([data, createHash('sha256').update(client).digest()]), privateKey)
      return {
        ticket,
        assertion: { id: text(id), rawId: text(id), type: 'public-key', response: { clientDataJSON: text(client), authenticatorData: text(data), signature: text(signature), userHandle: bent.userHandle === undefined ? userHandle : bent.userHandle } }
      }
    }
  }
}
