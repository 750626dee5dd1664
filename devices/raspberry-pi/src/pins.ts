/**
 * What hangs where on a Raspberry Pi: GPIO numbers (BCM), not those of the header. The wiring diagram is drawn from
 * this table.
 */
export const pins = {
  /** `/dev/gpiochip0` on a Pi 1 to 4, and on a Pi 5 with a kernel of 6.6.45 or newer. */
  chip: 'gpiochip0',
  keypad: { rows: [5, 6, 13, 26], columns: [16, 20, 21, 25] },
  /** Bus 1: SDA on GPIO 2, SCL on GPIO 3. */
  display: { bus: 1, sda: 2, scl: 3, address: 0x27 },
  /** Channels of the hardware PWM: `dtoverlay=pwm-2chan` puts them on GPIO 18 and 19. */
  servo: { gpio: 18, channel: 0 },
  buzzer: { gpio: 19, channel: 1 },
  /** Contacts to ground. */
  boltOut: 23,
  doorShut: 24
} as const
