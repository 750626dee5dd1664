import Digital from 'embedded:io/digital'
import I2C from 'embedded:io/i2c'
import PWM from 'embedded:io/pwm'
import type { BoardPins } from '@oncekey/host'
import { pins } from './pins.ts'

const PERIOD_US = 20_000
/** Fourteen bits of 20 ms: steps of 1.2 us, an eighth of a degree. */
const SERVO_BITS = 14
const TONE_BITS = 10

/** Takes the pins of the table. */
export function openBoard (): BoardPins {
  // A row that is not driven floats: two keys at once never short two outputs.
  const rows = pins.keypad.rows.map((pin) => {
    const row = new Digital({ pin, mode: Digital.OutputOpenDrain })
    row.write(1)
    return row
  })
  const columns = pins.keypad.columns.map((pin) => new Digital({ pin, mode: Digital.InputPullUp }))
  const boltOut = new Digital({ pin: pins.boltOut, mode: Digital.InputPullUp })
  const doorShut = new Digital({ pin: pins.doorShut, mode: Digital.InputPullUp })
  let expander: I2C | null = null
  let servo: PWM | null = null
  let buzzer: PWM | null = null

  return {
    scanRow (number) {
      const row = rows[number]
      row?.write(0)
      let bits = 0
      columns.forEach((column, i) => { if (column.read() === 0) bits |= 1 << i })
      row?.write(1)
      return bits
    },
    writeDisplay (bytes) {
      try {
        expander ??= new I2C({ data: pins.display.sda, clock: pins.display.scl, hz: pins.display.hz, address: pins.display.address })
        expander.write(Uint8Array.from(bytes))
      } catch (error) {
        // A bus that hangs is opened anew with the next try.
        expander?.close()
        expander = null
        throw error
      }
    },
    sound (hz) {
      buzzer?.close()
      buzzer = null
      if (hz === 0) return
      buzzer = new PWM({ pin: pins.buzzer, hz, resolution: TONE_BITS })
      buzzer.write(1 << TONE_BITS - 1)
    },
    locks: [{
      pulse (us) {
        if (us === 0) {
          servo?.close()
          servo = null
          return
        }
        servo ??= new PWM({ pin: pins.servo, hz: 1_000_000 / PERIOD_US, resolution: SERVO_BITS })
        servo.write(Math.round(us * ((1 << SERVO_BITS) - 1) / PERIOD_US))
      },
      boltOut: () => boltOut.read() === 0,
      boltBack: null,
      doorShut: () => doorShut.read() === 0
    }]
  }
}
