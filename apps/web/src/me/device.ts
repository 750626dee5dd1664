/** A session's device in words, from what the browser says it is, and its place by network. Pure. */

/** The first that fits; programs name those that they want to be taken for, too. */
const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:A|iOS)?\//, 'Edge'], [/\b(?:OPR|Opera)\//, 'Opera'], [/\bSamsungBrowser\//, 'Samsung Internet'], [/\bVivaldi\//, 'Vivaldi'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'], [/\b(?:Headless)?(?:Chrome|Chromium|CriOS)\//, 'Chrome'], [/\bVersion\/[\d.]+.* Safari\//, 'Safari']
]
const systems: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, 'iPhone'], [/\biPad\b/, 'iPad'], [/\bAndroid\b/, 'Android'], [/\bWindows\b/, 'Windows'], [/\bCrOS\b/, 'ChromeOS'], [/\bMac OS X\b|\bMacintosh\b/, 'macOS'], [/\bLinux\b|\bX11\b/, 'Linux']
]

/** @param agent the User-Agent header; anything @returns null for what it does not tell */
export function deviceOf (agent: string): { browser: string | null, system: string | null } {
  const first = (list: typeof browsers): string | null => list.find(([pattern]) => pattern.test(agent))?.[1] ?? null
  // Programs that are no browsers say their own name first: curl/8.5.0.
  return { browser: first(browsers) ?? /^(?!Mozilla)[\w.-]{2,32}(?=\/)/.exec(agent)?.[0] ?? null, system: first(systems) }
}

export type Place = 'same' | 'machine' | 'private' | 'unknown' | 'elsewhere'

/** @param address as the server saw it @param here that of this browser, or empty */
export function placeOf (address: string, here: string): Place {
  const one = plain(address)
  if (one === '') return 'unknown'
  if (here !== '' && networkOf(one) === networkOf(plain(here))) return 'same'
  if (/^127\.|^::1$/.test(one)) return 'machine'
  // RFC 1918, RFC 3927, RFC 4193, RFC 4291 2.5.6.
  return /^10\.|^192\.168\.|^172\.(?:1[6-9]|2\d|3[01])\.|^169\.254\.|^f[cd][\da-f]{2}:|^fe[89ab][\da-f]:/.test(one) ? 'private' : 'elsewhere'
}

/** An IPv4 address that came as an IPv6 one is one. */
function plain (address: string): string {
  return address.trim().toLowerCase().replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '')
}

/** Behind one IPv4 address is one network; of IPv6 it is the first 64 bits. Spellings that differ are other networks: we say less then, nothing wrong. */
function networkOf (address: string): string {
  return address.includes(':') ? address.split('::')[0]?.split(':').slice(0, 4).join(':') ?? '' : address
}
