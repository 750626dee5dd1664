import { createPrivateKey, sign } from 'node:crypto'
import type { House } from '../house.ts'
import { freshKey } from './encrypt.ts'

const KEY = 'push.key'
/** A token is good for 24 hours at most (RFC 8292, 2); ours for half of it. */
const GOOD_FOR_S = 12 * 3_600

/** What we are known by at push services. `publicKey`: 65 bytes, base64url; browsers bind what they give us to it. */
export type PushKey = { publicKey: string, privateKey: string }

/** The key of this installation, made when somebody wants notifications for the first time. Sealed at rest. */
export async function pushKey (house: House): Promise<PushKey> {
  const read = async (): Promise<PushKey | null> => {
    const row = await house.db.ask('SELECT value FROM settings WHERE key = ?').get(KEY)
    // We wrote this text ourselves, below.
    return row === undefined ? null : JSON.parse(house.seal.open(String(row['value']), KEY)) as PushKey
  }
  const known = await read()
  if (known !== null) return known
  const { privateKey, publicKey } = freshKey()
  const sealed = house.seal.close(JSON.stringify({ publicKey: publicKey.toString('base64url'), privateKey: privateKey.toString('base64url') }), KEY)
  await house.db.write(async (trx) => { await trx.prepare('INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO NOTHING').run(KEY, sealed) })
  const made = await read()
  if (made === null) throw new Error('The key of notifications could not be kept.')
  return made
}

/** Says to a push service who sends (RFC 8292, 3). @param subject where its operator reaches ours: https: or mailto: @param now ms since 1970 */
export function vapidHeader ({ publicKey, privateKey }: PushKey, endpoint: string, subject: string, now: number): string {
  const point = Buffer.from(publicKey, 'base64url')
  const key = createPrivateKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', d: privateKey, x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') } })
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const body = `${part({ typ: 'JWT', alg: 'ES256' })}.${part({ aud: new URL(endpoint).origin, exp: Math.floor(now / 1000) + GOOD_FOR_S, sub: subject })}`
  const signature = sign('sha256', Buffer.from(body), { key, dsaEncoding: 'ieee-p1363' })
  return `vapid t=${body}.${signature.toString('base64url')}, k=${publicKey}`
}
