import assert from 'node:assert/strict'
import { test } from 'node:test'
import { packetMeter } from './meter.ts'

/** A publish of so many bytes after its length field. */
function packet (length: number): Uint8Array {
  const field: number[] = []
  for (let rest = length; ;) {
    const byte = rest % 128
    rest = Math.floor(rest / 128)
    field.push(rest > 0 ? byte | 128 : byte)
    if (rest === 0) break
  }
  return Uint8Array.from([0x30, ...field, ...new Uint8Array(length).fill(0x82)])
}

test('packets up to the limit pass, however they are cut', () => {
  const stream = Buffer.concat([packet(0), packet(1), packet(127), packet(128), packet(200), packet(0), packet(3)])
  for (let size = 1; size <= stream.length; size++) {
    const isWithin = packetMeter(200)
    for (let at = 0; at < stream.length; at += size) assert.equal(isWithin(stream.subarray(at, at + size)), true, `pieces of ${size}`)
  }
})

test('a packet that only announces to be longer is found at its length field', () => {
  assert.equal(packetMeter(200)(packet(201).subarray(0, 3)), false)
  assert.equal(packetMeter(200)(Uint8Array.from([0x10, 0xff, 0xff, 0xff, 0x7f])), false)
  const isWithin = packetMeter(200)
  assert.equal(isWithin(packet(200)), true)
  assert.equal(isWithin(packet(201)), false)
  assert.equal(isWithin(packet(1)), false)
})

test('a length field that never ends is refused', () => {
  assert.equal(packetMeter(268_435_455)(Uint8Array.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80])), false)
})
