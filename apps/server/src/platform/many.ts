import type { Awaitable, Trx, Value } from './db.ts'

/** A statement's text for each number of its rows or names, made once: long texts are dear to make and to look up. */
export function perCount (make: (count: number) => string): (count: number) => string {
  const texts = new Map<number, string>()
  return (count) => {
    const known = texts.get(count) ?? make(count)
    texts.set(count, known)
    return known
  }
}

/** `one` so many times, with commas between. */
export function marks (count: number, one = '?'): string {
  return Array.from({ length: count }, () => one).join(', ')
}

/**
 * Writes rows, in their order, by statements of a few lengths: few texts to prepare, and few statements for many rows.
 * @param sizes rows of one statement: falling, the last is 1
 * @param text of a statement with so many rows
 */
export function rowsWriter (sizes: readonly number[], text: (rows: number) => string): (trx: Pick<Trx, 'prepare'>, rows: readonly (readonly Value[])[]) => Promise<void> {
  const textOf = perCount(text)
  return async (trx, rows) => {
    for (let written = 0; written < rows.length;) {
      const count = sizes.find((one) => one <= rows.length - written) ?? 1
      await trx.prepare(textOf(count)).run(...(count === rows.length ? rows : rows.slice(written, written + count)).flat())
      written += count
    }
  }
}

/**
 * Names things by statements of a few lengths, the rest of one filled with a name that is in it: what is named twice is found once.
 * @param sizes names of one statement: falling, the last is 1
 */
export async function inTurns<Item, Answer> (sizes: readonly number[], items: readonly Item[], ask: (some: readonly Item[]) => Awaitable<Answer>): Promise<Answer[]> {
  const answers: Answer[] = []
  for (let done = 0; done < items.length;) {
    const count = sizes.find((one) => one <= 2 * (items.length - done)) ?? 1
    const some = items.slice(done, done + count)
    const [first] = some
    if (first === undefined) break
    answers.push(await ask(some.length === count ? some : [...some, ...Array.from({ length: count - some.length }, () => first)]))
    done += some.length
  }
  return answers
}
