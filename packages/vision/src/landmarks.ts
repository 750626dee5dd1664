import { draw, placeBox, type Box, type Form, type Image, type Point } from './image.ts'
import { outputOf, type Model } from './model.ts'

/** 68 points of a face in the order of iBUG 300-W: jaw 0..16, brows 17..26, nose 27..35, eyes 36..47, mouth 48..67; left is the image's left. */
export type Landmarks = readonly Point[]

export type SixPoints = readonly [Point, Point, Point, Point, Point, Point]
export type FivePoints = readonly [Point, Point, Point, Point, Point]

const FORM: Form = { width: 64, height: 64, colours: 'grey', mean: 0, spread: 256 }
const POINTS = 68

/** @param box of the face, as `detect` found it */
export async function findLandmarks (model: Model, image: Image, box: Box): Promise<Landmarks> {
  const values = outputOf(await model(draw(image, placeBox(box, FORM), FORM), [1, 1, FORM.height, FORM.width]), 'output', POINTS * 2)
  return Array.from({ length: POINTS }, (_, i) => ({ x: box.left + values[i * 2]! * box.width, y: box.top + values[i * 2 + 1]! * box.height }))
}

/** The middle of some points. */
export function middleOf (points: readonly Point[]): Point {
  const sum = points.reduce((all, { x, y }) => ({ x: all.x + x, y: all.y + y }), { x: 0, y: 0 })
  return { x: sum.x / points.length, y: sum.y / points.length }
}

export function distance (a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y)
}

/** The six points of each eye: outer (left) corner, two above, right corner, two below. */
export function eyesOf (landmarks: Landmarks): { left: SixPoints, right: SixPoints } {
  return { left: landmarks.slice(36, 42) as unknown as SixPoints, right: landmarks.slice(42, 48) as unknown as SixPoints }
}

/** The five points by which faces are aligned: eyes, tip of the nose, corners of the mouth. */
export function fivePoints (landmarks: Landmarks): FivePoints {
  const at = (...which: number[]): Point => middleOf(which.map((i) => landmarks[i]!))
  return [at(37, 38, 40, 41), at(43, 44, 46, 47), at(30), at(48, 60), at(54, 64)]
}
