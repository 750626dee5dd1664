import { withoutBlanks } from './spelling.ts'

const base32Digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Base32 without padding, in upper case (RFC 4648 section 6): how authenticator apps write a secret. */
export function toBase32 (bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = (held << 8 | byte) & 0xfff
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += base32Digits.charAt(held >> bits & 31)
    }
  }
  return bits === 0 ? text : text + base32Digits.charAt(held << 5 - bits & 31)
}

/**
 * The bytes of a base32 text; null when it is not one. Kind to people who copy by hand: either case, blanks anywhere,
 * padding or not. Strict about the rest, stray bits at the end included: no other text gives the same bytes.
 */
export function fromBase32 (text: string): Uint8Array | null {
  const padded = withoutBlanks(text)
  let length = padded.length
  while (length > 0 && padded.charAt(length - 1) === '=') length--
  // Right padding fills groups of eight; one, three or six characters of a group hold no whole number of bytes.
  if (length < padded.length && (padded.length % 8 !== 0 || padded.length - length > 6)) return null
  if (length % 8 === 1 || length % 8 === 3 || length % 8 === 6) return null
  const bytes = new Uint8Array(Math.floor(length * 5 / 8))
  let bits = 0
  let held = 0
  let at = 0
  for (let i = 0; i < length; i++) {
    const value = base32Value(padded.charCodeAt(i))
    if (value < 0) return null
    held = (held << 5 | value) & 0xfff
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes[at++] = held >> bits
    }
  }
  return (held & (1 << bits) - 1) === 0 ? bytes : null
}

function base32Value (char: number): number {
  if (char >= 50 && char <= 55) return char - 24
  const lower = char | 32
  return lower >= 97 && lower <= 122 ? lower - 97 : -1
}
