import type { Found } from './detect.ts'
import { draw, placeBox, type Box, type Image } from './image.ts'
import { hasSurroundings } from './liveness.ts'
import type { Pose } from './pose.ts'

/** Why a frame is of no use, in the order in which a person is told: one thing at a time. */
export type Fault = 'noFace' | 'severalFaces' | 'tooFar' | 'tooNear' | 'offCentre' | 'tooDark' | 'tooBright' | 'blurred' | 'turned' | 'tilted'

/** px between the sides of a face; smaller ones are guessed at. */
const LEAST_WIDTH = 80
/** Light of a face, 0 to 255. */
const DARKEST = 50
const BRIGHTEST = 225
/** Variance of the Laplacian of a face at 112 px: below it no edge is sharp. */
const LEAST_SHARPNESS = 15
const MOST_YAW = 0.22
const MOST_PITCH = 0.22
const MOST_ROLL = 25

/** What is to be said of the faces of a frame before anything else: whether there is one that can be judged. */
export function faultOfPlace (image: Image, found: readonly Found[]): Fault | null {
  const [first, second] = found
  if (first === undefined) return 'noFace'
  if (second !== undefined && second.box.width > first.box.width / 3) return 'severalFaces'
  if (first.box.width < LEAST_WIDTH) return 'tooFar'
  if (!hasSurroundings(image, first.box)) return isInside(image, first.box) && first.box.width < image.width / 3 ? 'offCentre' : 'tooNear'
  return null
}

/** Whether a face that looks ahead is lit, sharp and straight enough to be compared. */
export function faultOfFace (image: Image, box: Box, pose: Pose): Fault | null {
  const { light, sharpness } = lookOf(image, box)
  if (light < DARKEST) return 'tooDark'
  if (light > BRIGHTEST) return 'tooBright'
  if (sharpness < LEAST_SHARPNESS) return 'blurred'
  if (Math.abs(pose.yaw) > MOST_YAW || Math.abs(pose.pitch) > MOST_PITCH) return 'turned'
  if (Math.abs(pose.roll) > MOST_ROLL) return 'tilted'
  return null
}

function isInside (image: Image, { left, top, width, height }: Box): boolean {
  return left >= 0 && top >= 0 && left + width <= image.width && top + height <= image.height
}

const LOOK = 112

/** Mean light and the variance of the Laplacian, of a face's middle at 112 px. */
function lookOf (image: Image, box: Box): { light: number, sharpness: number } {
  const grey = draw(image, placeBox(box, { width: LOOK, height: LOOK }), { width: LOOK, height: LOOK, colours: 'grey', mean: 0, spread: 1 })
  let [sum, edges, squares, n] = [0, 0, 0, 0]
  for (let y = 12; y < LOOK - 12; y++) {
    for (let x = 12; x < LOOK - 12; x++) {
      const at = y * LOOK + x
      const laplace = 4 * grey[at]! - grey[at - 1]! - grey[at + 1]! - grey[at - LOOK]! - grey[at + LOOK]!
      sum += grey[at]!
      edges += laplace
      squares += laplace * laplace
      n++
    }
  }
  return { light: sum / n, sharpness: squares / n - (edges / n) ** 2 }
}
