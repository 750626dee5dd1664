/**
 * The chance of guessing in within a day, as "1 in so many": two figures are as exact as such a number can be.
 * Null: nothing to guess. 0.00002 -> 50000.
 */
export function oneIn (chance: number): number | null {
  if (!(chance > 0)) return null
  const exact = 1 / Math.min(1, chance)
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(exact)) - 1)
  return Math.round(exact / unit) * unit
}
