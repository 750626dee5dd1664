/** One figure: ours, the peer's, and ours divided by the peer's. */
export type Figure = { name: string, unit: string, ours: number, peer: number, ratio: number, peerIs: string, runs: number }

/** The value below which `share` (0..1) of them lie. */
export function quantile (values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

/** Both sides' quantile as one figure, rounded to three digits. */
export function figure (name: string, unit: string, peerIs: string, ours: readonly number[], peer: readonly number[], share = 0.5): Figure {
  const our = Number(quantile(ours, share).toPrecision(3))
  const their = Number(quantile(peer, share).toPrecision(3))
  return { name, unit, ours: our, peer: their, ratio: our / their, peerIs, runs: ours.length }
}
