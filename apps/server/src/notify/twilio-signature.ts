import { createHmac, timingSafeEqual } from 'node:crypto'

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
