import { hex, sha256 } from '@oncekey/otp/sha256'

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const begin = '-----BEGIN CERTIFICATE-----'
const end = '-----END CERTIFICATE-----'

/** The bytes (DER) of the first certificate of a PEM file; null when there is none (RFC 7468). */
export function certificateOf (pem: string): Uint8Array | null {
  const from = pem.indexOf(begin)
  const to = pem.indexOf(end)
  if (from < 0 || to < from) return null
  const bytes: number[] = []
  let bits = 0
  let count = 0
  for (const char of pem.slice(from + begin.length, to)) {
    // Ends of lines, and the padding.
    if (char < ' ' || char === '=') continue
    const value = letters.indexOf(char)
    if (value < 0) return null
    bits = (bits << 6 | value) & 0xffff
    count += 6
    if (count >= 8) {
      count -= 8
      bytes.push(bits >> count & 0xff)
    }
  }
  return bytes.length === 0 ? null : Uint8Array.from(bytes)
}

/**
 * Whether this authority is the one that somebody read out: SHA-256 of its certificate, as servers print it. Colons,
 * blanks and capitals do not matter.
 */
export function isFingerprintOf (pem: string, fingerprint: string): boolean {
  const certificate = certificateOf(pem)
  const wanted = [...fingerprint.toLowerCase()].filter((char) => char !== ':' && char !== ' ').join('')
  return certificate !== null && hex(sha256(certificate)) === wanted
}
