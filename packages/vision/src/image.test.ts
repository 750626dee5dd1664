import assert from 'node:assert/strict'
import { test } from 'node:test'
import { draw, imageOf, placeBox } from './image.ts'
import { picture } from './testing/drawn.ts'

const plain = { colours: 'rgb', mean: 0, spread: 1 } as const
const slope = picture(4, 4, (x, y) => [x * 10, y * 10, 200])

test('bytes are an image when they are as many as its sides say', () => {
  assert.deepEqual(imageOf(1, 2, new Uint8Array(6)), { width: 1, height: 2, rgb: new Uint8Array(6) })
  for (const [width, height, bytes] of [[1, 2, 5], [0, 2, 0], [1, 0, 0], [1.5, 2, 9], [2, 1.5, 9], [-1, -2, 6]] as const) assert.throws(() => imageOf(width, height, new Uint8Array(bytes)), RangeError)
})

test('the whole of an image in its own size is itself, in planes', () => {
  const whole = draw(slope, placeBox({ left: 0, top: 0, width: 4, height: 4 }, { width: 4, height: 4 }), { width: 4, height: 4, ...plain })
  assert.deepEqual([...whole.subarray(0, 8)], [0, 10, 20, 30, 0, 10, 20, 30])
  assert.deepEqual([...whole.subarray(16, 24)], [0, 0, 0, 0, 10, 10, 10, 10])
  assert.deepEqual([...whole.subarray(32, 34)], [200, 200])
})

test('between pixels lies what is between them, and beyond an edge the edge goes on', () => {
  const [half] = draw(slope, { a: 1, b: 0, c: 1.5, d: 0, e: 1, f: 0.25 }, { width: 1, height: 1, ...plain })
  assert.equal(half, 15)
  const beyond = draw(slope, { a: 1, b: 0, c: -5, d: 0, e: 1, f: 99 }, { width: 1, height: 1, ...plain })
  assert.deepEqual([...beyond], [0, 30, 200])
})

test('a smaller picture has the mean of what it covers', () => {
  const checks = picture(16, 16, (x, y) => (x + y) % 2 === 0 ? [0, 0, 0] : [200, 200, 200])
  const small = draw(checks, placeBox({ left: 0, top: 0, width: 16, height: 16 }, { width: 2, height: 2 }), { width: 2, height: 2, ...plain })
  for (const value of small) assert.ok(Math.abs(value - 100) < 3, String(value))
})

test('a model is given its colours in its order, and its mean and spread', () => {
  const one = picture(1, 1, () => [10, 20, 30])
  const at = { a: 1, b: 0, c: 0, d: 0, e: 1, f: 0 }
  assert.deepEqual([...draw(one, at, { width: 1, height: 1, colours: 'rgb', mean: 10, spread: 10 })], [0, 1, 2])
  assert.deepEqual([...draw(one, at, { width: 1, height: 1, colours: 'bgr', mean: 10, spread: 10 })], [2, 1, 0])
  const [grey] = draw(one, at, { width: 1, height: 1, colours: 'grey', mean: 0, spread: 1 })
  assert.ok(Math.abs(grey! - (0.299 * 10 + 0.587 * 20 + 0.114 * 30)) < 1e-4)
})
