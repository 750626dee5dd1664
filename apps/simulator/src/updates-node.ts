import { createHash, createPublicKey, verify } from 'node:crypto'
import { memoryFlash, newUpdater, type MakeUpdater, type UpdatePorts } from './updates.ts'

/** The ports for updates that Node has: HTTP ranges, Ed25519 and SHA-256 of its own; flash in memory. */
export function nodeUpdates (change: Partial<UpdatePorts> = {}): MakeUpdater {
  const ports = { flash: memoryFlash(), download, verify: isSigned, digest: (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('base64url'), ...change }
  return (firmware, parts) => newUpdater(ports, firmware, parts)
}

async function download (url: string, token: string, from: number, to: number): Promise<Uint8Array> {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}`, range: `bytes=${from}-${to - 1}` }, signal: AbortSignal.timeout(10_000) })
  // A whole image instead of a part would be kept for a part.
  if (answer.status !== 206) {
    await answer.body?.cancel()
    throw new Error(`Status ${answer.status}.`)
  }
  return new Uint8Array(await answer.arrayBuffer())
}

function isSigned (key: string, text: string, signature: string): boolean {
  return verify(null, Buffer.from(text), createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key }, format: 'jwk' }), Buffer.from(signature, 'base64url'))
}
