/** What hangs where: the board of the default profile. The wiring diagram is drawn from this table. */
export const pins = {
  keypad: { rows: [14, 27, 26, 25], columns: [33, 32, 18, 19] },
  display: { sda: 21, scl: 22, address: 0x27, hz: 100_000 },
  servo: 23,
  buzzer: 13,
  /** Contacts to ground, with the chip's own pull-ups. */
  boltOut: 16,
  doorShut: 4,
  /** Of the board's own USB converter. */
  serial: { receive: 3, transmit: 1, port: 0, baud: 115_200 }
} as const

/**
 * Where the battery is measured, if it is: at GPIO 34 to 39, through a divider that leaves at most 2.4 V of it. `ratio`: volts
 * at the battery for each at the pin, 3 for 200 kOhm above 100. null: it is not measured.
 */
export const battery: { pin: number, ratio: number } | null = null
