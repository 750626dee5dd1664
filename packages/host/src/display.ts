import { initLcd, writeRows, type Rows, type Write } from '@oncekey/drivers'
import type { Clock } from './ports.ts'

/** So many writes at once, 3 ms of bus at 100 kHz: the keypad is scanned in between. */
const BURST = 8
/** A display that does not answer is brought up again after this. */
const LOST_MS = 5000
const blank: Rows = [' '.repeat(16), ' '.repeat(16)]

/** Keeps a display at what is to be shown, and writes only what differs. One that is missing or pulled holds up nothing, and shows again when it is back. */
export function newDisplay (write: (bytes: readonly number[]) => void, clock: Clock): { on: () => void, show: (rows: Rows) => void } {
  let wanted: Rows = blank
  /** What it shows when `queue` is empty. */
  let shown: Rows = blank
  let queue: readonly Write[] = []
  let next: (() => void) | null = null

  function go (): void {
    next = null
    try {
      let count = 0
      for (let first = upcoming(); first !== undefined; first = upcoming()) {
        if (count++ === BURST) return later(1)
        write(first.bytes)
        queue = queue.slice(1)
        // Shorter waits pass while the next byte is on its way.
        if (first.waitUs >= 1000) return later(Math.ceil(first.waitUs / 1000))
      }
    } catch {
      bringUp()
      later(LOST_MS)
    }
  }

  function upcoming (): Write | undefined {
    if (queue.length === 0) {
      queue = writeRows(shown, wanted)
      shown = wanted
    }
    return queue[0]
  }

  function later (ms: number): void {
    next = clock.at(clock.now() + ms, go)
  }

  function bringUp (): void {
    shown = blank
    queue = initLcd()
  }

  return {
    on () {
      next?.()
      wanted = blank
      bringUp()
      go()
    },
    show (rows) {
      wanted = rows
      if (next === null) go()
    }
  }
}
