/**
 * A 16x2 character display (HD44780) behind an I2C port expander (PCF8574), written in 4-bit mode. The functions give
 * the bytes to write and how long to wait after each; the host writes them to the expander, in order.
 */

/** Bytes for one I2C write, and what the display needs before the next one, in microseconds. */
export type Write = { bytes: number[], waitUs: number }

/** Two rows of 16 characters. */
export type Rows = readonly [string, string]

const COLUMNS = 16
const RS = 0x01
const E = 0x04
const BACKLIGHT = 0x08
/** What an instruction or a character takes; the datasheet says 37 us at 270 kHz. */
const SHORT_US = 50
const CLEAR_US = 2000
const rowStarts = [0x00, 0x40] as const

/**
 * Brings the display up, whatever mode it is in (datasheet, figure 24), and leaves it on and empty, without a cursor.
 * `waitUs` of the first write, which writes nothing, is the time that it needs after power came.
 */
export function initLcd (): Write[] {
  return [
    { bytes: [BACKLIGHT], waitUs: 50_000 },
    { bytes: nibble(0x30, 0), waitUs: 4500 },
    { bytes: nibble(0x30, 0), waitUs: 150 },
    { bytes: nibble(0x30, 0), waitUs: 150 },
    { bytes: nibble(0x20, 0), waitUs: 150 },
    // Two lines, 5x8 dots; off; clear; write to the right; on, no cursor.
    { bytes: byte(0x28, 0), waitUs: SHORT_US },
    { bytes: byte(0x08, 0), waitUs: SHORT_US },
    { bytes: byte(0x01, 0), waitUs: CLEAR_US },
    { bytes: byte(0x06, 0), waitUs: SHORT_US },
    { bytes: byte(0x0c, 0), waitUs: SHORT_US }
  ]
}

/**
 * What turns one picture into another: only the characters that differ, each run behind one address. At 100 kHz a
 * character costs 360 us, so a whole display would be 12 ms and a key press is under 1 ms.
 * @param from what the display shows; after `initLcd` two rows of blanks
 */
export function writeRows (from: Rows, to: Rows): Write[] {
  const writes: Write[] = []
  rowStarts.forEach((start, row) => {
    const old = toLcdText(from[row]!)
    const text = toLcdText(to[row]!)
    for (let column = 0; column < COLUMNS; column++) {
      if (old[column] === text[column]) continue
      const isNextOf = column > 0 && old[column - 1] !== text[column - 1]
      if (!isNextOf) writes.push({ bytes: byte(0x80 | start | column, 0), waitUs: SHORT_US })
      writes.push({ bytes: byte(text.charCodeAt(column), RS), waitUs: SHORT_US })
    }
  })
  return writes
}

/**
 * Sixteen characters that every HD44780 has: 0x20 to 0x7D without the backslash, which is a yen sign on most of them.
 * Letters with marks lose the marks; what is left is a question mark. One character stays one character.
 */
export function toLcdText (text: string): string {
  let safe = ''
  for (let i = 0; i < COLUMNS; i++) safe += i < text.length ? safeChar(text.charAt(i)) : ' '
  return safe
}

/** A letter, and all that are shown as it. */
const plainLetters = [
  'AÀÁÂÃÄÅĀĂĄ', 'CÇĆČ', 'DĎĐ', 'EÈÉÊËĒĖĘĚ', 'GĞĢ', 'IÌÍÎÏĪĮİ', 'LŁĻ', 'NÑŃŅŇ', 'OÒÓÔÕÖØŌŐ', 'RŘ', 'SŚŞŠȘ', 'TŢŤȚ', 'UÙÚÛÜŪŮŰŲ', 'YÝŸ', 'ZŹŻŽ',
  'aàáâãäåāăą', 'cçćč', 'dďđ', 'eèéêëēėęě', 'gğģ', 'iìíîïīįı', 'lłļ', 'nñńņň', 'oòóôõöøōő', 'rř', 'sśşšșß', 'tţťț', 'uùúûüūůűų', 'yýÿ', 'zźżž',
  '-–—~', '\'’‘', '"“”„', '/\\', ' \u00a0', '.…·•'
] as const

function safeChar (char: string): string {
  if (char >= ' ' && char <= '}' && char !== '\\') return char
  const like = plainLetters.find((letters) => letters.includes(char))
  return like === undefined ? '?' : like.charAt(0)
}

/** Four bits on D4..D7, and the falling edge of E that makes the display read them. */
function nibble (high: number, rs: number): number[] {
  const lines = high & 0xf0 | rs | BACKLIGHT
  return [lines | E, lines]
}

function byte (value: number, rs: number): number[] {
  return [...nibble(value, rs), ...nibble(value << 4, rs)]
}
