import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomFrom } from './clips/random.ts'
import { ratesByGroup } from './groups.ts'
import { accuracyInFolds, addScore, equalError, newScores, ratesAt, ratesAtFmr, ratesOf, type Compared } from './scores.ts'

/** Scores on the raster, so that a naive count can be exact. */
function drawn (seed: number, n: number, middle: number): number[] {
  const random = randomFrom(seed)
  return Array.from({ length: n }, () => Math.round(Math.min(1, Math.max(-1, middle + (random() + random() + random() - 1.5) * 0.4)) * 5000) / 5000)
}

test('rates at any threshold are those of a naive count', () => {
  const [same, different] = [drawn(1, 3000, 0.6), drawn(2, 5000, 0.1)]
  const [s, d] = [newScores(), newScores()]
  for (const score of same) addScore(s, score)
  for (const score of different) addScore(d, score)
  const rates = ratesOf(s, d)
  for (const threshold of [-1, -0.2, 0.1, 0.33, 0.42, 0.5, 0.9]) {
    const fmr = different.filter((score) => score >= threshold - 1e-9).length / different.length
    const fnmr = same.filter((score) => score < threshold - 1e-9).length / same.length
    const found = ratesAt(s, d, threshold - 1e-6)
    assert.ok(Math.abs(found.fmr - fmr) < 1e-12 && Math.abs(found.fnmr - fnmr) < 1e-12, `${threshold}`)
    const near = rates.find((one) => one.threshold > threshold - 1.5e-4)
    assert.ok(near !== undefined && Math.abs(near.fmr - fmr) < 1e-12 && Math.abs(near.fnmr - fnmr) < 1e-12)
  }
  const strict = ratesAtFmr(rates, 1e-2)
  assert.ok(strict.fmr <= 1e-2 && different.filter((score) => score >= strict.threshold - 2e-4).length > different.length * 1e-2 - 1)
  const equal = equalError(rates)
  assert.ok(Math.abs(equal.fmr - equal.fnmr) < 0.01)
  assert.deepEqual([rates[0]?.fmr, rates[0]?.fnmr, rates.at(-1)?.fmr, rates.at(-1)?.fnmr], [1, 0, 0, 1])
  assert.equal(ratesAt(s, d, -2).fmr, 1)
})

test('there are no rates of nothing, and none that is stricter than none at all', () => {
  const some = newScores()
  addScore(some, 0.5)
  assert.throws(() => ratesOf(newScores(), some), RangeError)
  assert.throws(() => ratesOf(some, newScores()), RangeError)
  assert.throws(() => ratesAtFmr(ratesOf(some, some), -1), RangeError)
  addScore(some, 7)
  addScore(some, -7)
  assert.equal(some.count, 3, 'beyond the ends is at the ends')
})

test('accuracy in folds is each fold at the best threshold of the others', () => {
  const pairs: Compared[] = []
  for (let fold = 0; fold < 10; fold++) for (let i = 0; i < 20; i++) pairs.push({ fold, isSame: i % 2 === 0, score: i % 2 === 0 ? 0.6 + i / 100 : 0.1 + i / 100 })
  assert.deepEqual(accuracyInFolds(pairs), { mean: 1, deviation: 0, folds: Array(10).fill(1) })
  const wrong = pairs.map((pair, i) => i === 0 ? { ...pair, score: -0.5 } : pair)
  const found = accuracyInFolds(wrong)
  assert.equal(found.folds[0], 0.95)
  assert.ok(Math.abs(found.mean - 0.995) < 1e-12 && found.deviation > 0.01)
  assert.throws(() => accuracyInFolds(pairs.filter(({ fold }) => fold === 0)), RangeError)
  // Where nothing is the same, everything is refused.
  assert.equal(accuracyInFolds([{ fold: 0, isSame: false, score: 0.9 }, { fold: 1, isSame: false, score: 0.1 }]).mean, 1)
  // And where everything is, the lowest score decides.
  assert.equal(accuracyInFolds([{ fold: 0, isSame: true, score: 0.5 }, { fold: 1, isSame: true, score: 0.5 }]).mean, 1)
})

test('groups have their rates, the worst by all together, and the same intervals again', () => {
  const tallies = [{ group: 'b', different: { n: 1000, wrong: 30 }, same: { n: 100, wrong: 0 } }, { group: 'a', different: { n: 1000, wrong: 10 }, same: { n: 100, wrong: 5 } }, { group: 'c', different: { n: 0, wrong: 0 }, same: { n: 3, wrong: 3 } }]
  const report = ratesByGroup(tallies, randomFrom(3))
  assert.deepEqual(report, ratesByGroup(tallies, randomFrom(3)))
  assert.deepEqual(report.groups.map(({ group }) => group), ['a', 'b', 'c'])
  const [a, b, c] = report.groups
  assert.deepEqual([a?.fmr.share, b?.fmr.share, b?.fnmr.share, c?.fmr.n], [0.01, 0.03, 0, 0])
  assert.ok(b!.fmr.low < 0.03 && b!.fmr.high > 0.03 && b!.fmr.low > 0.015 && b!.fmr.high < 0.05)
  assert.deepEqual([b?.fnmr.low, b?.fnmr.high], [0, 0.03], 'three in n may be')
  assert.deepEqual([c?.fnmr.low, c?.fnmr.high, c?.fmr.high], [0, 1, 1])
  assert.deepEqual([report.worstFmr?.group, report.worstFmr?.ratio], ['b', 1.5])
  assert.equal(report.worstFnmr?.group, 'c')
  assert.equal(ratesByGroup([tallies[1]!].map((one) => ({ ...one, same: { n: 10, wrong: 0 } })), randomFrom(1)).worstFnmr, null)
})

test('of a hundred worlds the intervals hold the truth in about 95, rare or not, and ten million comparisons are quick', () => {
  for (const [n, chance] of [[200, 0.1], [200, 0.9], [5_000, 0.3], [1_000_000, 2e-5]] as const) {
    const random = randomFrom(n + Math.round(chance * 10))
    let held = 0
    for (let world = 0; world < 100; world++) {
      let wrong = 0
      if (n > 10_000) for (let at = Math.log(1 - random()) / Math.log1p(-chance); at < n; at += Math.log(1 - random()) / Math.log1p(-chance) + 1) wrong++
      else for (let i = 0; i < n; i++) if (random() < chance) wrong++
      const { low, high } = ratesByGroup([{ group: '', different: { n, wrong }, same: { n: 0, wrong: 0 } }], random).groups[0]!.fmr
      if (low <= chance && chance <= high) held++
    }
    assert.ok(held >= 86, `${held} of 100 at ${n} by ${chance}`)
  }
  const began = performance.now()
  ratesByGroup(Array.from({ length: 10 }, (_, i) => ({ group: String(i), different: { n: 1e7, wrong: 900 }, same: { n: 1e6, wrong: 3e4 } })), randomFrom(1))
  assert.ok(performance.now() - began < 1000)
})
