/** A flash store of small values, such as NVS on an ESP32. A single `write` or `delete` is atomic and durable when it returns. */
import { utf8 } from '@oncekey/otp/sha256'
import type { Storage } from './ports.ts'

export type KeyValue = {
  /** All keys that are stored, in any order. */
  keys: () => Iterable<string>
  /** undefined: not stored. */
  read: (key: string) => string | undefined
  write: (key: string, value: string) => void
  delete: (key: string) => void
}

/** NVS takes keys of 15 characters and strings of 4,000 bytes. */
const KEY_CHARS = 15
/** Characters in a page: three bytes each at most, with room for what is before them. */
const PAGE_CHARS = 1300

/**
 * The program's durable map on such a store. A value that is too long for one entry lies on pages of its own,
 * `key~a0`, `key~a1` … or `key~b0` …; the entry under its key says which, and is written when they all are there. So a
 * power cut at any write leaves the old value or the new one, never a part. What a cut left over goes at the next load.
 */
export function pagedStorage (store: KeyValue): Storage {
  return { load, set }

  function load (): Record<string, string> {
    const keys = [...store.keys()]
    const heads = keys.filter((key) => !key.includes('~'))
    const live: string[] = []
    const saved: Record<string, string> = {}
    for (const key of heads) {
      const head = store.read(key) ?? ''
      const pages = pagesOf(key, head)
      live.push(...pages)
      // An entry without its mark is not ours; what is read as torn is not there.
      if (head.startsWith('=')) saved[key] = head.slice(1)
      else if (pages.length > 0 && pages.every((page) => store.read(page) !== undefined)) saved[key] = pages.map((page) => store.read(page)).join('')
    }
    for (const key of keys) if (key.includes('~') && !live.includes(key)) store.delete(key)
    return saved
  }

  function set (key: string, value: string): void {
    if (key.length > KEY_CHARS - 3 || key.includes('~')) throw new RangeError('No key for this store: ' + key)
    const old = store.read(key) ?? ''
    const parts = utf8(value).length <= PAGE_CHARS * 3 ? [] : split(value)
    const head = parts.length === 0 ? '=' + value : (old.startsWith('a') ? 'b' : 'a') + String(parts.length)
    pagesOf(key, head).forEach((page, i) => store.write(page, parts[i]!))
    if (value === '') store.delete(key)
    else store.write(key, head)
    for (const page of pagesOf(key, old)) store.delete(page)
  }
}

/** Parts of at most a page, none of which ends within a character. */
function split (value: string): string[] {
  const parts: string[] = []
  for (let at = 0; at < value.length;) {
    const last = value.charCodeAt(at + PAGE_CHARS - 1)
    const to = at + PAGE_CHARS - (last >= 0xd800 && last < 0xdc00 ? 1 : 0)
    parts.push(value.slice(at, to))
    at = to
  }
  return parts
}

/** The pages that a head names: 'b3' is key~b0, key~b1, key~b2. At most 10, which is more than a message can fill. */
function pagesOf (key: string, head: string): string[] {
  const side = head.charAt(0)
  const count = Number(head.slice(1))
  if ((side !== 'a' && side !== 'b') || !Number.isInteger(count) || count < 1 || count > 10) return []
  return Array.from({ length: count }, (_, i) => key + '~' + side + String(i))
}
