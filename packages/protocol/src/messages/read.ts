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

/** JSON text to a value; null for what is no JSON (JSON's own null is no message either). */
export function json (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** An integer in [min, max]. */
export function int (value: unknown, min: number, max: number): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : null
}

/** A moment: milliseconds since 1970, 0 for unknown. */
export function moment (value: unknown): number | null {
  return int(value, 0, 8.64e15)
}

/** A text of at most `max` characters. */
export function text (value: unknown, max: number): string | null {
  return typeof value === 'string' && value.length <= max ? value : null
}

/** One of the given words. */
export function word<Word extends string> (value: unknown, words: readonly Word[]): Word | null {
  return words.find((one) => one === value) ?? null
}

/** A list of at most `max` items that `item` accepts, each. */
export function list<Item> (value: unknown, max: number, item: (value: unknown) => Item | null): Item[] | null {
  if (!Array.isArray(value) || value.length > max) return null
  const items: Item[] = []
  for (const one of value) {
    const read = item(one)
    if (read === null) return null
    items.push(read)
  }
  return items
}
