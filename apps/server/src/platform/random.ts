import { randomFillSync } from 'node:crypto'

/** The way to the system's randomness costs more than the bytes: many are drawn at once. */
const POOL = 1024

const pool = Buffer.alloc(POOL)
let used = POOL

/** So many bytes from the system's cryptographic generator, each given out once and wiped from the pool. */
export function drawBytes (count: number): Buffer {
  return count > POOL ? randomFillSync(Buffer.alloc(count)) : drawn(count, (from, to) => Buffer.from(pool.subarray(from, to)))
}

/** The same as text: what most secrets and salts are wanted as. */
export function drawText (count: number, encoding: 'hex' | 'base64url'): string {
  return count > POOL ? drawBytes(count).toString(encoding) : drawn(count, (from, to) => pool.toString(encoding, from, to))
}

/** Takes the pool's next bytes by `copy`, which keeps none of the pool itself. */
function drawn<Copy> (count: number, copy: (from: number, to: number) => Copy): Copy {
  if (used + count > POOL) {
    randomFillSync(pool)
    used = 0
  }
  const from = used
  used += count
  const bytes = copy(from, used)
  pool.fill(0, from, used)
  return bytes
}
