/** A comparison of two faces of one group, and whether it is right to call them one person. */
export type GroupScore = { readonly group: string, readonly isSame: boolean, readonly score: number }

/** A share with the bounds between which it lies in 95 of 100 draws. `n`: comparisons behind it. */
export type Share = { readonly share: number, readonly low: number, readonly high: number, readonly n: number }

export type GroupRates = { readonly group: string, readonly fmr: Share, readonly fnmr: Share }

/** `ratio`: the worst group's share by that of all together; null where all together have none. */
export type GroupReport = { readonly groups: readonly GroupRates[], readonly worstFmr: { group: string, ratio: number } | null, readonly worstFnmr: { group: string, ratio: number } | null }

const DRAWS = 1000

/**
 * How often each group is taken wrongly at one threshold for all, with bootstrap intervals (Efron 1979, percentiles).
 * @param random uniform in [0, 1): a seeded one makes the report the same again
 */
export function ratesByGroup (scores: readonly GroupScore[], threshold: number, random: () => number): GroupReport {
  const byName = Map.groupBy(scores, ({ group }) => group)
  const shareOf = (some: readonly GroupScore[], isSame: boolean): Share => bootstrapped(some.filter((one) => one.isSame === isSame).map(({ score }) => (score >= threshold) === isSame ? 0 : 1), random)
  const groups = [...byName].map(([group, some]) => ({ group, fmr: shareOf(some, false), fnmr: shareOf(some, true) })).sort((a, b) => a.group < b.group ? -1 : 1)
  const all = { fmr: shareOf(scores, false), fnmr: shareOf(scores, true) }
  const worst = (rate: 'fmr' | 'fnmr'): { group: string, ratio: number } | null => {
    const last = groups.filter((one) => one[rate].n > 0).reduce<GroupRates | null>((most, one) => most === null || one[rate].share > most[rate].share ? one : most, null)
    return last === null || all[rate].share === 0 ? null : { group: last.group, ratio: last[rate].share / all[rate].share }
  }
  return { groups, worstFmr: worst('fmr'), worstFnmr: worst('fnmr') }
}

function bootstrapped (wrongs: readonly number[], random: () => number): Share {
  const n = wrongs.length
  if (n === 0) return { share: 0, low: 0, high: 1, n }
  const wrong = wrongs.reduce((sum, one) => sum + one, 0)
  const share = wrong / n
  // Of zeros and ones a draw is binomial: each is drawn by its own chance.
  const draws = Array.from({ length: DRAWS }, () => {
    let sum = 0
    for (let i = 0; i < n; i++) if (random() < share) sum++
    return sum / n
  }).sort((a, b) => a - b)
  return { share, n, low: draws[Math.floor(DRAWS * 0.025)] ?? share, high: draws[Math.ceil(DRAWS * 0.975) - 1] ?? share }
}
