import type { Colour } from './plan.ts'

/** Mean red, green and blue of skin, 0 to 255. */
export type Skin = readonly [number, number, number]

/** What a screen adds to red, green and blue. */
export const lights: Readonly<Record<Colour, Skin>> = { green: [0, 1, 0], blue: [0, 0, 1], cyan: [0, 1, 1], magenta: [1, 0, 1], amber: [1, 0.6, 0] }

/** The first colour is shown so long after it was asked for, and each for so long, ms. */
export const FLASH_BEGINS_MS = 300
export const FLASH_EACH_MS = 600
/** Of each colour its beginning is left out: cameras and screens are not at once. */
const SETTLES_MS = 250
/** So much later may all of it be seen: from the server to the screen, and from the camera back. */
const MOST_LATE_MS = 400
const LATE_STEP_MS = 100
/** Frames of each colour that have to be seen. */
const LEAST_SEEN = 2

/** `likeness`: of how the skin's colour went with the colours that were shown, -1 to 1. `gain`: how much of their light came back, by what was there. */
export type Flashed = { readonly likeness: number, readonly gain: number }

/** When all of it has been shown, however late it was seen, ms after it was asked for. */
export function flashEndsMs (colours: readonly Colour[]): number {
  return FLASH_BEGINS_MS + colours.length * FLASH_EACH_MS + MOST_LATE_MS
}

/**
 * How far skin took on the colours of the screen. Only its hue is looked at: somebody may come nearer, or a cloud go by.
 * @param before skin before anything was shown
 * @param seen skin in each frame. `at`: ms after the flash was asked for
 * @returns null when too few frames were seen
 */
export function seeFlash (colours: readonly Colour[], before: Skin, seen: readonly { at: number, skin: Skin }[]): Flashed | null {
  const hue = hueOf(before)
  const expected = centred(colours.map((colour) => {
    const light = lights[colour]
    const all = hue[0] * light[0] + hue[1] * light[1] + hue[2] * light[2]
    return [0, 1, 2].map((c) => hue[c]! * (light[c]! - all))
  }))
  let best: Flashed | null = null
  for (let late = 0; late <= MOST_LATE_MS; late += LATE_STEP_MS) {
    const slots = colours.map((_, i) => seen.filter(({ at }) => {
      const into = at - late - FLASH_BEGINS_MS - i * FLASH_EACH_MS
      return into >= SETTLES_MS && into < FLASH_EACH_MS
    }))
    if (slots.some(({ length }) => length < LEAST_SEEN)) continue
    const found = centred(slots.map((frames) => meanOf(frames.map(({ skin }) => hueOf(skin)))))
    const [both, power, own] = [dot(found, expected), dot(expected, expected), dot(found, found)]
    const likeness = both / Math.max(1e-12, Math.sqrt(power * own))
    if (best === null || likeness > best.likeness) best = { likeness, gain: both / Math.max(1e-12, power) }
  }
  return best
}

function hueOf ([red, green, blue]: Skin): Skin {
  const all = Math.max(1, red + green + blue)
  return [red / all, green / all, blue / all]
}

function meanOf (some: readonly (readonly number[])[]): number[] {
  return [0, 1, 2].map((c) => some.reduce((sum, one) => sum + one[c]!, 0) / some.length)
}

/** Without what they have in common. */
function centred (some: readonly (readonly number[])[]): number[] {
  const mean = meanOf(some)
  return some.flatMap((one) => one.map((value, c) => value - mean[c]!))
}

function dot (a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0)
}
