import { findBlinks } from './blink.ts'
import { flashEndsMs, seeFlash, type Skin } from './flash.ts'
import type { Action, Colour } from './plan.ts'
import type { Seen, SeenFace } from './seen.ts'

/** How somebody held still at first: what their movements are measured against. */
export type Base = { readonly yaw: number, readonly pitch: number, readonly skin: Skin }

/** Why an action does not count. A person can do better in each. */
export type Slip = 'tooEarly' | 'tooLate' | 'otherWay' | 'otherCount' | 'noColours'

/** How far an action has come. */
export type Progress = { readonly is: 'waiting' } | { readonly is: 'done' } | { readonly is: 'slipped', readonly why: Slip }

/** Nobody reacts sooner: what began before was no answer. */
export const SOONEST_MS = 200
/** Later is not an answer to this prompt any more. */
export const LATEST_MS = 2500
/** Each further blink, and looking ahead again, may take so long. */
const EACH_MS = 1500
/** After the last blink it has to stay the last one for so long. */
const LAST_MS = 700
/** How far a face has to turn, and how near it has to come back, in the shares of pose.ts. */
const TURN = 0.1
const NOD = 0.085
const BACK = 0.6
/** Of the light of the screen so much has to come back, and as it was shown. */
const LEAST_GAIN = 0.015
const LEAST_LIKENESS = 0.75

const waiting: Progress = { is: 'waiting' }
const done: Progress = { is: 'done' }
const slipped = (why: Slip): Progress => ({ is: 'slipped', why })

/**
 * Whether what was asked for was done.
 * @param frames all so far, in order of time
 * @param promptedAt when it was asked for, ms
 */
export function watch (action: Action, base: Base, frames: readonly Seen[], promptedAt: number): Progress {
  switch (action.do) {
    case 'blink': return watchBlinks(action.times, frames, promptedAt)
    case 'turn': return watchMovement(frames, promptedAt, ({ pose }) => (pose.yaw - base.yaw) / TURN * (action.to === 'left' ? 1 : -1))
    case 'nod': return watchMovement(frames, promptedAt, ({ pose }) => (pose.pitch - base.pitch) / NOD, false)
    case 'flash': return watchFlash(action.colours, base, frames, promptedAt)
  }
}

/** Whether a face that nobody asked for anything moves as if it had been asked. */
export function movesUnasked (base: Base, { pose }: SeenFace): boolean {
  return Math.abs(pose.yaw - base.yaw) > TURN || Math.abs(pose.pitch - base.pitch) > NOD
}

function watchBlinks (times: number, frames: readonly Seen[], promptedAt: number): Progress {
  const now = frames.at(-1)?.at ?? promptedAt
  const blinks = findBlinks(frames.map(({ at, face }) => ({ at, eyes: face?.eyes ?? null }))).filter(({ from }) => from >= promptedAt + SOONEST_MS)
  if (blinks.length > times) return slipped('otherCount')
  const last = blinks.at(-1)
  if (blinks.length === times && last !== undefined && now - last.to >= LAST_MS) return last.to <= latest(times) ? done : slipped('tooLate')
  if (now > latest(times) + LAST_MS) return slipped(blinks.length === 0 ? 'tooLate' : 'otherCount')
  return waiting

  function latest (count: number): number {
    return promptedAt + LATEST_MS + (count - 1) * EACH_MS
  }
}

/** @param far how far a face has moved as it was asked to: 1 is far enough, below 0 the other way */
function watchMovement (frames: readonly Seen[], promptedAt: number, far: (face: SeenFace) => number, hasOtherWay = true): Progress {
  let reachedAt: number | null = null
  for (const { at, face } of frames) {
    if (at < promptedAt || face === null) continue
    const moved = far(face)
    if (reachedAt !== null) {
      if (moved < BACK) return done
      if (at > reachedAt + EACH_MS) return slipped('tooLate')
    } else if (moved >= 1) {
      if (at < promptedAt + SOONEST_MS) return slipped('tooEarly')
      reachedAt = at
    } else if (hasOtherWay && moved <= -1) return slipped('otherWay')
    if (reachedAt === null && at > promptedAt + LATEST_MS) return slipped('tooLate')
  }
  return waiting
}

function watchFlash (colours: readonly Colour[], { skin }: Base, frames: readonly Seen[], promptedAt: number): Progress {
  const now = frames.at(-1)?.at ?? promptedAt
  if (now < promptedAt + flashEndsMs(colours)) return waiting
  const flashed = seeFlash(colours, skin, frames.flatMap(({ at, face }) => at < promptedAt || face === null ? [] : [{ at: at - promptedAt, skin: face.skin }]))
  return flashed !== null && flashed.gain >= LEAST_GAIN && flashed.likeness >= LEAST_LIKENESS ? done : slipped('noColours')
}
