/** Spans are kept by how long they were, a fifth longer from one bucket to the next: a percentile is off by a tenth at most. */
const GROWTH = 1.2

/** @returns the bucket of a span: 0 up to 1 ms, then up to 1.2 ms, 1.44 ms … */
export function bucketOf (ms: number): number {
  // Rounded, because what a bucket ends with is in it, whatever a logarithm makes of it.
  return ms <= 1 ? 0 : Math.ceil(Math.round(Math.log(ms) / Math.log(GROWTH) * 1e9) / 1e9)
}

/** The longest span of a bucket, in ms. */
export function endOf (bucket: number): number {
  return GROWTH ** bucket
}

/** The span that this part of all does not exceed: the middle of its bucket, in whole ms; null of none. */
export function percentile (buckets: readonly { bucket: number, count: number }[], part: number): number | null {
  const inOrder = buckets.toSorted((a, b) => a.bucket - b.bucket)
  const all = inOrder.reduce((sum, one) => sum + one.count, 0)
  let left = Math.ceil(all * part)
  for (const { bucket, count } of inOrder) {
    left -= count
    if (left <= 0) return Math.max(1, Math.round(endOf(bucket - 0.5)))
  }
  return null
}
