/** How many comparisons of a kind were made within a group, and how many of them came out wrong. */
export type Tally = { readonly n: number, readonly wrong: number }

/** `different`: comparisons of two people, wrong when taken for one. `same`: of one person, wrong when taken for two. */
export type GroupTally = { readonly group: string, readonly different: Tally, readonly same: Tally }

/** A share with the bounds between which it lies in 95 of 100 draws. `n`: comparisons behind it. */
export type Share = { readonly share: number, readonly low: number, readonly high: number, readonly n: number }

export type GroupRates = { readonly group: string, readonly fmr: Share, readonly fnmr: Share }

/** `ratio`: the worst group's share by that of all together; null where all together have none. */
export type GroupReport = { readonly groups: readonly GroupRates[], readonly worstFmr: Worst | null, readonly worstFnmr: Worst | null }
export type Worst = { readonly group: string, readonly ratio: number }

const DRAWS = 1000
/** From so many expected on either side a draw is as good as normal. */
const MANY = 50

/**
 * How often each group is taken wrongly at one threshold for all, with bootstrap intervals (Efron 1979, percentiles). A draw
 * of rights and wrongs with replacement is binomial, so it is drawn as that. Comparisons count as if each stood alone; those
 * that share a photo do not quite, so intervals are a little too narrow.
 * @param random uniform in [0, 1): a seeded one makes the report the same again
 */
export function ratesByGroup (tallies: readonly GroupTally[], random: () => number): GroupReport {
  const groups = tallies.map(({ group, different, same }) => ({ group, fmr: shareOf(different, random), fnmr: shareOf(same, random) })).sort((a, b) => a.group < b.group ? -1 : 1)
  return { groups, worstFmr: worstOf(groups, tallies, 'fmr', 'different'), worstFnmr: worstOf(groups, tallies, 'fnmr', 'same') }
}

function worstOf (groups: readonly GroupRates[], tallies: readonly GroupTally[], rate: 'fmr' | 'fnmr', kind: 'different' | 'same'): Worst | null {
  const all = (of: 'n' | 'wrong'): number => tallies.reduce((sum, one) => sum + one[kind][of], 0)
  if (all('wrong') === 0) return null
  const worst = groups.filter((one) => one[rate].n > 0).reduce((most, one) => one[rate].share > most[rate].share ? one : most)
  return { group: worst.group, ratio: worst[rate].share / (all('wrong') / all('n')) }
}

function shareOf ({ n, wrong }: Tally, random: () => number): Share {
  if (n === 0) return { share: 0, low: 0, high: 1, n }
  // Nothing wrong in n: up to 3 in n may be, in 95 of 100 (rule of three, Hanley and Lippman-Hand 1983). Drawing from zeros says nothing.
  if (wrong === 0) return { share: 0, low: 0, high: Math.min(1, 3 / n), n }
  if (wrong === n) return { share: 1, low: Math.max(0, 1 - 3 / n), high: 1, n }
  const draws = Float64Array.from({ length: DRAWS }, () => drawBinomial(n, wrong / n, random) / n).sort()
  return { share: wrong / n, n, low: draws[DRAWS * 0.025]!, high: draws[DRAWS * 0.975 - 1]! }
}

/** How many of n happen that happen with this chance each: one after the other, by leaps from one to the next where they are rare, or, where there are many, from the normal distribution. */
function drawBinomial (n: number, chance: number, random: () => number): number {
  if (chance > 0.5) return n - drawBinomial(n, 1 - chance, random)
  if (n * chance >= MANY) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    return Math.min(n, Math.max(0, Math.round(n * chance + normal * Math.sqrt(n * chance * (1 - chance)))))
  }
  // Failures before the next success are geometric (Devroye 1986, X.4.3).
  const step = Math.log1p(-chance)
  let [sum, at] = [-1, 0]
  while (at <= n) {
    sum++
    at += Math.floor(Math.log(1 - random()) / step) + 1
  }
  return sum
}
