import { gunzipSync } from 'node:zlib'

const BLOCK = 512
/** No package that we name is larger unpacked. */
const MOST_BYTES = 400_000_000

/**
 * The files that are wanted of a package as npm packs it (gzip, ustar). Whatever else is in it, e.g. links, is left alone.
 * @param wanted paths below `package/`
 * @throws Error for what is no such package, or does not have them all
 */
export function unpack (packed: Uint8Array, wanted: readonly string[]): Map<string, Buffer> {
  const tar = gunzipSync(packed, { maxOutputLength: MOST_BYTES })
  const found = new Map<string, Buffer>()
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0;) {
    const header = tar.subarray(at, at + BLOCK)
    const size = parseInt(textIn(header, 124, 12), 8)
    if (!Number.isInteger(size) || size < 0 || at + BLOCK + size > tar.length) throw new Error('The package is damaged.')
    const prefix = textIn(header, 345, 155)
    const path = (prefix === '' ? '' : prefix + '/') + textIn(header, 0, 100)
    const name = path.slice(path.indexOf('/') + 1)
    const isFile = header[156] === 0x30 || header[156] === 0
    if (isFile && wanted.includes(name)) found.set(name, tar.subarray(at + BLOCK, at + BLOCK + size))
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
  }
  const missing = wanted.filter((one) => !found.has(one))
  if (missing.length > 0) throw new Error(`The package has no ${missing.join(', ')}.`)
  return found
}

function textIn (header: Uint8Array, from: number, length: number): string {
  const bytes = header.subarray(from, from + length)
  const end = bytes.indexOf(0)
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('latin1').trim()
}
