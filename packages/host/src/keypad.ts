import { restingPad, scan, SCAN_MS, type Pad, type PadKey } from '@oncekey/drivers'
import type { Clock } from './ports.ts'

const ROWS = 4

/** Scans a 4x4 matrix every 5 ms while it has power. */
export function newKeypad (scanRow: (row: number) => number, clock: Clock, pressed: (key: PadKey) => void): { on: () => void, off: () => void } {
  let pad: Pad = restingPad
  let stop: (() => void) | null = null

  function look (): void {
    stop = clock.at(clock.now() + SCAN_MS, look)
    let matrix = 0
    for (let row = 0; row < ROWS; row++) matrix |= (scanRow(row) & 0xf) << 4 * row
    const next = scan(pad, matrix)
    pad = next.pad
    if (next.key !== null) pressed(next.key)
  }

  return {
    on () {
      stop?.()
      // A key that is down at power-on is no press: it has to be let go first.
      pad = { ...restingPad, seen: 0xffff, settled: 0xffff }
      look()
    },
    off () {
      stop?.()
      stop = null
    }
  }
}
