/** An HD44780 in 4-bit mode behind a PCF8574, from its datasheet. */
export function display (): { take: (bytes: Iterable<number>) => void, rows: () => [string, string] } {
  const ram = Array.from({ length: 128 }, () => ' ')
  let address = 0
  let last = 0
  let half: number | null = null
  let isFourBit = false

  function latch (bits: number, isText: boolean): void {
    if (!isFourBit) {
      isFourBit = bits === 0x20
      return
    }
    if (half === null) {
      half = bits
      return
    }
    const value = half | bits >> 4
    half = null
    if (isText) ram[address++ & 0x7f] = String.fromCharCode(value)
    else if (value >= 0x80) address = value & 0x7f
    else if (value === 1) ram.fill(' ')
  }

  return {
    take (bytes) {
      for (const byte of bytes) {
        // The falling edge of E.
        if ((last & 4) !== 0 && (byte & 4) === 0) latch(byte & 0xf0, (byte & 1) === 1)
        last = byte
      }
    },
    rows: () => [ram.slice(0, 16).join(''), ram.slice(0x40, 0x50).join('')]
  }
}
