/** The sizes that the documentation quotes with `npm run test:full`, a bounded part of them else. */
export const isFull = process.env['ONCEKEY_TEST_SIZE'] === 'full'

/** So many, in this run. */
export function size (quick: number, full: number): number {
  return isFull ? full : quick
}

/** How many server processes share a database: two, and in the full run also one. */
export const processCounts: readonly number[] = isFull ? [1, 2] : [2]

/** The figure of a test, in one line that starts so that it can be found. */
export function figure (text: string): void {
  process.stdout.write(`  figure: ${text}\n`)
}

/** mulberry32: the same numbers 0..1 from the same seed. */
export function dice (seed: number): (sides: number) => number {
  let a = seed | 0
  return (sides) => {
    a = a + 0x6d2b79f5 | 0
    let t = Math.imul(a ^ a >>> 15, 1 | a)
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t
    return Math.floor(((t ^ t >>> 14) >>> 0) / 4_294_967_296 * sides)
  }
}

/** The seed of this run: `ONCEKEY_TEST_SEED`, or a new one. Print it. */
export function seedOfRun (): number {
  const given = Number(process.env['ONCEKEY_TEST_SEED'])
  return Number.isInteger(given) && given > 0 ? given : 1 + Math.floor(Math.random() * 0x7ffffffe)
}
