import { begin, step, type Failure } from '../challenge.ts'
import type { Embedding } from '../embed.ts'
import { embeddingOf, livenessOf, type Models } from '../frame.ts'
import type { Image } from '../image.ts'
import { judge, type Judgement } from '../judge.ts'
import { drawPlan, everyMs, type Action } from '../plan.ts'
import { see, type Seen, type SeenFace } from '../seen.ts'
import type { Performer } from './performer.ts'

/** How an attempt ended. `frames`: how many were looked at. */
export type Outcome = { readonly is: 'accepted' | 'retry' | 'refused', readonly why: string, readonly frames: number }

/** A frame or a prompt is on its way for so long, ms. */
const WAY_MS = 60

/**
 * Lets something go through a whole challenge, in a time of its own, and judges it as the server does.
 * @param template of whom it says to be; null to enrol
 */
export async function attempt (models: Models, performer: Performer, template: Embedding | null, random: () => number): Promise<Outcome> {
  let challenge = begin(drawPlan(random), 0)
  const kept: { image: Image, face: SeenFace }[] = []
  let before: Seen | null = null
  let action: Action | null = null
  let at = 0
  for (let i = 1; ; i++) {
    at += everyMs(action) + Math.round((random() - 0.5) * 20)
    const image = performer.show(at)
    const seen: Seen = await see(models, image, at, i % 2 === 0 && before?.fault === null ? before.face : null)
    before = seen
    const next = step(challenge, seen)
    challenge = next.challenge
    for (const one of next.steps) {
      if (one.do === 'keep' && seen.face !== null) kept.push({ image, face: seen.face })
      if (one.do === 'praise') action = null
      if (one.do === 'prompt') {
        action = one.action
        performer.hear(action, at + WAY_MS)
      }
      if (one.do === 'end') return { ...resultOf(one.failure ?? await judged(models, kept, template)), frames: i }
    }
  }
}

async function judged (models: Models, kept: readonly { image: Image, face: SeenFace }[], template: Embedding | null): Promise<Judgement> {
  const embeddings: Embedding[] = []
  const alive: number[] = []
  for (const { image, face } of kept) {
    embeddings.push(await embeddingOf(models, image, face))
    alive.push(await livenessOf(models, image, face))
  }
  return judge({ embeddings, alive }, template)
}

function resultOf (end: Failure | Judgement): Omit<Outcome, 'frames'> {
  return { is: end.is, why: end.is === 'accepted' ? '' : end.why }
}
