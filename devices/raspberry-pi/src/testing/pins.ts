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
/** Rows that are looked at while a key is down: the whole pad four times and more, which is what settles a contact. */
const ROWS_SEEN = 20

export function fakePins (): FakePins {
  const glass = display()
  const pulses: number[] = []
  const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
  let down: number | null = null
  let scans = 0
  let us = 0
  let degrees = 90
  let isShut = true
  let turn: ReturnType<typeof setTimeout> | undefined

  /** A finger looks at the keypad, too: where the program gets little of a busy machine, it stays down for longer. */
  async function beSeen (): Promise<void> {
    const [from, late] = [scans, performance.now() + 5_000]
    await wait(40)
    while (scans - from < ROWS_SEEN && performance.now() < late) await wait(5)
  }

  return {
    scanRow (row) {
      scans++
      return down !== null && Math.floor(down / 4) === row ? 1 << down % 4 : 0
    },
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
        await beSeen()
        down = null
        await beSeen()
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
