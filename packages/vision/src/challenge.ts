import type { Action, Plan } from './plan.ts'
import type { Fault } from './quality.ts'
import type { Seen, SeenFace } from './seen.ts'
import { movesUnasked, watch, type Base, type Slip } from './watch.ts'
import type { Skin } from './flash.ts'

/** Why a challenge has to be tried again: each is something that a person can change. */
export type Retry = Fault | Slip | 'moved' | 'lostSight'

/** How a challenge ends that was not passed. `repeated`: the same picture came again and again, as no camera gives it. */
export type Failure = { readonly is: 'retry', readonly why: Retry } | { readonly is: 'refused', readonly why: 'repeated' }

/** What is to be told, or done, after a frame. `keep`: this frame shows the face well; whose it is will be looked for in those that were kept. */
export type Step =
  | { readonly do: 'guide', readonly fault: Fault | null }
  | { readonly do: 'keep' }
  | { readonly do: 'prompt', readonly action: Action, readonly index: number, readonly of: number }
  | { readonly do: 'praise', readonly index: number }
  | { readonly do: 'end', readonly failure: Failure | null }

/** A frame that shows a face well. */
type Good = Seen & { readonly face: SeenFace }

type Phase =
  | { readonly is: 'settling', readonly good: readonly Good[] }
  | { readonly is: 'resting', readonly since: number, readonly base: Base }
  | { readonly is: 'acting', readonly promptedAt: number, readonly base: Base, readonly hasKept: boolean }
  | { readonly is: 'ended' }

/** A challenge on its way. Nothing in it is secret from whoever runs it; the person learns each action when its time comes. */
export type Challenge = { readonly plan: Plan, readonly startedAt: number, readonly index: number, readonly phase: Phase, readonly frames: readonly Seen[], readonly repeats: number }

/** Good frames one after the other, and for how long, before anything is asked. */
const SETTLED_FRAMES = 5
const SETTLED_MS = 400
/** Who has not been seen well for so long is told what is wrong, and may begin anew. */
const SETTLE_MS = 20_000
/** All of it, ms. */
export const LONGEST_MS = 60_000
/** A face may be away for so long amid a challenge. */
const AWAY_MS = 700
/** And may move so far from one frame to the next, by its width. */
const LEAP = 0.6
/** Frames that are the same as one before: so many may be, of all. */
const MOST_REPEATS = 2
const REPEATED_SHARE = 0.1
/** After an action a face comes to rest before movement counts as one that nobody asked for. */
const REST_MS = 700
/** Amid an action is so long after it was asked for. */
const AMID_MS = 1000

export function begin (plan: Plan, now: number): Challenge {
  return { plan, startedAt: now, index: 0, phase: { is: 'settling', good: [] }, frames: [], repeats: 0 }
}

/**
 * What a further frame changes. Frames come in order of time.
 * @returns the challenge as it is now, and what is to be done; after `end` nothing more
 */
export function step (challenge: Challenge, seen: Seen): { challenge: Challenge, steps: readonly Step[] } {
  if (challenge.phase.is === 'ended') return { challenge, steps: [] }
  const isRepeat = challenge.frames.some(({ sum }) => sum === seen.sum)
  const now: Challenge = { ...challenge, frames: [...challenge.frames, seen], repeats: challenge.repeats + (isRepeat ? 1 : 0) }
  if (now.repeats > MOST_REPEATS && now.repeats > now.frames.length * REPEATED_SHARE) return ended(now, { is: 'refused', why: 'repeated' })
  if (seen.at > now.startedAt + LONGEST_MS) return ended(now, { is: 'retry', why: 'tooLate' })
  if (now.phase.is === 'settling') return settle(now, now.phase.good, seen)
  const lost = lostSight(now)
  if (lost !== null) return ended(now, { is: 'retry', why: lost })
  return now.phase.is === 'resting' ? rest(now, now.phase, seen) : act(now, now.phase as Phase & { is: 'acting' }, seen)
}

function ended (challenge: Challenge, failure: Failure | null, before: readonly Step[] = []): { challenge: Challenge, steps: readonly Step[] } {
  return { challenge: { ...challenge, phase: { is: 'ended' } }, steps: [...before, { do: 'end', failure }] }
}

