/** Draws the wiring of each board from the very tables that its program takes its pins from. `node devices/esp32/scripts/wiring.ts` writes docs/pictures/wiring-*.svg anew. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pins as pi } from '../../raspberry-pi/src/pins.ts'
import { pins as esp32 } from '../src/pins.ts'

/** One wire: what it is called at the board (or at the supply, which feeds the servo directly) and at the part. */
type Wire = { board: string, part: string, color: string, isOfSupply?: true }
type Part = { name: string, note: string, wires: Wire[] }
export type Diagram = { file: string, title: string, svg: string }

const signal = '#1f5fbf'
const ground = '#333333'
const supply = '#b3261e'
const servoSupply = '#b35a00'
const rowHeight = 22
const gap = 18
const width = 720
const boardX = 20
const boardWidth = 190
const supplyX = 258
const supplyWidth = 128
const partX = 440
const partWidth = 260

export function diagrams (): Diagram[] {
  const gpio = (pin: number): string => `GPIO ${pin}`
  const address = (value: number): string => `0x${value.toString(16)}`
  return [
    draw('wiring-esp32.svg', 'ESP32', '3.3 V', [
      keypad(esp32.keypad, gpio),
      display(gpio(esp32.display.sda), gpio(esp32.display.scl), address(esp32.display.address)),
      servo(gpio(esp32.servo)), buzzer(gpio(esp32.buzzer)), contact('Bolt contact', 'closed when fully out', gpio(esp32.boltOut)), contact('Door contact', 'closed when the door is', gpio(esp32.doorShut))
    ]),
    draw('wiring-raspberry-pi.svg', 'Raspberry Pi', '3.3 V', [
      keypad(pi.keypad, gpio),
      display(gpio(pi.display.sda), gpio(pi.display.scl), address(pi.display.address)),
      servo(gpio(pi.servo.gpio)), buzzer(gpio(pi.buzzer.gpio)), contact('Bolt contact', 'closed when fully out', gpio(pi.boltOut)), contact('Door contact', 'closed when the door is', gpio(pi.doorShut))
    ])
  ]
}

function keypad ({ rows, columns }: { rows: readonly number[], columns: readonly number[] }, gpio: (pin: number) => string): Part {
  return {
    name: 'Keypad 4x4', note: 'no diodes needed', wires: [
      ...rows.map((pin, i) => ({ board: gpio(pin), part: `row ${i + 1} (${['1 2 3 A', '4 5 6 B', '7 8 9 C', '* 0 # D'][i]})`, color: signal })),
      ...columns.map((pin, i) => ({ board: gpio(pin), part: `column ${i + 1}`, color: signal }))
    ]
  }
}

function display (sda: string, scl: string, at: string): Part {
  return {
    name: `Display 16x2, PCF8574 at ${at}`, note: 'pull-ups to 3.3 V, never to 5 V', wires: [
      { board: sda, part: 'SDA (level shifter)', color: signal }, { board: scl, part: 'SCL (level shifter)', color: signal },
      { board: '5 V', part: 'VCC', color: supply }, { board: 'GND', part: 'GND', color: ground }
    ]
  }
}

function servo (pin: string): Part {
  return {
    name: 'Servo', note: 'a rail of its own, 1000 uF close to it', wires: [
      { board: pin, part: 'signal', color: signal }, { board: 'servo rail 5 V', part: '+', color: servoSupply, isOfSupply: true }, { board: 'GND', part: '-', color: ground, isOfSupply: true }
    ]
  }
}

function buzzer (pin: string): Part {
  return { name: 'Buzzer, passive piezo', note: 'a magnetic one needs a transistor', wires: [{ board: pin, part: '+', color: signal }, { board: 'GND', part: '-', color: ground }] }
}

function contact (name: string, note: string, pin: string): Part {
  return { name, note, wires: [{ board: pin, part: 'one end', color: signal }, { board: 'GND', part: 'other end', color: ground }] }
}

function draw (file: string, board: string, logic: string, parts: readonly Part[]): Diagram {
  const title = `Wiring of the ${board}`
  const shapes: string[] = []
  let y = 70
  const top = y - 26
  for (const part of parts) {
    const height = 44 + part.wires.length * rowHeight
    shapes.push(`<rect x="${partX}" y="${y - 20}" width="${partWidth}" height="${height}" rx="6" fill="#f4f6fa" stroke="#8792a5"/>`)
    shapes.push(text(partX + 12, y, part.name, 'font-weight="600"'), text(partX + 12, y + 16, part.note, 'font-size="11" fill="#4a5568"'))
    y += 18 + rowHeight
    const fed = part.wires.filter(({ isOfSupply }) => isOfSupply === true).length
    if (fed > 0) shapes.push(`<rect x="${supplyX}" y="${y + (part.wires.length - fed) * rowHeight - 16}" width="${supplyWidth}" height="${fed * rowHeight}" rx="6" fill="#fbeee0" stroke="${servoSupply}"/>`)
    for (const { board: pin, part: terminal, color, isOfSupply } of part.wires) {
      const at = y - 5
      const from = isOfSupply === true ? supplyX + supplyWidth : boardX + boardWidth
      shapes.push(`<path d="M${from} ${at}H${partX}" stroke="${color}" stroke-width="2"/>`)
      shapes.push(`<circle cx="${from}" cy="${at}" r="3.5" fill="${color}"/>`, `<circle cx="${partX}" cy="${at}" r="3.5" fill="${color}"/>`)
      shapes.push(text(from - 12, y, pin, 'text-anchor="end"'), text(partX + 12, y, terminal, ''))
      y += rowHeight
    }
    y += gap
  }
  const bottom = y - gap
  const rail = bottom + 34
  const notes = [
    `One supply of 5 V and at least 2 A feeds two rails: the ${board}, and the servo (orange) with its capacitor.`,
    'GND is common, and joined at the supply.',
    `Logic is ${logic}: nothing that the board reads may be pulled to 5 V. Contacts close to GND; the board pulls them up.`
  ]
  return {
    file, title,
    svg: [
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${rail + 56}" role="img" aria-labelledby="t" font-family="system-ui,sans-serif" font-size="13" fill="#1a202c">`,
      `<title id="t">${title}</title>`,
      '<rect width="100%" height="100%" fill="#ffffff"/>',
      text(boardX, 26, title, 'font-size="18" font-weight="600"'),
      `<rect x="${boardX}" y="${top}" width="${boardWidth}" height="${bottom - top}" rx="8" fill="#e8eef7" stroke="#5b6b86"/>`,
      text(boardX + 12, top + 22, board, 'font-weight="600"'),
      ...shapes,
      ...notes.map((note, i) => text(boardX, rail + i * 18, note, 'font-size="11" fill="#4a5568"')),
      '</svg>', ''
    ].join('\n')
  }
}

function text (x: number, y: number, content: string, more: string): string {
  return `<text x="${x}" y="${y}"${more === '' ? '' : ` ${more}`}>${content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`
}

if (import.meta.main) {
  for (const { file, svg } of diagrams()) writeFileSync(join(import.meta.dirname, '../../../docs/pictures', file), svg)
}
