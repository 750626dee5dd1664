import type { Placing, Point } from './image.ts'

/** Where the five points lie in a face of 112 x 112 px on which embedders of this family are trained (ArcFace). */
export const template: readonly Point[] = [{ x: 38.2946, y: 51.6963 }, { x: 73.5318, y: 51.5014 }, { x: 56.0252, y: 71.7366 }, { x: 41.5493, y: 92.3655 }, { x: 70.7299, y: 92.2041 }]

/**
 * Turns, scales and shifts `to` onto `from` with the least squares of what is left (Umeyama 1991, in the plane).
 * @returns where in the image each pixel of the aligned picture lies
 * @throws RangeError when all points of `to` are one
 */
export function align (from: readonly Point[], to: readonly Point[]): Placing {
  const n = Math.min(from.length, to.length)
  const mean = (points: readonly Point[]): Point => ({ x: points.slice(0, n).reduce((sum, { x }) => sum + x, 0) / n, y: points.slice(0, n).reduce((sum, { y }) => sum + y, 0) / n })
  const [mf, mt] = [mean(from), mean(to)]
  let [same, crossed, spread] = [0, 0, 0]
  for (let i = 0; i < n; i++) {
    const [u, v] = [from[i]!, to[i]!]
    const [ux, uy, vx, vy] = [u.x - mf.x, u.y - mf.y, v.x - mt.x, v.y - mt.y]
    same += vx * ux + vy * uy
    crossed += vx * uy - vy * ux
    spread += vx * vx + vy * vy
  }
  if (!(spread > 0)) throw new RangeError('Points that are all the same have no direction.')
  const [cos, sin] = [same / spread, crossed / spread]
  return { a: cos, b: -sin, c: mf.x - cos * mt.x + sin * mt.y, d: sin, e: cos, f: mf.y - sin * mt.x - cos * mt.y }
}
