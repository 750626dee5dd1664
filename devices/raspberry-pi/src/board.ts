/**
 * The pins of a real Raspberry Pi. What talks to them is native and loaded here only, when the program runs on a Pi:
 * `npm i --no-save node-libgpiod i2c-bus`.
 */
import { createRequire } from 'node:module'
import type { BoardPins } from '@oncekey/host'
import { pins } from './pins.ts'
import { pwmChannel } from './pulses.ts'

/** What is called of node-libgpiod (libgpiod 1.x). */
type Line = { lineRequest: (how: { consumer: string, requestType: number, flags: number }, value?: 0 | 1) => void, getValue: () => 0 | 1, setValue: (value: 0 | 1) => void, release: () => void }
type Gpiod = {
  Chip: new (name: string) => unknown
  Line: { new (chip: unknown, gpio: number): Line, RequestType: { Direction: { INPUT: number, OUTPUT: number } }, RequestFlags: { OPEN_DRAIN: number, BIAS_PULL_UP: number } }
}
/** What is called of i2c-bus. */
type I2c = { openSync: (bus: number) => { i2cWriteSync: (address: number, length: number, bytes: Buffer) => number, closeSync: () => void } }

export type OpenedBoard = BoardPins & { close: () => void }

/** Takes the pins of the table. Throws with the cure when the packages or the overlay are missing. */
export function openBoard (pwmChip = '/sys/class/pwm/pwmchip0'): OpenedBoard {
  const { Chip, Line } = load<Gpiod>('node-libgpiod')
  const bus = load<I2c>('i2c-bus').openSync(pins.display.bus)
  const chip = new Chip(pins.chip)
  const { INPUT, OUTPUT } = Line.RequestType.Direction
  const take = (gpio: number, requestType: number, flags: number, value?: 0 | 1): Line => {
    const line = new Line(chip, gpio)
    line.lineRequest({ consumer: 'oncekey', requestType, flags }, value)
    return line
  }
  // Open drain: a row that is 1 floats, so that two keys at once never short two outputs.
  const rows = pins.keypad.rows.map((gpio) => take(gpio, OUTPUT, Line.RequestFlags.OPEN_DRAIN, 1))
  const columns = pins.keypad.columns.map((gpio) => take(gpio, INPUT, Line.RequestFlags.BIAS_PULL_UP))
  const boltOut = take(pins.boltOut, INPUT, Line.RequestFlags.BIAS_PULL_UP)
  const doorShut = take(pins.doorShut, INPUT, Line.RequestFlags.BIAS_PULL_UP)
  const servo = pwmChannel(pwmChip, pins.servo.channel)
  const buzzer = pwmChannel(pwmChip, pins.buzzer.channel)

  return {
    scanRow (row) {
      rows[row]?.setValue(0)
      const bits = columns.reduce((all, column, i) => column.getValue() === 0 ? all | 1 << i : all, 0)
      rows[row]?.setValue(1)
      return bits
    },
    writeDisplay (bytes) { bus.i2cWriteSync(pins.display.address, bytes.length, Buffer.from(bytes)) },
    sound: buzzer.sound,
    locks: [{ pulse: servo.pulse, boltOut: () => boltOut.getValue() === 0, boltBack: null, doorShut: () => doorShut.getValue() === 0 }],
    close () {
      servo.pulse(0)
      buzzer.sound(0)
      bus.closeSync()
      for (const line of [...rows, ...columns, boltOut, doorShut]) line.release()
    }
  }
}

function load<Module> (name: string): Module {
  try {
    return createRequire(import.meta.url)(name) as Module // native, without types of its own that hold
  } catch (error) {
    throw new Error(`${name} is not there: npm i --no-save node-libgpiod@0.5.3 i2c-bus@5.2.3 (README of devices/raspberry-pi)`, { cause: error })
  }
}
