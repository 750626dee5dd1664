import { align, template } from './align.ts'
import { draw, type Form, type Image } from './image.ts'
import { fivePoints, type Landmarks } from './landmarks.ts'
import { outputOf, type Model } from './model.ts'

/** What a face is compared by: 512 numbers of length 1 together. A key to nothing by itself, and still about somebody: it leaves no API. */
export type Embedding = Float32Array

export const DIMENSIONS = 512
const FORM: Form = { width: 112, height: 112, colours: 'bgr', mean: 127.5, spread: 128 }

/** `isDoubled`: of the face and its mirror image, added: two looks at one face lie closer together so, and it takes twice as long. */
export async function embed (model: Model, image: Image, landmarks: Landmarks, isDoubled = false): Promise<Embedding> {
  const face = draw(image, align(fivePoints(landmarks), template), FORM)
  const shape = [1, 3, FORM.height, FORM.width] as const
  const one = outputOf(await model(face, shape), 'output', DIMENSIONS).slice()
  if (!isDoubled) return unit(one)
  const other = outputOf(await model(mirrored(face, FORM.width), shape), 'output', DIMENSIONS)
  return unit(one.map((value, i) => value + other[i]!))
}

/** Several looks at one face as one. @throws RangeError for none */
export function meanOf (embeddings: readonly Embedding[]): Embedding {
  const sum = new Float32Array(DIMENSIONS)
  for (const one of embeddings) for (let i = 0; i < DIMENSIONS; i++) sum[i] = sum[i]! + one[i]!
  return unit(sum)
}

/** Cosine of the angle between two: 1 the same, 0 nothing in common. */
export function likeness (a: Embedding, b: Embedding): number {
  let sum = 0
  for (let i = 0; i < DIMENSIONS; i++) sum += a[i]! * b[i]!
  return sum
}

function unit (values: Float32Array): Embedding {
  const length = Math.hypot(...values)
  if (!(length > 0)) throw new RangeError('Nothing has no direction.')
  return values.map((value) => value / length)
}

function mirrored (planes: Float32Array, width: number): Float32Array<ArrayBuffer> {
  const turned = new Float32Array(planes)
  for (let row = 0; row < turned.length; row += width) turned.subarray(row, row + width).reverse()
  return turned
}
