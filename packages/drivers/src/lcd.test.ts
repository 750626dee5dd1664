import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert as holds, nat, property, string, tuple } from 'fast-check'
import { initLcd, toLcdText, writeRows, type Rows, type Write } from './index.ts'

const blank: Rows = [' '.repeat(16), ' '.repeat(16)]
const hex = (writes: Write[]): string[] => writes.map(({ bytes }) => bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' '))

/** The other end of the wire: an HD44780 in 4-bit mode behind a PCF8574, from its datasheet. */
function display () {
  const ram: string[] = Array.from({ length: 128 }, () => ' ')
  let address = 0
  let last = 0
  let half: number | null = null
  let isFourBit = false
  return {
    take (writes: Write[]): void {
      for (const byte of writes.flatMap(({ bytes }) => bytes)) {
        // The falling edge of E.
        if ((last & 4) !== 0 && (byte & 4) === 0) this.latch(byte & 0xf0, (byte & 1) === 1)
        last = byte
      }
    },
    latch (bits: number, isData: boolean): void {
      if (!isFourBit) {
        if (bits === 0x20) isFourBit = true
        return
      }
      if (half === null) {
        half = bits
        return
      }
      const value = half | bits >> 4
      half = null
      if (isData) ram[address++] = String.fromCharCode(value)
      else if (value >= 0x80) address = value & 0x7f
      else if (value === 1) ram.fill(' ')
    },
    rows: (): [string, string] => [ram.slice(0, 16).join(''), ram.slice(0x40, 0x50).join('')]
  }
}

test('the display is brought up as its datasheet wants it', () => {
  assert.deepEqual(hex(initLcd()), [
    '08', '3c 38', '3c 38', '3c 38', '2c 28', '2c 28 8c 88', '0c 08 8c 88', '0c 08 1c 18', '0c 08 6c 68', '0c 08 cc c8'
  ])
  assert.deepEqual(initLcd().map(({ waitUs }) => waitUs), [50_000, 4500, 150, 150, 150, 50, 50, 2000, 50, 50])
})

test('only what changed is written, each run behind one address', () => {
  assert.deepEqual(writeRows(blank, blank), [])
  const before: Rows = ['Code:           ', '**              ']
  const after: Rows = ['Code:           ', '***             ']
  assert.deepEqual(hex(writeRows(before, after)), ['cc c8 2c 28', '2d 29 ad a9'])
  const two: Rows = ['Bank A     14:03', 'Enter code      ']
  const later: Rows = ['Bank A     14:14', 'Enter code      ']
  assert.equal(writeRows(two, later).length, 3)
  const apart: Rows = ['Xank X     14:03', 'Enter code     !']
  assert.equal(writeRows(two, apart).length, 6)
  assert.ok(writeRows(two, apart).every(({ waitUs }) => waitUs === 50))
})

test('the display shows what it was given, picture after picture', () => {
  const lcd = display()
  lcd.take(initLcd())
  let shown = blank
  for (const [first, second] of [['Oncekey 1.0', 'Starting...'], ['Bank A     14:03', 'Enter code'], ['Code:', '***'], ['Open: A07', 'Close it after'], ['', '']]) {
    const next: Rows = [first!.padEnd(16), second!.padEnd(16)]
    lcd.take(writeRows(shown, next))
    assert.deepEqual(lcd.rows(), next)
    shown = next
  }
})

test('what the display has no character for is written as its like, one for one', () => {
  assert.equal(toLcdText('Süd – Öl’s Tür'), 'Sud - Ol\'s Tur  ')
  assert.equal(toLcdText('ça va? \\o/ ~ ß'), 'ca va? /o/ - s  ')
  assert.equal(toLcdText('дверь 東 \n\u007f'), '????? ? ??      ')
  assert.equal(toLcdText('0123456789abcdefXYZ'), '0123456789abcdef')
  for (let code = 0; code < 0x2100; code++) {
    const [char] = toLcdText(String.fromCharCode(code))
    assert.ok(char !== undefined && char >= ' ' && char <= '}' && char !== '\\')
  }
})

test('any picture after any other costs four bytes for each character that differs and for each run of them, and no more', () => {
  const more = process.env['ONCEKEY_TEST_SIZE'] === 'full' ? 20 : 1
  const row = string({ maxLength: 20 })
  holds(property(array(tuple(row, row, nat(3)), { maxLength: 12 }), (pictures) => {
    const lcd = display()
    lcd.take(initLcd())
    let shown: Rows = blank
    for (const [first, second, same] of pictures) {
      // Often one row stays as it is, as on a door.
      const next: Rows = [same === 1 ? shown[0] : first, same === 2 ? shown[1] : second]
      const writes = writeRows(shown, next)
      const [before, after] = [shown, next].map((rows) => rows.map(toLcdText))
      let costs = 0
      for (const r of [0, 1]) for (let c = 0; c < 16; c++) {
        if (before![r]![c] === after![r]![c]) continue
        const isInRun = c > 0 && before![r]![c - 1] !== after![r]![c - 1]
        costs += isInRun ? 4 : 8
      }
      assert.equal(writes.reduce((sum, { bytes }) => sum + bytes.length, 0), costs)
      lcd.take(writes)
      assert.deepEqual(lcd.rows(), after)
      shown = next
    }
  }), { numRuns: 300 * more, verbose: true })
})
