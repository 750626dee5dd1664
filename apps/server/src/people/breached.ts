import { createHash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'

/** A line is 40 hexadecimal digits and perhaps `:` and a count. */
const LONGEST_LINE = 80
const HASH = 40

/**
 * Whether a password is in a file of SHA-1 hashes, one a line and sorted, as Have I Been Pwned publishes it (tens of GB). Looks
 * at some forty places of it, keeps nothing, and asks nobody.
 * @throws Error when the file can not be read
 */
export async function isBreached (path: string, password: string): Promise<boolean> {
  const wanted = createHash('sha1').update(password.normalize('NFC')).digest('hex').toUpperCase()
  const file = await open(path)
  try {
    // The wanted line, if there is one, begins at `low` or behind it and before `high`.
    let low = 0
    let high = (await file.stat()).size
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      const { begins, ends, hash } = await lineAfter(file, middle)
      if (hash === wanted) return true
      if (begins >= high || hash > wanted) high = middle
      else low = ends
    }
    return false
  } finally {
    await file.close()
  }
}

/** The first line that begins at `from` or behind it. `ends`: where the next one begins; no line left: at infinity. */
async function lineAfter (file: FileHandle, from: number): Promise<{ begins: number, ends: number, hash: string }> {
  // One byte before, to see whether a line begins just here.
  const at = Math.max(0, from - 1)
  const { bytesRead, buffer } = await file.read(Buffer.alloc(2 * LONGEST_LINE), 0, 2 * LONGEST_LINE, at)
  const text = buffer.toString('latin1', 0, bytesRead)
  const first = from === 0 ? 0 : text.indexOf('\n') + 1
  if ((from > 0 && first === 0) || first === text.length) return { begins: Infinity, ends: Infinity, hash: '' }
  const end = text.indexOf('\n', first)
  return { begins: at + first, ends: end === -1 ? at + text.length : at + end + 1, hash: text.slice(first, first + HASH).toUpperCase() }
}
