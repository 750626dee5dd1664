/** A Raspberry Pi's pins without a Pi: fingers, steel and eyes for a test, at the level of contacts and pulses. */
import { keys, type PadKey } from '@oncekey/drivers'
import type { BoardPins } from '@oncekey/host'
import { display } from '@oncekey/host/testing'

export type FakePins = BoardPins & {
  /** Presses keys one after the other, each long enough to be seen. */
  type: (text: string) => Promise<void>
  pull: (door: 'open' | 'shut') => void
  /** What the display's glass shows. */
  rows: () => readonly [string, string]
  /** Where the horn of the servo stands, degrees. */
  degrees: () => number
  /** All widths that went out, microseconds. */
  pulses: readonly number[]
  isPulsing: () => boolean
  /** Resolves when it holds; rejects after ten seconds with what the display shows. */
  until: (holds: () => boolean) => Promise<void>
}

const TURN_MS = 250

export function fakePins (): FakePins {
  const glass = display()
  const pulses: number[] = []
  const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
  let down: number | null = null
  let us = 0
  let degrees = 90
  let isShut = true
  let turn: ReturnType<typeof setTimeout> | undefined

  return {
    scanRow: (row) => down !== null && Math.floor(down / 4) === row ? 1 << down % 4 : 0,
    writeDisplay: (bytes) => { glass.take(bytes) },
    sound: () => {},
    locks: [{
      pulse (width) {
        us = width
        clearTimeout(turn)
        if (width === 0) return
        pulses.push(width)
        turn = setTimeout(() => { degrees = (width - 500) * 180 / 1900 }, TURN_MS)
      },
      boltOut: () => degrees > 80, boltBack: null, doorShut: () => isShut
    }],
    async type (text) {
      for (const char of text) {
        down = keys.findIndex((key: PadKey) => key === char)
        await wait(40)
        down = null
        await wait(40)
      }
    },
    pull (door) { isShut = door === 'shut' },
    rows: glass.rows,
    degrees: () => degrees,
    pulses,
    isPulsing: () => us !== 0,
    async until (holds) {
      const late = performance.now() + 10_000
      while (!holds()) {
        if (performance.now() > late) throw new Error(`Waited in vain. The display shows '${glass.rows().join(' / ')}', the horn stands at ${degrees} degrees.`)
        await wait(10)
      }
    }
  }
}
