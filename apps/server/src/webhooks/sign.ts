import { createHmac, randomBytes } from 'node:crypto'

/** Standard Webhooks asks for 24 to 64 bytes. */
const SECRET_BYTES = 32
const PREFIX = 'whsec_'

/** A new secret, as receivers' libraries take it. */
export function newWebhookSecret (): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64')
}

/** What a message is, to the byte. `id` is the same at every try, `timestamp` (seconds since 1970) is of this one. */
export type Signed = { id: string, timestamp: number, body: string }

/**
 * The three headers of a message (Standard Webhooks 1.0). While a secret rotates there is a signature by each, the newest
 * first: the receiver takes the message if one of them is right.
 */
export function signedHeaders ({ id, timestamp, body }: Signed, secrets: readonly string[]): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  const signatures = secrets.map((secret) => `v1,${createHmac('sha256', Buffer.from(secret.slice(PREFIX.length), 'base64')).update(`${id}.${timestamp}.${body}`).digest('base64')}`)
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signatures.join(' ') }
}
