import { draw, placeBox, type Form, type Image } from './image.ts'
import { distance, eyesOf, middleOf, type Landmarks, type SixPoints } from './landmarks.ts'
import { outputOf, shareOfFirst, type Model } from './model.ts'

/** `ratio`: height of the opening by its width, of both eyes together; open ones of different people have 0.2 to 0.45. `left`, `right`: how shut each looks, 0 to 1. */
export type Eyes = { readonly ratio: number, readonly left: number, readonly right: number }

const FORM: Form = { width: 24, height: 24, colours: 'grey', mean: 0, spread: 255 }
/** An eye and its lids, by its width from corner to corner. */
const AROUND = 1.6

export async function lookAtEyes (model: Model, image: Image, landmarks: Landmarks): Promise<Eyes> {
  const { left, right } = eyesOf(landmarks)
  return { ratio: (openness(left) + openness(right)) / 2, left: await howShut(model, image, left), right: await howShut(model, image, right) }
}

/** Eye aspect ratio (Soukupova and Cech 2016). */
function openness ([outer, topOuter, topInner, inner, lowInner, lowOuter]: SixPoints): number {
  return (distance(topOuter, lowOuter) + distance(topInner, lowInner)) / (2 * Math.max(1e-6, distance(outer, inner)))
}

async function howShut (model: Model, image: Image, eye: SixPoints): Promise<number> {
  const [outer, , , inner] = eye
  const middle = middleOf(eye.filter((_, i) => i % 3 !== 0))
  const side = Math.max(1, distance(outer, inner)) * AROUND
  const box = { left: middle.x - side / 2, top: middle.y - side / 2, width: side, height: side }
  return shareOfFirst(outputOf(await model(draw(image, placeBox(box, FORM), FORM), [1, 1, FORM.height, FORM.width]), 'output', 2))
}
