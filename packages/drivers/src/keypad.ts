/** The keys of the default keypad, row by row. */
export const keys = ['1', '2', '3', 'A', '4', '5', '6', 'B', '7', '8', '9', 'C', '*', '0', '#', 'D'] as const
export type PadKey = (typeof keys)[number]

/** How often to scan, ms. */
export const SCAN_MS = 5
/** Equal samples in a row that make a contact a fact: bounces of up to 10 ms never do. */
const SAMPLES = 3

/** What was seen: the last matrix, how often in a row, and the matrix that counts. */
export type Pad = { readonly seen: number, readonly times: number, readonly settled: number }

/** No key is down. */
export const restingPad: Pad = { seen: 0, times: SAMPLES, settled: 0 }

/**
 * One scan of the 4x4 matrix. A key acts when it goes down, once, however long it stays there. With two keys down
 * nothing acts: a matrix without diodes can not tell which they are, and the one that stays when the other goes is
 * no press either.
 * @param matrix 16 bits: bit 4 * row + column is 1 where that row, driven, reaches that column
 * @returns the pad to scan on with, and the key that went down, or null
 */
export function scan (pad: Pad, matrix: number): { pad: Pad, key: PadKey | null } {
  const times = matrix === pad.seen ? Math.min(pad.times + 1, SAMPLES) : 1
  const isSettled = times === SAMPLES && matrix !== pad.settled
  const key = isSettled && pad.settled === 0 ? soleKey(matrix) : null
  return { pad: { seen: matrix, times, settled: isSettled ? matrix : pad.settled }, key }
}

/** The key of a matrix with one contact closed. */
function soleKey (matrix: number): PadKey | null {
  for (let i = 0; i < keys.length; i++) {
    if (matrix === 1 << i) return keys[i]!
  }
  return null
}
