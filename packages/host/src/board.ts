/**
 * The parts of a real box over tiny pins: keypad, display, buzzer, servos and contacts, each by its driver, all on one
 * clock. A host brings the pins; nothing in here knows what they are made of.
 */
import type { Clock, Hearing, Parts, Reading } from './ports.ts'
import { newBuzzer } from './buzzer.ts'
import { newDisplay } from './display.ts'
import { newKeypad } from './keypad.ts'
import { newLocks, type LockPins } from './locks.ts'

export type BoardPins = {
  /** Drives one row of the keypad, 0..3, lets the others float, and reads: bit c is set where that row reaches column c. */
  scanRow: (row: number) => number
  /** One write to the display's expander. Throws when nothing answers. */
  writeDisplay: (bytes: readonly number[]) => void
  /** A tone from now on; 0 = silence. */
  sound: (hz: number) => void
  /** One for each lock, from lock 1. */
  locks: readonly LockPins[]
}

/** Puts the parts together. Without power: see `Parts.on`. */
export function newBoard (pins: BoardPins, clock: Clock): Parts {
  let hearing: Hearing | null = null
  const keypad = newKeypad(pins.scanRow, clock, (key) => hearing?.key(key))
  const display = newDisplay(pins.writeDisplay, clock)
  const buzzer = newBuzzer(pins.sound, clock)
  const locks = newLocks(pins.locks, clock, (reading: Reading) => hearing?.sensed(reading))

  return {
    on (hear) {
      hearing = hear
      keypad.on()
      display.on()
      locks.on()
    },
    off () {
      hearing = null
      keypad.off()
      buzzer.off()
      locks.off()
    },
    show: display.show,
    tone: buzzer.play,
    move: locks.move,
    read: locks.read
  }
}
