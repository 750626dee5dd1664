import type { Clock } from '../ports.ts'

/** A clock that stands still until it is told to pass. */
export function virtualClock (start = 1_000_000): Clock & { pass: (ms: number) => void } {
  let now = start
  const due: { at: number, work: () => void }[] = []
  return {
    now: () => now,
    at (at, work) {
      const one = { at, work }
      due.push(one)
      return () => {
        const place = due.indexOf(one)
        if (place >= 0) due.splice(place, 1)
      }
    },
    /** Lets time pass and does what falls due, in order. */
    pass (ms) {
      const end = now + ms
      for (;;) {
        const next = due.filter((one) => one.at <= end).sort((a, b) => a.at - b.at)[0]
        if (next === undefined) break
        due.splice(due.indexOf(next), 1)
        now = Math.max(now, next.at)
        next.work()
      }
      now = end
    }
  }
}
