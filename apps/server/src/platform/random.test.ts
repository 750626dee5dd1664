import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawBytes, drawText } from './random.ts'

test('no byte is given out twice, whatever is drawn before and after, and as many come as were asked for', () => {
  const seen = new Set<string>()
  const lengths = [12, 16, 32, 5, 1024, 16, 1023, 16, 4096, 12]
  for (let round = 0; round < 200; round++) {
    for (const length of lengths) {
      const bytes = drawBytes(length)
      assert.equal(bytes.length, length)
      // Any eight in a row: by chance they come again once in 10^10 runs of this test.
      for (let at = 0; at + 8 <= length; at += 8) seen.add(bytes.toString('hex', at, at + 8))
    }
    assert.match(drawText(16, 'hex'), /^[0-9a-f]{32}$/)
    assert.equal(drawText(32, 'base64url').length, 43)
    assert.equal(drawText(4096, 'hex').length, 8192, 'more than are drawn at once')
  }
  const eights = lengths.reduce((sum, length) => sum + Math.floor(length / 8), 0)
  assert.equal(seen.size, 200 * eights)
})

test('all values of a byte come, about equally often', () => {
  const counts = new Uint32Array(256)
  for (let i = 0; i < 16_000; i++) for (const byte of drawBytes(16)) counts[byte]! += 1
  // 1,000 of each are expected, with a deviation of 32: eight of those are beyond any chance.
  assert.ok(counts.every((count) => Math.abs(count - 1000) < 256), String(counts))
})

test('what was given out can be changed, and changes nothing that is given out later', () => {
  drawBytes(16).fill(7)
  assert.notDeepEqual([...drawBytes(16)], Array.from({ length: 16 }, () => 7))
})
