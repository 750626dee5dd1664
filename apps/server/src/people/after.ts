import { Problem } from '../platform/problems.ts'

/** Where a page ended. `by`: which of the words searched for was walked along, -1 for the names themselves. */
export type After = { by: number, word: string, key: string, id: string }

/** Opaque outside: what it holds may change. */
export function afterOf ({ by, word, key, id }: After): string {
  return Buffer.from(JSON.stringify([by, word, key, id])).toString('base64url')
}

/** @throws Problem badRequest for a text that `afterOf` did not make for so many words */
export function afterFrom (text: string, terms: number): After {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    if (Array.isArray(parts) && parts.length === 4) {
      const [by, word, key, id]: unknown[] = parts
      if (typeof by === 'number' && Number.isInteger(by) && by >= -1 && by < terms && typeof word === 'string' && typeof key === 'string' && typeof id === 'string' && !`${word}${key}${id}`.includes('\u0000')) return { by, word, key, id }
    }
  } catch { /* It was not ours. */ }
  throw new Problem('badRequest', { errors: [{ field: 'after', needs: 'the `next` of the page before, with the same search' }] })
}
