import { readFileSync } from 'node:fs'
import { accuracyInFolds, addScore, DIMENSIONS, equalError, newScores, ratesAt, ratesAtFmr, ratesByGroup, ratesOf, THRESHOLD, type Compared, type Embedding, type GroupReport, type GroupTally, type Rates, type Scores } from '@oncekey/vision'
import { randomFrom } from '@oncekey/vision/clips'
import type { FacePool } from './pool.ts'
import { PictureError } from './pictures.ts'
import type { PhotoList } from './pictures-list.ts'

/** Of comparisons: how many there were, the equal error rate, what is accepted truly at two rates of false matches, and the rates at the shipped threshold. Nothing of a single photo. */
export type Comparisons = {
  same: number
  different: number
  equalError: Rates
  /** True accept rate 1 - FNMR where no more than one in so many matches falsely; null when there are too few comparisons to say. */
  atFmr: { fmr: number, threshold: number, tar: number }[]
  shipped: Rates
  /** The curve: rates at up to a hundred thresholds. */
  curve: Rates[]
}

export type Evaluation = {
  photos: number
  people: number
  /** Photos in which no face was found, and those that could not be read, with why. */
  noFace: string[]
  unreadable: { path: string, why: string }[]
  /** Of the pairs of the file: accuracy over folds (LFW's protocol, image-restricted); null without a file of pairs, or with one fold. */
  pairs: { n: number, accuracy: { mean: number, deviation: number } | null, right: number, comparisons: Comparisons } | null
  /** Of every photo with every other. */
  all: Comparisons | null
  groups: GroupReport | null
}

/** One in ten thousand of fewer is less than one. */
const FMRS = [1e-3, 1e-4]
const CURVE_POINTS = 100
const SEED = 1

/**
 * How well faces are told apart in photos of known people.
 * @param tell how many photos are done
 * @throws RangeError when there is nothing to compare
 */
export async function evaluate (pool: FacePool, { photos, pairs }: PhotoList, { atOnce = 1, tell = () => {} }: { atOnce?: number, tell?: (done: number, of: number) => void } = {}): Promise<Evaluation> {
  const embeddings: (Embedding | null)[] = photos.map(() => null)
  const noFace: string[] = []
  const unreadable: { path: string, why: string }[] = []
  let [next, done] = [0, 0]
  const work = async (): Promise<void> => {
    for (let i = next++; i < photos.length; i = next++) {
      const { path, near } = photos[i]!
      try {
        embeddings[i] = await pool.photo(readFileSync(path), near)
        if (embeddings[i] === null) noFace.push(path)
      } catch (error) {
        if (!(error instanceof PictureError) && (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
        unreadable.push({ path, why: error instanceof PictureError ? error.message : 'There is no such file.' })
      }
      tell(++done, photos.length)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  const all = compareAll(embeddings, photos)
  return { photos: photos.length, people: new Set(photos.map(({ person }) => person)).size, noFace: noFace.sort(), unreadable, pairs: pairs.length === 0 ? null : comparePairs(embeddings, pairs), ...all }
}

function comparePairs (embeddings: readonly (Embedding | null)[], pairs: PhotoList['pairs']): Evaluation['pairs'] {
  const [same, different] = [newScores(), newScores()]
  // A pair of which one has no face is told to be of two people: nobody would be let in.
  const compared = pairs.map(({ a, b, isSame, fold }): Compared => ({ fold, isSame, score: product(embeddings[a] ?? null, embeddings[b] ?? null) }))
  for (const { isSame, score } of compared) addScore(isSame ? same : different, score)
  const folds = new Set(compared.map(({ fold }) => fold)).size
  const { mean, deviation } = folds > 1 ? accuracyInFolds(compared) : { mean: 0, deviation: 0 }
  return {
    n: pairs.length, accuracy: folds > 1 ? { mean, deviation } : null,
    right: compared.filter(({ isSame, score }) => (score >= THRESHOLD) === isSame).length, comparisons: summaryOf(same, different)
  }
}

function product (a: Embedding | null, b: Embedding | null): number {
  if (a === null || b === null) return -1
  let sum = 0
  for (let i = 0; i < DIMENSIONS; i++) sum += a[i]! * b[i]!
  return sum
}

function compareAll (embeddings: readonly (Embedding | null)[], photos: PhotoList['photos']): { all: Comparisons | null, groups: GroupReport | null } {
  const found = embeddings.flatMap((embedding, i) => embedding === null ? [] : [{ embedding, ...photos[i]! }])
  // One after the other in memory: millions of comparisons are a minute so, and many without.
  const rows = new Float32Array(found.length * DIMENSIONS)
  for (const [i, { embedding }] of found.entries()) rows.set(embedding, i * DIMENSIONS)
  const people = numbersOf(found.map(({ person }) => person))
  const groupNames = [...new Set(found.map(({ group }) => group))]
  const groups = numbersOf(found.map(({ group }) => group))
  const [same, different] = [newScores(), newScores()]
  const tallies = groupNames.map((group) => ({ group, same: { n: 0, wrong: 0 }, different: { n: 0, wrong: 0 } }))
  for (let i = 0; i < found.length; i++) {
    for (let j = i + 1; j < found.length; j++) {
      let sum = 0
      for (let k = 0, a = i * DIMENSIONS, b = j * DIMENSIONS; k < DIMENSIONS; k++) sum += rows[a + k]! * rows[b + k]!
      const isSame = people[i] === people[j]
      addScore(isSame ? same : different, sum)
      if (groups[i] !== groups[j]) continue
      const tally = tallies[groups[i]!]![isSame ? 'same' : 'different']
      tally.n++
      if ((sum >= THRESHOLD) !== isSame) tally.wrong++
    }
  }
  const named: GroupTally[] = tallies.filter(({ group }) => group !== '')
  return { all: same.count === 0 || different.count === 0 ? null : summaryOf(same, different), groups: named.length === 0 ? null : ratesByGroup(named, randomFrom(SEED)) }
}

function numbersOf (names: readonly string[]): number[] {
  const numbers = new Map([...new Set(names)].map((name, i) => [name, i]))
  return names.map((name) => numbers.get(name)!)
}

function summaryOf (same: Scores, different: Scores): Comparisons {
  const rates = ratesOf(same, different)
  return {
    same: same.count, different: different.count, equalError: equalError(rates), shipped: ratesAt(same, different, THRESHOLD),
    atFmr: FMRS.filter((fmr) => different.count * fmr >= 1).map((fmr) => {
      const { threshold, fnmr } = ratesAtFmr(rates, fmr)
      return { fmr, threshold, tar: 1 - fnmr }
    }),
    curve: thinned(rates)
  }
}

/** Where it bends, and no more points than a drawing shows. */
function thinned (rates: readonly Rates[]): Rates[] {
  const moving = rates.filter(({ fmr, fnmr }, i) => i === 0 || fmr !== rates[i - 1]!.fmr || fnmr !== rates[i - 1]!.fnmr)
  const each = Math.max(1, Math.ceil(moving.length / CURVE_POINTS))
  return moving.filter((_, i) => i % each === 0 || i === moving.length - 1)
}
