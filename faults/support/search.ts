/** Searches anything for secrets of digits: as text, as UTF-16, as hex, as base64 and base64url at every alignment, as digits' values and as a number. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'

export type Found = { secret: string, form: string, at: number }
export type Search = {
  /** Looks through one piece. `base` is where it begins, for the report. */
  look: (bytes: Buffer, base?: number) => Found[]
  forms: readonly string[]
}

const forms: Record<string, (secret: string) => Buffer> = {
  text: (secret) => Buffer.from(secret),
  'UTF-16': (secret) => Buffer.from(secret, 'utf16le'),
  hex: (secret) => Buffer.from(Buffer.from(secret).toString('hex')),
  'base64, first place': (secret) => base64(secret, 0),
  'base64, second place': (secret) => base64(secret, 1),
  'base64, third place': (secret) => base64(secret, 2),
  'digits as bytes': (secret) => Buffer.from(Array.from(secret, Number)),
  'a number of 64 bits': (secret) => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64LE(BigInt(secret))
    return bytes
  },
  'a floating number': (secret) => {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleLE(Number(secret))
    return bytes
  }
}

/** The letters that follow from the secret alone, after `before` unknown bytes: of digits, the same in base64url. */
function base64 (secret: string, before: number): Buffer {
  const text = Buffer.from('\0'.repeat(before) + secret).toString('base64')
  const bits = { from: before * 8, to: (before + secret.length) * 8 }
  return Buffer.from(text.slice(Math.ceil(bits.from / 6), Math.floor(bits.to / 6)))
}

/** @param secrets of twelve digits: shorter ones occur by chance */
export function newSearch (secrets: readonly string[]): Search {
  const patterns = new Map<string, { secret: string, form: string }>()
  const lengths = new Set<number>()
  /** One bit for each place. The small one stays in the processor's own memory and sends five in six away, the large one nearly all others. */
  const small = new Uint32Array(1 << 14)
  const begins = new Uint32Array(1 << 22)
  // Of the first eight bytes: four zeros, with which one secret of thousands begins, fill half of a memory.
  const place = (low: number, high: number): number => Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1) >>> 5
  for (const secret of secrets) {
    for (const [form, write] of Object.entries(forms)) {
      // Leading zeros make a small number, which occurs by chance.
      if (form.includes('number') && Number(secret) < 1e11) continue
      const bytes = write(secret)
      patterns.set(bytes.toString('latin1'), { secret, form })
      lengths.add(bytes.length)
      const at = place(bytes.readInt32LE(0), bytes.readInt32LE(4))
      begins[at >>> 5] = (begins[at >>> 5] ?? 0) | 1 << (at & 31)
      small[at >>> 13] = (small[at >>> 13] ?? 0) | 1 << (at >>> 8 & 31)
    }
  }
  return {
    forms: Object.keys(forms),
    look (bytes, base = 0) {
      const found: Found[] = []
      if (bytes.length < 8) return found
      let low = bytes.readInt32LE(0) << 8
      let high = bytes.readInt32LE(4) << 8
      for (let at = 0; at <= bytes.length - 8; at++) {
        // The eight bytes from here, little end first.
        low = (low >>> 8) | (bytes[at + 3] ?? 0) << 24
        high = (high >>> 8) | (bytes[at + 7] ?? 0) << 24
        const begun = place(low, high)
        if (((small[begun >>> 13] ?? 0) & 1 << (begun >>> 8 & 31)) === 0) continue
        if (((begins[begun >>> 5] ?? 0) & 1 << (begun & 31)) === 0) continue
        for (const length of lengths) {
          const hit = at + length > bytes.length ? undefined : patterns.get(bytes.toString('latin1', at, at + length))
          if (hit !== undefined) found.push({ ...hit, at: base + at })
        }
      }
      return found
    }
  }
}

export function lookIntoFile (search: Search, path: string): Found[] {
  return search.look(readFileSync(path))
}

/** Everything that a process may write to, as it is while it is stopped. Needs to be its user or root (Linux). */
export function lookIntoMemory (search: Search, pid: number): { found: Found[], bytes: number } {
  process.kill(pid, 'SIGSTOP')
  const file = openSync(`/proc/${pid}/mem`, 'r')
  const found: Found[] = []
  let bytes = 0
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const [, from = '', to = ''] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? []
      if (from === '' || line.includes('[v')) continue
      const end = Number.parseInt(to, 16)
      const step = 1 << 24
      for (let at = Number.parseInt(from, 16); at < end; at += step) {
        // A little more than a step, so that nothing hides between two pieces.
        const piece = Buffer.alloc(Math.min(step + 64, end - at))
        let read = 0
        try {
          read = readSync(file, piece, 0, piece.length, at)
        } catch {
          // Address space that is reserved and has no memory yet.
        }
        bytes += Math.min(read, step)
        found.push(...search.look(piece.subarray(0, read), at))
      }
    }
  } finally {
    closeSync(file)
    process.kill(pid, 'SIGCONT')
  }
  return { found, bytes }
}
