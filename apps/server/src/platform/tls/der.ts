/**
 * The few ASN.1 values that a certificate consists of, in their Distinguished Encoding (X.690). Written only, never
 * read: what others wrote is read by Node's OpenSSL.
 */

/** Tag, length, content (X.690 8.1). `tag` is one octet. */
export function tlv (tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content)
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body])
}

function lengthOf (length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const octets: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256)
  return Buffer.from([0x80 | octets.length, ...octets])
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => tlv(0x30, ...parts)
export const set = (...parts: readonly Uint8Array[]): Buffer => tlv(0x31, ...parts)
export const octets = (content: Uint8Array): Buffer => tlv(0x04, content)
export const isTrue = tlv(0x01, Buffer.from([0xff]))
/** Whole octets; `unused` bits at the end do not count. */
export const bits = (content: Uint8Array, unused = 0): Buffer => tlv(0x03, Buffer.from([unused]), content)
export const utf8 = (text: string): Buffer => tlv(0x0c, Buffer.from(text, 'utf8'))
/** `[number]` around whole values. @param number 0..30 */
export const explicit = (number: number, ...parts: readonly Uint8Array[]): Buffer => tlv(0xa0 | number, ...parts)
/** `[number]` in place of a primitive value's own tag. @param number 0..30 */
export const implicit = (number: number, content: Uint8Array): Buffer => tlv(0x80 | number, content)

/** An integer that is not negative, of any length, most significant octet first. */
export function integer (value: Uint8Array): Buffer {
  const first = value.findIndex((octet) => octet !== 0)
  const shortest = first === -1 ? Buffer.from([0]) : value.subarray(first)
  // Its highest bit would be the sign (X.690 8.3).
  return (shortest[0] ?? 0) >= 0x80 ? tlv(0x02, Buffer.from([0]), shortest) : tlv(0x02, shortest)
}

/** An object identifier such as 2.5.4.3 (X.690 8.19). */
export function oid (dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return tlv(0x06, Buffer.from([first * 40 + second, ...rest].flatMap(base128)))
}

function base128 (arc: number): number[] {
  const octets = [arc % 128]
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) octets.unshift(0x80 | rest % 128)
  return octets
}

/** A moment, in whole seconds: two digits of the year until 2049, four from then on (RFC 5280 4.1.2.5). @param ms since 1970 UTC */
export function time (ms: number): Buffer {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return new Date(ms).getUTCFullYear() < 2050 ? tlv(0x17, Buffer.from(digits.slice(2))) : tlv(0x18, Buffer.from(digits))
}
