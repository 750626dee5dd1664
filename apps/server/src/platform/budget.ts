import { keepNewest } from './newest.ts'

/** A bucket of tries for each key: `burst` at once, then `perSecond`. Forgets keys that are full again. */
export type TokenBuckets = {
  /** Takes one try of `key`. @returns false when there is none left */
  take: (key: string) => boolean
}

/** @param clock ms; may go backwards, then nothing is refilled for a while @param mostKeys beyond it the longest unused go; half of them are always kept */
export function tokenBuckets ({ burst, perSecond, clock, mostKeys = 10_000 }: { burst: number, perSecond: number, clock: () => number, mostKeys?: number }): TokenBuckets {
  const buckets = keepNewest<{ left: number, at: number }>(mostKeys)
  return {
    take (key) {
      const now = clock()
      const known = buckets.get(key)
      const left = known === undefined ? burst : Math.min(burst, known.left + Math.max(0, now - known.at) * perSecond / 1000)
      buckets.set(key, { left: left >= 1 ? left - 1 : left, at: now })
      return left >= 1
    }
  }
}
