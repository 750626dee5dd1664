import { createHmac, timingSafeEqual } from 'node:crypto'

/** A gateway's clock and ours may differ so much; what is older was overheard. */
const FRESH_MS = 300_000

/** Headers that show who sent a body (Standard Webhooks 1.0, symmetric). @param secret base64 @param at ms since 1970 */
export function signed (secret: string, { id, at, body }: { id: string, at: number, body: string }): Record<string, string> {
  const seconds = String(Math.floor(at / 1000))
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': `v1,${hmac(secret, id, seconds, body)}` }
}

/** Whether a body came from whoever has the secret, within five minutes of `now`. Several signatures: one of them has to fit, while secrets are changed. */
export function isSigned (secret: string, headers: Readonly<Record<string, string | string[] | undefined>>, body: string, now: number): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signatures } = headers
  if (typeof id !== 'string' || typeof seconds !== 'string' || typeof signatures !== 'string' || !/^\d{1,12}$/.test(seconds)) return false
  if (Math.abs(Number(seconds) * 1000 - now) > FRESH_MS) return false
  const right = `v1,${hmac(secret, id, seconds, body)}`
  return signatures.split(' ').slice(0, 8).some((one) => isEqual(one, right))
}

function hmac (secret: string, id: string, seconds: string, body: string): string {
  return createHmac('sha256', Buffer.from(secret, 'base64')).update(`${id}.${seconds}.${body}`).digest('base64')
}

/** What Twilio signs: the address that it was given, then each parameter's name and value, by name; HMAC-SHA1 under the account's token. */
export function twilioSignature (token: string, url: string, form: URLSearchParams): string {
  const pairs = [...form].sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0)
  return createHmac('sha1', token).update(url + pairs.flat().join('')).digest('base64')
}

/** @param url as it was given to Twilio: what a proxy made of it on the way does not count */
export function isTwilios (token: string, url: string, form: URLSearchParams, signature: string | string[] | undefined): boolean {
  return typeof signature === 'string' && withAndWithoutPort(url).some((one) => isEqual(signature, twilioSignature(token, one, form)))
}

/** Twilio has left ports away, and added the usual one, in what it signs. */
function withAndWithoutPort (url: string): string[] {
  const parts = /^(https?):\/\/(\[[^\]]*\]|[^/:?#]*)(?::\d+)?(.*)$/.exec(url)
  if (parts === null) return [url]
  const [, scheme = '', host = '', rest = ''] = parts
  return [url, `${scheme}://${host}${rest}`, `${scheme}://${host}:${scheme === 'https' ? 443 : 80}${rest}`]
}

function isEqual (one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
