/** The ports of a simulated door in Node and in browsers; what they promise is said in `packages/host`. */
import type { Clock } from '@oncekey/host'

export { memoryStorage, type Clock, type Entropy, type Link, type LinkListener, type Login, type Storage } from '@oncekey/host'

/** The clock on the wall. */
export function realClock (): Clock {
  return {
    now: () => Math.floor(performance.now()),
    at (at, work) {
      let timer = setTimeout(due, wait())
      return () => clearTimeout(timer)

      function wait (): number {
        return Math.min(0x7fffffff, Math.max(0, Math.ceil(at - performance.now())))
      }
      // Timers may fire a little early; the steel and the program count to the millisecond.
      function due (): void {
        if (Math.floor(performance.now()) >= at) work()
        else timer = setTimeout(due, wait())
      }
    }
  }
}

/** The platform's own random bytes; there in every Node and browser, on plain http too. */
export function realEntropy (count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count))
}
