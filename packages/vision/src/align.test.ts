import assert from 'node:assert/strict'
import { test } from 'node:test'
import { align, template } from './align.ts'
import { randomFrom } from './clips/random.ts'

test('a face that was turned, scaled and shifted is found again', () => {
  const random = randomFrom(7)
  for (let i = 0; i < 200; i++) {
    const [turn, scale, x, y] = [random() * 6.3, 0.2 + random() * 5, random() * 900, random() * 900]
    const moved = template.map((point) => ({ x: scale * (Math.cos(turn) * point.x - Math.sin(turn) * point.y) + x, y: scale * (Math.sin(turn) * point.x + Math.cos(turn) * point.y) + y }))
    const { a, b, c, d, e, f } = align(moved, template)
    for (const [k, { x: u, y: v }] of template.entries()) {
      assert.ok(Math.abs(a * u + b * v + c - moved[k]!.x) < 1e-6)
      assert.ok(Math.abs(d * u + e * v + f - moved[k]!.y) < 1e-6)
    }
  }
})

test('points that do not fit are met in the middle, and a mirror image is not turned inside out', () => {
  const mirrored = template.map(({ x, y }) => ({ x: -x, y }))
  const { a, b, d, e } = align(mirrored, template)
  assert.ok(Math.abs(a - e) < 1e-9 && Math.abs(b + d) < 1e-9, 'turned and scaled only')
})

test('one point has no direction', () => {
  assert.throws(() => align([{ x: 1, y: 1 }, { x: 2, y: 2 }], [{ x: 5, y: 5 }, { x: 5, y: 5 }]), RangeError)
})
