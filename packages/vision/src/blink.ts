import type { Eyes } from './eyes.ts'

/** `at`: ms. `eyes`: null where no face, or more than one, was seen. */
export type EyesAt = { readonly at: number, readonly eyes: Eyes | null }

/** Shut is below so much of one's own open eyes … */
const SHUT_BELOW = 0.78
/** … which are this part of what was seen of late: people have their eyes open most of the time, and differ in how far. */
const OPEN_IS = 0.7
const LATELY_MS = 3000
/** Frames that have to have been seen before anything can be called shut, and how long the shutting has to last. */
const LEAST_SEEN = 5
const LEAST_SHUT = 2
/** A blink is over after so long: longer is somebody who has closed their eyes. */
const LONGEST_MS = 700
/** How shut either eye has to look to the model. A wink is none. */
const LEAST_EACH = 0.5

/**
 * The blinks among frames in order of time: when each began and ended, ms. Both have to say so: the shape of the lids, by what
 * is usual for this person, and the model, of either eye.
 */
export function findBlinks (frames: readonly EyesAt[]): { from: number, to: number }[] {
  const blinks: { from: number, to: number }[] = []
  let shut: EyesAt[] = []
  for (const [i, frame] of frames.entries()) {
    if (frame.eyes !== null && isShut(frames.slice(0, i), frame.eyes, frame.at)) {
      shut.push(frame)
      continue
    }
    const [first, last] = [shut[0], shut.at(-1)]
    // Seen to open again: a face that went away with its eyes shut has not blinked.
    if (frame.eyes !== null && first !== undefined && last !== undefined && shut.length >= LEAST_SHUT && last.at - first.at <= LONGEST_MS) blinks.push({ from: first.at, to: last.at })
    shut = []
  }
  return blinks
}

function isShut (before: readonly EyesAt[], eyes: Eyes, at: number): boolean {
  if (eyes.left <= LEAST_EACH || eyes.right <= LEAST_EACH) return false
  const ratios = before.flatMap((one) => one.eyes !== null && at - one.at <= LATELY_MS ? [one.eyes.ratio] : []).sort((a, b) => a - b)
  return ratios.length >= LEAST_SEEN && eyes.ratio < SHUT_BELOW * ratios[Math.floor(ratios.length * OPEN_IS)]!
}
