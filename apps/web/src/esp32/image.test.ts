import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { layout, readBoardImage } from './image.ts'

function program (size: number, chip = 0): Uint8Array {
  const bytes = new Uint8Array(size).fill(0x42)
  bytes.set([0xe9, 4, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, chip, 0])
  return bytes
}
function whole (size: number, chip = 0): Uint8Array {
  const bytes = new Uint8Array(layout.program + size).fill(0xff)
  bytes.set(program(100, chip), layout.bootLoader)
  bytes.set([0xaa, 0x50], layout.table)
  bytes.set(program(size, chip), layout.program)
  return bytes
}
const signed = (hardware: string, body: Uint8Array): Uint8Array => new Uint8Array(Buffer.concat([Buffer.from(`oncekey image 1\n${JSON.stringify({ version: '1.0.0', hardware })}\n`), body]))

test('addresses are those of the table of partitions', () => {
  const table = readFileSync(join(import.meta.dirname, '../../../../devices/esp32/partitions.csv'), 'utf8')
  const row = (name: string): number[] => (new RegExp(`^${name},.*?(0x\\w+),\\s*(0x\\w+)`, 'm').exec(table) ?? []).slice(1).map(Number)
  assert.deepEqual([row('otadata'), row('ota_0')], [[layout.choice, layout.choiceBytes], [layout.program, layout.programBytes]])
})

test('a whole image goes to the beginning, a program into the first slot, which then is the one that runs', () => {
  const file = whole(5000)
  assert.deepEqual(readBoardImage(file), { kind: 'whole', parts: [{ address: 0, data: file }] })
  const image = program(5000)
  const parts = [{ address: 0x10000, data: image }, { address: 0x9000, data: new Uint8Array(0x2000).fill(0xff) }]
  assert.deepEqual(readBoardImage(image), { kind: 'program', parts })
  assert.deepEqual(readBoardImage(signed('esp32', image)), { kind: 'program', parts })
})

test('what is for something else, too big, or no image is told as that', () => {
  assert.equal(readBoardImage(program(500, 9)), 'otherChip')
  assert.equal(readBoardImage(whole(500, 9)), 'otherChip')
  assert.equal(readBoardImage(signed('raspberry-pi', program(500))), 'otherHardware')
  assert.equal(readBoardImage(program(layout.programBytes + 1)), 'tooBig')
  assert.equal(readBoardImage(whole(layout.flashBytes)), 'tooBig')
  const withoutTable = whole(500)
  withoutTable[layout.table] = 0
  for (const file of [new Uint8Array(), new Uint8Array(70_000), Buffer.from('{"deaf":true}\n'), withoutTable, Buffer.from('oncekey image 1\n{"hardware"'), program(20)]) assert.equal(readBoardImage(file), 'notAnImage')
})
