import { keepNewest } from './newest.ts'
import { Problem } from './problems.ts'

/** Tries of each key: a number of them within a window; who goes on has to wait, longer each time. In memory. */
export type Tries = {
  /**
   * Takes one try, before what it is for is done: tries that come together are counted, too.
   * @throws Problem tooManyTries with the seconds to wait
   */
  take: (key: string) => void
  /** Whether the next one would be refused. Takes none. */
  isUsedUp: (key: string) => boolean
  /** A try that was right: the key starts anew. */
  forgive: (key: string) => void
  /** Takes back one try that is not to count, e.g. a right one among many behind one address. */
  giveBack: (key: string) => void
}

type Kept = { tries: number, from: number, waits: number, until: number }

/**
 * @param most tries within `windowMs` @param longestMs the waits double from `windowMs` up to this
 * @param clock ms; may go backwards @param mostKeys beyond it the longest unused go, so that made-up keys cost no memory; half of them are always kept
 */
export function countTries ({ most, windowMs, longestMs = windowMs, clock, mostKeys = 10_000 }: { most: number, windowMs: number, longestMs?: number, clock: () => number, mostKeys?: number }): Tries {
  const keys = keepNewest<Kept>(mostKeys)
  return {
    take (key) {
      const now = clock()
      const kept = keys.get(key) ?? { tries: 0, from: now, waits: 0, until: 0 }
      keys.set(key, kept)
      // A clock that was set back is not to shut anybody out for longer than any wait.
      if (kept.until > now && kept.until - now <= longestMs) throw tooMany(kept.until - now)
      if (now - kept.from >= windowMs || now < kept.from || kept.until !== 0) {
        // A quiet time as long as the longest wait makes the next wait short again.
        if (now - Math.max(kept.until, kept.from) >= longestMs * 2) kept.waits = 0
        Object.assign(kept, { tries: 0, from: now, until: 0 })
      }
      kept.tries++
      if (kept.tries <= most) return
      const wait = Math.min(longestMs, windowMs * 2 ** kept.waits)
      kept.waits++
      kept.until = now + wait
      throw tooMany(wait)
    },
    isUsedUp (key) {
      const kept = keys.get(key)
      const now = clock()
      if (kept === undefined) return false
      if (kept.until !== 0) return kept.until > now && kept.until - now <= longestMs
      return kept.tries >= most && now - kept.from < windowMs && now >= kept.from
    },
    forgive (key) { keys.delete(key) },
    giveBack (key) {
      const kept = keys.get(key)
      if (kept !== undefined && kept.tries > 0) kept.tries--
    }
  }
}

/** What stands for an address when its tries are counted: an IPv6 network of /64 is one household, not 2^64 of them. */
export function networkOf (address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped !== null) return mapped[1] ?? address
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? []
  const start = head === '' ? [] : head.split(':')
  const end = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = tail === undefined ? start : [...start, ...Array.from({ length: Math.max(0, 8 - start.length - end.length) }, () => '0'), ...end]
  return groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, '').toLowerCase()).join(':') + '::/64'
}

function tooMany (ms: number): Problem {
  return new Problem('tooManyTries', { retryAfterSeconds: Math.ceil(ms / 1000) })
}
