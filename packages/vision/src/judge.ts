import { likeness, meanOf, type Embedding } from './embed.ts'

/** What was found in the frames of a challenge that were kept. `alive`: 0 to 1 each. */
export type Kept = { readonly embeddings: readonly Embedding[], readonly alive: readonly number[] }

/** `notAlive`: a picture of somebody. `notOne`: not one person all the time. `other`: not the person whose face is kept. */
export type Judgement = { readonly is: 'accepted', readonly embedding: Embedding } | { readonly is: 'refused', readonly why: 'notAlive' | 'notOne' | 'other' }

/** At or above it two faces are one person's: false matches 7.2e-5, false non-matches 3.0 % on LFW (see docs/faces.md). */
export const THRESHOLD = 0.42
/** Frames of one challenge are nearer to each other than two photos are. */
const ONE = 0.5
const LEAST_ALIVE = 0.3
/** Fewer say too little. */
const LEAST_KEPT = 3

/**
 * Whose face it was that passed a challenge.
 * @param template null when it is being enrolled
 * @throws RangeError for fewer than three frames
 */
export function judge ({ embeddings, alive }: Kept, template: Embedding | null, threshold = THRESHOLD): Judgement {
  if (embeddings.length < LEAST_KEPT || alive.length < LEAST_KEPT) throw new RangeError(`A challenge is judged by ${LEAST_KEPT} frames or more.`)
  if (medianOf(alive) <= LEAST_ALIVE) return { is: 'refused', why: 'notAlive' }
  const embedding = meanOf(embeddings)
  if (embeddings.some((one) => likeness(one, embedding) < ONE)) return { is: 'refused', why: 'notOne' }
  if (template !== null && likeness(embedding, template) < threshold) return { is: 'refused', why: 'other' }
  return { is: 'accepted', embedding }
}

function medianOf (values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = (sorted.length - 1) / 2
  return (sorted[Math.floor(half)]! + sorted[Math.ceil(half)]!) / 2
}
