import { createPublicKey, hash, verify, type KeyObject } from 'node:crypto'

/*
 * What can be checked of the record by anybody, with the public key alone: see docs/audit.md. This file and
 * witnessed.ts, verify-export.ts and cli/verify-file.ts become the stand-alone verifier, so they import nothing but Node and each other.
 */

/** MAC and digest before the first row. */
export const GENESIS = '0'.repeat(64)

/** The chain covers this salted hash, so erasing a payload later leaves the chain verifiable. */
export function payloadHash (salt: string, payload: string): string {
  return hash('sha256', `${salt}\n${payload}`)
}

/** What of a row is signed. `time`: ms since 1970 UTC; hashes are SHA-256 in hex. */
export type SignedRow = { seq: number, time: number, event: string, payloadHash: string, mac: string }

/** The running digest after `row`: it stands for all rows up to here and needs no key. */
export function nextDigest (previous: string, row: SignedRow): string {
  return hash('sha256', `${previous}\n${row.seq}\n${row.time}\n${row.event}\n${row.payloadHash}\n${row.mac}`)
}

/** "The rows up to `seq` were these", signed at `time`. `key`: id of the key that signed it; `signature`: Ed25519, base64url. */
export type Checkpoint = { house: string, generation: number, seq: number, time: number, mac: string, digest: string, key: string, signature: string }

export function checkpointText (one: Omit<Checkpoint, 'signature'>): string {
  return `oncekey checkpoint 1\n${one.house}\n${one.generation}\n${one.seq}\n${one.time}\n${one.mac}\n${one.digest}\n${one.key}`
}

/** A checkpoint as one line of JSON, in the only form that is valid; without the line's end. */
export function checkpointLine (one: Checkpoint): string {
  const { house, generation, seq, time, mac, digest, key, signature } = one
  return JSON.stringify({ type: 'checkpoint', house, generation, seq, time, mac, digest, key, signature })
}

/** The checkpoint in a line; null when it is none. A mail program may have put signs before or after it. */
export function readCheckpoint (line: string): Checkpoint | null {
  const one = parsed(line.slice(line.indexOf('{'), line.lastIndexOf('}') + 1))
  if (one === null || one['type'] !== 'checkpoint') return null
  const { house, generation, seq, time, mac, digest, key, signature } = one
  if (typeof house !== 'string' || typeof mac !== 'string' || typeof digest !== 'string' || typeof key !== 'string' || typeof signature !== 'string') return null
  return isCount(generation) && isCount(seq) && isCount(time) ? { house, generation, seq, time, mac, digest, key, signature } : null
}

/** The first line of an exported file. `last`: number of rows of the whole record when it was made; `previous…`: of row `from - 1`. */
export type Header = {
  house: string, generation: number, publicKey: string, key: string, from: number, to: number, last: number, time: number, previousMac: string, previousDigest: string
}

export function headerLine (one: Header): string {
  const { house, generation, publicKey, key, from, to, last, time, previousMac, previousDigest } = one
  return JSON.stringify({ type: 'oncekey audit', version: 1, house, generation, publicKey, key, from, to, last, time, previousMac, previousDigest })
}

/** A row in an exported file; `payload` is null when it was erased. */
export type ExportedRow = SignedRow & { payload: string | null, salt: string, digest: string }

export function rowLine (one: ExportedRow): string {
  const { seq, time, event, payload, salt, mac, digest } = one
  return JSON.stringify({ type: 'row', seq, time, event, payload, salt, payloadHash: one.payloadHash, mac, digest })
}

/** The last line: how much there was, and the SHA-256 of every byte before this line, signed. */
export type End = { rows: number, checkpoints: number, sha256: string, signature: string }

export function endText (header: Header, one: Omit<End, 'signature'>): string {
  return `oncekey export 1\n${header.house}\n${header.generation}\n${header.from}\n${header.to}\n${header.last}\n${header.time}\n${one.rows}\n${one.checkpoints}\n${one.sha256}`
}

export function endLine (one: End): string {
  const { rows, checkpoints, sha256, signature } = one
  return JSON.stringify({ type: 'end', rows, checkpoints, sha256, signature })
}

/** The last line of an export that had to stop, because the record does not hold at that place. It is not signed. */
export function stoppedLine (what: string): string {
  return JSON.stringify({ type: 'stopped', what })
}

/** Short name of a public key: the first 16 hex digits of its SHA-256. */
export function keyIdOf (publicKey: string): string {
  return hash('sha256', Buffer.from(publicKey, 'base64url')).slice(0, 16)
}

/** An Ed25519 public key (RFC 8032) from its 32 bytes in base64url; null when it is none. */
export function readPublicKey (text: string): KeyObject | null {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length !== 32 || bytes.toString('base64url') !== text) return null
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: text }, format: 'jwk' })
}

/** Whether `signature` (base64url, in its only valid spelling) is that of the key over the text. */
export function isSigned (key: KeyObject, text: string, signature: string): boolean {
  const bytes = Buffer.from(signature, 'base64url')
  return bytes.length === 64 && bytes.toString('base64url') === signature && verify(null, Buffer.from(text), key, bytes)
}

/** The object in a line of JSON; null when it is none. */
export function parsed (line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null
  } catch {
    return null
  }
}

export function isCount (value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
