/** Random tests print their seed; `ONCEKEY_TEST_SEED` runs one again. */
import { seeded } from '@oncekey/simulator'

export const isFull = process.env['ONCEKEY_TEST_SIZE'] === 'full'

export type Dice = {
  seed: number
  /** 0 <= number < 1 */
  next: () => number
  /** A whole number from 0 to `below` - 1. */
  whole: (below: number) => number
  pick: <T>(list: readonly T[]) => T
  chance: (of: number) => boolean
}

export function dice (seed: number): Dice {
  const next = seeded(seed)
  const whole = (below: number): number => Math.floor(next() * below)
  return {
    seed, next, whole,
    pick (list) {
      const one = list[whole(list.length)]
      if (one === undefined && list.length === 0) throw new Error('Nothing to pick from.')
      // An index below the length.
      return one as (typeof list)[number]
    },
    chance: (of) => next() < of
  }
}

/** A seed for this run, said aloud with what it is for. */
export function seedFor (what: string): number {
  const seed = Number(process.env['ONCEKEY_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
  console.log(`  ${what}: seed ${seed}`)
  return seed
}
