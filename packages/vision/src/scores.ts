/** Scores from -1 to 1 counted in steps of 1/5000: tens of millions fit, and nobody sorts them. */
export type Scores = { readonly counts: Float64Array, count: number }

const STEPS = 5000
const BINS = 2 * STEPS + 1

export function newScores (): Scores {
  return { counts: new Float64Array(BINS), count: 0 }
}

export function addScore (scores: Scores, score: number): void {
  const bin = Math.min(BINS - 1, Math.max(0, Math.round((score + 1) * STEPS)))
  scores.counts[bin]!++
  scores.count++
}

/** At a threshold: `fmr`, the share of different people taken for one (false match rate); `fnmr`, of one person taken for two (ISO/IEC 19795-1). */
export type Rates = { readonly threshold: number, readonly fmr: number, readonly fnmr: number }

/**
 * The rates at every step of the threshold, from the lowest on: a score at or above it is a match.
 * @throws RangeError when there are no scores of either kind
 */
export function ratesOf (same: Scores, different: Scores): Rates[] {
  if (same.count === 0 || different.count === 0) throw new RangeError('Rates need pairs of the same person and pairs of different people.')
  const rates: Rates[] = []
  let [missed, rejected] = [0, 0]
  for (let bin = 0; bin < BINS; bin++) {
    rates.push({ threshold: (bin - 0.5) / STEPS - 1, fmr: (different.count - rejected) / different.count, fnmr: missed / same.count })
    missed += same.counts[bin]!
    rejected += different.counts[bin]!
  }
  rates.push({ threshold: (BINS - 0.5) / STEPS - 1, fmr: 0, fnmr: 1 })
  return rates
}

/** The lowest threshold at which no more than `fmr` of different people match. */
export function ratesAtFmr (rates: readonly Rates[], fmr: number): Rates {
  const found = rates.find((one) => one.fmr <= fmr)
  if (found === undefined) throw new RangeError('No threshold is that strict.')
  return found
}

/** Where both errors are the same, as near as the steps let it be: the equal error rate is the mean of both. */
export function equalError (rates: readonly Rates[]): Rates {
  return rates.reduce((best, one) => Math.abs(one.fmr - one.fnmr) < Math.abs(best.fmr - best.fnmr) ? one : best)
}

export function ratesAt (same: Scores, different: Scores, threshold: number): Rates {
  const from = Math.max(0, Math.ceil((threshold + 1) * STEPS))
  const above = ({ counts }: Scores): number => counts.subarray(from).reduce((sum, one) => sum + one, 0)
  return { threshold, fmr: above(different) / different.count, fnmr: 1 - above(same) / same.count }
}

/** A pair that was compared, in one of the folds of a benchmark. */
export type Compared = { readonly fold: number, readonly isSame: boolean, readonly score: number }

/**
 * Accuracy as LFW's protocol reckons it: of each fold at the threshold that is best for all others.
 * @returns mean and standard deviation over the folds, 0 to 1
 */
export function accuracyInFolds (pairs: readonly Compared[]): { mean: number, deviation: number, folds: readonly number[] } {
  const names = [...new Set(pairs.map(({ fold }) => fold))].sort((a, b) => a - b)
  if (names.length < 2) throw new RangeError('Folds are two or more.')
  const folds = names.map((name) => {
    const threshold = bestThreshold(pairs.filter(({ fold }) => fold !== name))
    const mine = pairs.filter(({ fold }) => fold === name)
    return mine.filter(({ score, isSame }) => (score >= threshold) === isSame).length / mine.length
  })
  const mean = folds.reduce((sum, one) => sum + one, 0) / folds.length
  return { mean, folds, deviation: Math.sqrt(folds.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (folds.length - 1)) }
}

/** The score from which on most pairs are told right. */
function bestThreshold (pairs: readonly Compared[]): number {
  const sorted = pairs.toSorted((a, b) => b.score - a.score)
  // Everything is refused at first: the pairs of different people are right.
  let right = pairs.filter(({ isSame }) => !isSame).length
  let best = { right, threshold: Infinity }
  for (const [i, { isSame, score }] of sorted.entries()) {
    right += isSame ? 1 : -1
    const next = sorted[i + 1]?.score
    if (right > best.right && next !== score) best = { right, threshold: next === undefined ? score : (score + next) / 2 }
  }
  return best.threshold
}
