import { draw, placeBox, type Box, type Form, type Image } from './image.ts'
import { outputOf, type Model } from './model.ts'

/** A face that was found. `score`: how sure the model is, 0 to 1. */
export type Found = { readonly box: Box, readonly score: number }

const FORM: Form = { width: 320, height: 240, colours: 'rgb', mean: 127, spread: 128 }
/** What the model looks at: places of four sizes of raster, as it was trained. */
const PLACES = 4420
/** Below it is no face. */
const LEAST_SCORE = 0.65
/** Two that share more than this of what they cover together are one. */
const MOST_SHARED = 0.4

/**
 * Finds faces, the surest first. The image is laid into the model's frame with its proportions; what is beside it there is
 * the image's edge.
 */
export async function detect (model: Model, image: Image): Promise<Found[]> {
  const frame = frameAround(image)
  const outputs = await model(draw(image, placeBox(frame, FORM), FORM), [1, 3, FORM.height, FORM.width])
  const [boxes, scores] = [outputOf(outputs, 'boxes', PLACES * 4), outputOf(outputs, 'scores', PLACES * 2)]
  const found: Found[] = []
  for (let i = 0; i < PLACES; i++) {
    const score = scores[i * 2 + 1]!
    if (score < LEAST_SCORE) continue
    const [x1, y1, x2, y2] = boxes.subarray(i * 4, i * 4 + 4) as Iterable<number> as [number, number, number, number]
    found.push({ score, box: { left: frame.left + x1 * frame.width, top: frame.top + y1 * frame.height, width: (x2 - x1) * frame.width, height: (y2 - y1) * frame.height } })
  }
  found.sort((a, b) => b.score - a.score)
  const kept: Found[] = []
  for (const one of found) if (kept.every((other) => shared(one.box, other.box) <= MOST_SHARED)) kept.push(one)
  return kept
}

/** The smallest box of the model's proportions around the image. */
function frameAround ({ width, height }: Image): Box {
  const wide = Math.max(width, height * FORM.width / FORM.height)
  const high = wide * FORM.height / FORM.width
  return { left: (width - wide) / 2, top: (height - high) / 2, width: wide, height: high }
}

/** Intersection over union, 0 to 1. */
function shared (a: Box, b: Box): number {
  const wide = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left)
  const high = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top)
  if (wide <= 0 || high <= 0) return 0
  return wide * high / (a.width * a.height + b.width * b.height - wide * high)
}
