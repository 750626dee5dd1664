/** Signed posts from program to program: https://www.standardwebhooks.com, version 1.0, symmetric. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** The standard asks for 24 to 64 bytes. */
const SECRET_BYTES = 32
const PREFIX = 'whsec_'
/** The other side's clock and ours may differ so much; what is older was overheard. */
const FRESH_MS = 300_000
/** Nobody rotates through more secrets at once. */
const MOST_SIGNATURES = 8

/** A new secret, as receivers' libraries take it. */
export function newWebhookSecret (): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64')
}

/** What a message is, to the byte. `id` is the same at every try, `at` (ms since 1970) is of this one. */
export type Signed = { id: string, at: number, body: string }

/**
 * The three headers of a message. While a secret rotates there is a signature by each, the newest first: the receiver takes
 * the message if one of them is right.
 * @param secrets base64, with or without `whsec_`
 */
export function signedHeaders ({ id, at, body }: Signed, secrets: readonly string[]): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  const seconds = String(Math.floor(at / 1000))
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': secrets.map((secret) => signature(secret, id, seconds, body)).join(' ') }
}

/** Whether a body came from whoever has the secret, within five minutes of `now`. Several signatures: one of them has to fit. */
export function isSigned (secret: string, headers: Readonly<Record<string, string | string[] | undefined>>, body: string, now: number): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signatures } = headers
  if (typeof id !== 'string' || typeof seconds !== 'string' || typeof signatures !== 'string' || !/^\d{1,12}$/.test(seconds)) return false
  if (Math.abs(Number(seconds) * 1000 - now) > FRESH_MS) return false
  const right = Buffer.from(signature(secret, id, seconds, body))
  return signatures.split(' ').slice(0, MOST_SIGNATURES).map((one) => Buffer.from(one)).some((one) => one.length === right.length && timingSafeEqual(one, right))
}

function signature (secret: string, id: string, seconds: string, body: string): string {
  const key = Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64')
  return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`
}
