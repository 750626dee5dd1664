import Time from 'time'
import Timer from 'timer'
import type { Clock } from '@oncekey/host'

/** Longest wait of one timer; the counter of the machine begins again after 25 days. */
const LONGEST_MS = 60_000

/** Milliseconds since this was made, counted over the ends of the machine's 32 bits. */
export function machineClock (): Clock {
  let last = Time.ticks
  let passed = 0

  function now (): number {
    const ticks = Time.ticks
    passed += Time.delta(last, ticks)
    last = ticks
    return passed
  }

  return {
    now,
    at (at, work) {
      let timer: object | null = Timer.set(due, wait())
      return () => {
        if (timer !== null) Timer.clear(timer)
        timer = null
      }

      function wait (): number {
        return Math.min(LONGEST_MS, Math.max(0, at - now()))
      }

      function due (): void {
        timer = null
        if (now() >= at) work()
        else timer = Timer.set(due, wait())
      }
    }
  }
}
