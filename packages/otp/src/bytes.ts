/**
 * Bytes and the texts that stand for them. Plain loops on purpose: these functions also run on the XS engine of
 * a microcontroller, where there is no TextEncoder, no Buffer and no regular expression.
 */

const hexDigits = '0123456789abcdef'
const base64urlDigits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** UTF-8 of a text. A lone surrogate becomes U+FFFD, as TextEncoder does it (WHATWG Encoding). */
export function utf8 (text: string): Uint8Array {
  const bytes: number[] = []
  for (let i = 0; i < text.length; i++) {
    let point = text.charCodeAt(i)
    if (point >= 0xd800 && point <= 0xdfff) {
      const low = point < 0xdc00 && i + 1 < text.length ? text.charCodeAt(i + 1) : 0
      if (low >= 0xdc00 && low <= 0xdfff) {
        point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00)
        i++
      } else point = 0xfffd
    }
    if (point < 0x80) bytes.push(point)
    else if (point < 0x800) bytes.push(0xc0 | point >> 6, 0x80 | point & 63)
    else if (point < 0x10000) bytes.push(0xe0 | point >> 12, 0x80 | point >> 6 & 63, 0x80 | point & 63)
    else bytes.push(0xf0 | point >> 18, 0x80 | point >> 12 & 63, 0x80 | point >> 6 & 63, 0x80 | point & 63)
  }
  return Uint8Array.from(bytes)
}

/** Lower-case hex, two characters a byte. */
export function toHex (bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += hexDigits.charAt(byte >> 4) + hexDigits.charAt(byte & 15)
  return text
}

/** The bytes of a hex text in either case; null when it is not one. */
export function fromHex (text: string): Uint8Array | null {
  if (text.length % 2 !== 0) return null
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < text.length; i++) {
    const value = hexValue(text.charCodeAt(i))
    if (value < 0) return null
    bytes[i >> 1] = bytes[i >> 1]! << 4 | value
  }
  return bytes
}

/** base64url without padding (RFC 4648 section 5). */
export function toBase64url (bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = (held << 8 | byte) & 0xffff
    bits += 8
    while (bits >= 6) {
      bits -= 6
      text += base64urlDigits.charAt(held >> bits & 63)
    }
  }
  return bits === 0 ? text : text + base64urlDigits.charAt(held << 6 - bits & 63)
}

/**
 * The bytes of a base64url text; null when it is not one. Strict: no padding, no white space, no stray bits at the
 * end, so that every byte string has exactly one text (RFC 4648 section 3.5).
 */
export function fromBase64url (text: string): Uint8Array | null {
  if (text.length % 4 === 1) return null
  const bytes = new Uint8Array(text.length * 6 >> 3)
  let bits = 0
  let held = 0
  let at = 0
  for (let i = 0; i < text.length; i++) {
    const value = base64urlValue(text.charCodeAt(i))
    if (value < 0) return null
    held = (held << 6 | value) & 0xffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[at++] = held >> bits
    }
  }
  return (held & (1 << bits) - 1) === 0 ? bytes : null
}

/** Whether two byte strings are equal, in a time that depends on the lengths only. */
export function equalBytes (a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!
  return difference === 0
}

/** Whether two texts are equal, in a time that depends on the lengths only. For hex and base64url of secrets. */
export function equalText (a: string, b: string): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i)
  return difference === 0
}

function hexValue (char: number): number {
  if (char >= 48 && char <= 57) return char - 48
  const lower = char | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

function base64urlValue (char: number): number {
  if (char >= 65 && char <= 90) return char - 65
  if (char >= 97 && char <= 122) return char - 71
  if (char >= 48 && char <= 57) return char + 4
  if (char === 45) return 62
  return char === 95 ? 63 : -1
}
