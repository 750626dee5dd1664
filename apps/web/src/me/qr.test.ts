import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawQr } from './qr.ts'

test('a QR code has its three corners, a quiet edge of four, and room for a long address', async () => {
  const { size, path } = await drawQr(`otpauth://totp/Gym:${'a'.repeat(60)}@example.org?secret=${'A'.repeat(32)}&issuer=Gym`)
  const dark = new Set([...path.matchAll(/M(\d+) (\d+)h/g)].map(found => `${found[1]},${found[2]}`))
  const isDark = (x: number, y: number): boolean => dark.has(`${x},${y}`)
  for (const [x, y] of [[4, 4], [size - 11, 4], [4, size - 11]] as const) {
    assert.ok([0, 1, 2, 3, 4, 5, 6].every(i => isDark(x + i, y) && isDark(x, y + i)) && !isDark(x + 1, y + 1) && isDark(x + 2, y + 2), `corner at ${x},${y}`)
  }
  for (let i = 0; i < size; i++) for (let edge = 0; edge < 4; edge++) assert.ok(!isDark(i, edge) && !isDark(edge, i) && !isDark(size - 1 - edge, i))
})
