import { fromBase64url } from '@oncekey/otp/bytes'

/**
 * Readers for values that came from outside. Each gives the value in its type, or null; unknown
 * fields are ignored, so that an older side understands a newer one.
 */
export type Fields = { get: (name: string) => unknown }

/** The fields of a JSON object, or null for anything else. */
export function fields (value: unknown): Fields | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const object = value
  return { get: (name) => Object.hasOwn(object, name) ? Reflect.get(object, name) : undefined }
}

/** The fields of a JSON text; null for what is no JSON, and for JSON that is no object. */
export function body (text: string): Fields | null {
  try {
    return fields(JSON.parse(text))
  } catch {
    return null
  }
}

/** An integer in [min, max]. */
export function int (value: unknown, min: number, max: number): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : null
}

/** true or false. */
export function flag (value: unknown): boolean | null {
  return value === true || value === false ? value : null
}

/** A text of min..max code points (that is how JSON Schema counts). */
export function text (value: unknown, min: number, max: number): string | null {
  if (typeof value !== 'string') return null
  const length = codePoints(value)
  return length >= min && length <= max ? value : null
}

/** Bytes as base64url, exactly so many, in their one spelling. */
export function binary (value: unknown, bytes: number): string | null {
  return typeof value === 'string' && fromBase64url(value)?.length === bytes ? value : null
}

/** One of the given words. */
export function word<Word extends string> (value: unknown, words: readonly Word[]): Word | null {
  return words.find((one) => one === value) ?? null
}

/** A list of min..max items that `item` accepts, each. */
export function list<Item> (value: unknown, min: number, max: number, item: (value: unknown) => Item | null): Item[] | null {
  if (!Array.isArray(value) || value.length < min || value.length > max) return null
  const items: Item[] = []
  for (const one of value) {
    const read = item(one)
    if (read === null) return null
    items.push(read)
  }
  return items
}

/** What `read` makes of a field that may be absent: undefined when it is, null when it is there and wrong. */
export function optional<Value> (value: unknown, read: (value: unknown) => Value | null): Value | null | undefined {
  return value === undefined ? undefined : read(value)
}

function codePoints (text: string): number {
  let count = 0
  for (let i = 0; i < text.length; i++) {
    const low = text.charCodeAt(i)
    const high = i === 0 ? 0 : text.charCodeAt(i - 1)
    const endsPair = low >= 0xdc00 && low <= 0xdfff && high >= 0xd800 && high <= 0xdbff
    if (!endsPair) count++
  }
  return count
}