function settle (challenge: Challenge, before: readonly Good[], seen: Seen): { challenge: Challenge, steps: readonly Step[] } {
  const good = seen.fault === null && seen.face !== null && !leaps(before.at(-1), seen) ? [...before, { ...seen, face: seen.face }] : []
  const first = good[0]
  if (first !== undefined && good.length >= SETTLED_FRAMES && seen.at - first.at >= SETTLED_MS) {
    return { challenge: { ...challenge, phase: { is: 'resting', since: seen.at, base: baseOf(good) } }, steps: [{ do: 'guide', fault: null }, { do: 'keep' }] }
  }
  if (seen.fault !== null && seen.at > challenge.startedAt + SETTLE_MS) return ended(challenge, { is: 'retry', why: seen.fault })
  return { challenge: { ...challenge, phase: { is: 'settling', good } }, steps: [{ do: 'guide', fault: seen.fault }] }
}

function rest (challenge: Challenge, { since, base }: Phase & { is: 'resting' }, seen: Seen): { challenge: Challenge, steps: readonly Step[] } {
  const { plan, index, frames } = challenge
  const restless = frames.filter(({ at, face }) => at >= since + REST_MS && face !== null && movesUnasked(base, face))
  if (restless.length > 1) return ended(challenge, { is: 'retry', why: 'tooEarly' })
  const next = plan[index]!
  if (seen.at < since + next.afterMs || seen.fault !== null || seen.face === null || movesUnasked(base, seen.face)) return { challenge, steps: [] }
  return { challenge: { ...challenge, phase: { is: 'acting', promptedAt: seen.at, base, hasKept: false } }, steps: [{ do: 'keep' }, { do: 'prompt', action: next.action, index, of: plan.length }] }
}

function act (challenge: Challenge, { promptedAt, base, hasKept }: Phase & { is: 'acting' }, seen: Seen): { challenge: Challenge, steps: readonly Step[] } {
  const { plan, index, frames } = challenge
  const progress = watch(plan[index]!.action, base, frames, promptedAt)
  if (progress.is === 'waiting') {
    // Whoever acts has to be whoever is looked at: somewhere amid it, too.
    if (hasKept || seen.fault !== null || seen.at < promptedAt + AMID_MS) return { challenge, steps: [] }
    return { challenge: { ...challenge, phase: { is: 'acting', promptedAt, base, hasKept: true } }, steps: [{ do: 'keep' }] }
  }
  if (progress.is === 'slipped') return ended(challenge, { is: 'retry', why: progress.why })
  const steps: Step[] = [{ do: 'keep' }, { do: 'praise', index }]
  if (index + 1 === plan.length) return ended(challenge, null, steps)
  return { challenge: { ...challenge, index: index + 1, phase: { is: 'resting', since: seen.at, base } }, steps }
}

function baseOf (good: readonly Good[]): Base {
  const mean = (of: (one: SeenFace) => number): number => good.reduce((sum, { face }) => sum + of(face), 0) / good.length
  const skin: Skin = [mean(({ skin }) => skin[0]), mean(({ skin }) => skin[1]), mean(({ skin }) => skin[2])]
  return { yaw: mean(({ pose }) => pose.yaw), pitch: mean(({ pose }) => pose.pitch), skin }
}

/** Whether the one face has not been there all the time since it was found. */
function lostSight ({ frames }: Challenge): Retry | null {
  const [seen, before] = [frames.at(-1), frames.at(-2)]
  if (seen === undefined || before === undefined) return null
  if (seen.fault === 'severalFaces' && before.fault === 'severalFaces') return 'severalFaces'
  const last = frames.findLast(({ face }) => face !== null)
  if (last !== undefined && seen.at - last.at > AWAY_MS) return seen.fault ?? 'noFace'
  if (seen.at - before.at > AWAY_MS) return 'lostSight'
  return leaps(before, seen) ? 'moved' : null
}

/** Nobody is somewhere else in a tenth of a second: somebody else is. */
function leaps (before: Seen | undefined, seen: Seen): boolean {
  if (!before?.face || !seen.face) return false
  const [a, b] = [before.face.box, seen.face.box]
  return Math.hypot(a.left + a.width / 2 - b.left - b.width / 2, a.top + a.height / 2 - b.top - b.height / 2) > LEAP * a.width
}
