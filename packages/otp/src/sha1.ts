/**
 * SHA-1 (FIPS 180-4) and HMAC-SHA-1 (RFC 2104) in plain TypeScript, for HOTP and TOTP and for nothing else.
 *
 * Authenticator apps speak HMAC-SHA-1: it is the default of RFC 4226, RFC 6238 and the Key URI format, and several apps
 * ignore another `algorithm`, show wrong codes, and lock people out. It is sound there: the attacks on SHA-1 find two
 * messages with one digest, which is of no use against an HMAC whose key one does not have. A bare SHA-1 has no place
 * in this house but as the name that Redis gives a script, which is why this module is not part of the package's front door.
 */

const initialHash: readonly number[] = Object.freeze([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0])

/** SHA-1 of a message of any length below 2^53 bits: 20 bytes. */
export function sha1 (message: Uint8Array): Uint8Array {
  const padded = pad(message)
  const blocks = new DataView(padded.buffer)
  const hash = Int32Array.from(initialHash)
  const words = new Int32Array(80)
  for (let offset = 0; offset < padded.length; offset += 64) addBlock(hash, words, blocks, offset)
  const digest = new Uint8Array(20)
  const view = new DataView(digest.buffer)
  hash.forEach((word, i) => view.setInt32(i * 4, word))
  return digest
}

/** HMAC-SHA-1: 20 bytes. Any key length is legal; RFC 4226 asks for 16 bytes at least and recommends 20. */
export function hmacSha1 (key: Uint8Array, message: Uint8Array): Uint8Array {
  const shortKey = key.length > 64 ? sha1(key) : key
  const inner = new Uint8Array(64 + message.length).fill(0x36, 0, 64)
  const outer = new Uint8Array(84).fill(0x5c, 0, 64)
  shortKey.forEach((byte, i) => {
    inner[i] = byte ^ 0x36
    outer[i] = byte ^ 0x5c
  })
  inner.set(message, 64)
  outer.set(sha1(inner), 64)
  return sha1(outer)
}

/** The message, one 1 bit, zeros, and the length in bits as 64-bit big-endian (FIPS 180-4, 5.1.1). */
function pad (message: Uint8Array): Uint8Array {
  const padded = new Uint8Array((Math.floor((message.length + 8) / 64) + 1) * 64)
  padded.set(message)
  padded[message.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, Math.floor(message.length / 0x20000000))
  view.setUint32(padded.length - 4, message.length << 3)
  return padded
}

// The indexes below are constants within fixed lengths, hence the assertions that an element exists.
function addBlock (hash: Int32Array, w: Int32Array, blocks: DataView, offset: number): void {
  for (let t = 0; t < 16; t++) w[t] = blocks.getInt32(offset + t * 4)
  for (let t = 16; t < 80; t++) {
    const mixed = w[t - 3]! ^ w[t - 8]! ^ w[t - 14]! ^ w[t - 16]!
    w[t] = mixed << 1 | mixed >>> 31
  }
  let a = hash[0]!
  let b = hash[1]!
  let c = hash[2]!
  let d = hash[3]!
  let e = hash[4]!
  for (let t = 0; t < 80; t++) {
    // Functions and constants of the four rounds (FIPS 180-4, 4.1.1 and 4.2.1).
    let round
    if (t < 20) round = (b & c ^ ~b & d) + 0x5a827999
    else if (t < 40) round = (b ^ c ^ d) + 0x6ed9eba1
    else if (t < 60) round = (b & c ^ b & d ^ c & d) + 0x8f1bbcdc
    else round = (b ^ c ^ d) + 0xca62c1d6
    const next = (a << 5 | a >>> 27) + round + e + w[t]! | 0
    e = d
    d = c
    c = b << 30 | b >>> 2
    b = a
    a = next
  }
  hash[0] = hash[0]! + a
  hash[1] = hash[1]! + b
  hash[2] = hash[2]! + c
  hash[3] = hash[3]! + d
  hash[4] = hash[4]! + e
}
