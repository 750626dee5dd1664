import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readBoardImage } from '../../../apps/web/src/esp32/image.ts'
import { bundles } from '../scripts/bundle.ts'
import { joinImage } from '../scripts/image.ts'
import { diagrams } from '../scripts/wiring.ts'
import { pins } from './pins.ts'

const root = join(import.meta.dirname, '../../..')
const text = (path: string): string => readFileSync(join(root, path), 'utf8')

test('the board is that of the default profile', () => {
  assert.deepEqual([pins.keypad.rows, pins.keypad.columns], [[14, 27, 26, 25], [33, 32, 18, 19]])
  assert.deepEqual([pins.display.sda, pins.display.scl, pins.display.address, pins.servo, pins.buzzer], [21, 22, 0x27, 23, 13])
})

test('no pin is taken twice, none that the chip needs for itself, none that has no pull-up', () => {
  const all = [...pins.keypad.rows, ...pins.keypad.columns, pins.display.sda, pins.display.scl, pins.servo, pins.buzzer, pins.boltOut, pins.doorShut, pins.serial.receive, pins.serial.transmit]
  assert.equal(new Set<number>(all).size, all.length)
  // Flash; levels at the start; inputs only.
  for (const pin of [6, 7, 8, 9, 10, 11, 0, 2, 5, 12, 15, 34, 35, 36, 39]) assert.ok(!all.some((one) => one === pin), `GPIO ${pin}`)
})

test('the drawings are what is drawn from the tables of pins', () => {
  for (const { file, svg } of diagrams()) assert.equal(text(`docs/pictures/${file}`), svg, `write them anew: node devices/esp32/scripts/wiring.ts (${file})`)
})

test('a drawing names each pin of its table', () => {
  const [esp32] = diagrams()
  for (const pin of [...pins.keypad.rows, ...pins.keypad.columns, pins.display.sda, pins.display.scl, pins.servo, pins.buzzer, pins.boltOut, pins.doorShut]) {
    assert.equal(esp32?.svg.split(`>GPIO ${pin}</text>`).length, 2, `GPIO ${pin}`)
  }
})

test('the bundles ask for what the SDK has and the types describe, and for nothing of Node or the web', async () => {
  const described = [...text('devices/esp32/src/ambient.d.ts').matchAll(/declare module '([^']+)'/g)].map(([, name]) => name).sort()
  const [host, main] = await bundles()
  assert.ok(host !== undefined && main !== undefined)
  assert.deepEqual(host.imports, [])
  assert.deepEqual(main.imports, ['@oncekey/host', ...described].sort())
  // A method of a port may be called like one of them: it comes after one dot, not three.
  for (const { name, code } of [host, main]) assert.doesNotMatch(code, /(?<!(?<!\.)\.)\b(globalThis|setTimeout|setInterval|process|Buffer|fetch|TextEncoder|TextDecoder|structuredClone|crypto|console|require)\b[.(]/, name)
  const { modules, preload }: { modules: Record<string, string>, preload: string[] } = JSON.parse(text('devices/esp32/manifest.json'))
  assert.deepEqual([modules, preload], [{ main: './dist/main', '@oncekey/host': './dist/host' }, ['@oncekey/host']])
})

test('each native function is in the manifest, in C, and in the types', () => {
  const { ffi }: { ffi: { functions: Record<string, object> } } = JSON.parse(text('devices/esp32/manifest.json'))
  const inC = [...text('devices/esp32/native/native.c').matchAll(/^\w+ (door_\w+)\(/gm)].map(([, name]) => name).sort()
  assert.deepEqual(Object.keys(ffi.functions).sort(), inC)
  for (const [, name = ''] of text('devices/esp32/src/ambient.d.ts').matchAll(/(door_\w+) \(/g)) assert.ok(name in ffi.functions, name)
})

test('the flash is laid out without gaps that overlap: two equal slots on borders of 64 kB, all within 4 MB', () => {
  const rows = text('devices/esp32/partitions.csv').split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split(',').map((cell) => cell.trim()))
  const parts = rows.map(([name = '', type = '', subtype = '', offset = '', size = '']) => ({ name, type, subtype, from: Number(offset), to: Number(offset) + Number(size), size: Number(size) }))
  let end = 0x9000
  for (const { name, type, from, to } of parts) {
    assert.ok(from >= end, name)
    assert.equal(from % (type === 'app' ? 0x10000 : 0x1000), 0, name)
    end = to
  }
  assert.ok(end <= 4 * 1024 * 1024)
  const slots = parts.filter(({ type }) => type === 'app')
  assert.deepEqual(slots.map(({ subtype }) => subtype), ['ota_0', 'ota_1'])
  assert.equal(slots[0]?.size, slots[1]?.size)
  assert.ok(parts.some(({ name, subtype, size }) => name === 'nvs' && subtype === 'nvs' && size >= 0x60000), '500 records of 400 bytes, and room to move them')
  assert.match(text('devices/esp32/sdkconfig/sdkconfig.defaults'), /^CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE=y$/m)
})

test('the parts of an image make one file, which the page takes; none reaches into the next', () => {
  const part = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_one, i) => [0xe9, 3][i] ?? (i < 24 ? 0 : 7))
  const table = Uint8Array.of(0xaa, 0x50)
  const image = joinImage(part(20_000), table, part(300_000))
  assert.deepEqual([image.length, image[0], image[0x1000], image[0x8000], image[0x10000]], [0x10000 + 300_000, 0xff, 0xe9, 0xaa, 0xe9])
  const read = readBoardImage(image)
  assert.equal(typeof read === 'string' ? read : read.kind, 'whole')
  assert.throws(() => joinImage(part(0x7001), table, part(100)), RangeError)
  assert.throws(() => joinImage(part(100), part(0x1001), part(100)), RangeError)
  assert.throws(() => joinImage(part(100), table, part(0x1b0001)), RangeError)
})
