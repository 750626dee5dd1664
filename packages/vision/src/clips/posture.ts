import { imageOf, type Image, type Point } from '../image.ts'
import { distance, eyesOf, middleOf } from '../landmarks.ts'
import type { Sitter } from './sitter.ts'

/** How somebody holds still for one frame. Angles in radians; `yaw` above 0 to the right of the image, `pitch` above 0 down. */
export type Posture = {
  readonly yaw: number
  readonly pitch: number
  /** How far either eye is shut, 0 to 1; left is the image's left. */
  readonly left: number
  readonly right: number
  /** px to the right and down, and how much nearer than in the still. */
  readonly x: number
  readonly y: number
  readonly scale: number
  /** Light from the front on red, green and blue: parts that are added to what is there. */
  readonly light: readonly [number, number, number]
}

export const still: Posture = { yaw: 0, pitch: 0, left: 0, right: 0, x: 0, y: 0, scale: 1, light: [0, 0, 0] }

/** A head by its face: how wide, how high, how deep; and how far a nose stands out, by the distance of the eyes. */
const HEAD = 0.85
const DEPTH = 0.6
const NOSE = 0.6
const NOSE_WIDE = 0.3
/** What is behind a person is farther from a light in front of them. */
const GROUND_LIGHT = 0.35

/** Landmarks lie on the rim of an eye: lashes are beyond it, by how far it is open. */
const LASHES = 0.25

type Eye = { readonly from: number, readonly to: number, readonly upper: readonly Point[], readonly lower: readonly Point[], readonly wide: number }

/** Somebody who can be asked to move: what depends on the still alone is reckoned once. */
export type Model = { readonly sitter: Sitter, readonly middle: Point, readonly wide: number, readonly high: number, readonly depth: Float32Array, readonly eyes: readonly [Eye, Eye] }

export function pose (sitter: Sitter): Model {
  const { image, landmarks, box } = sitter
  const { left, right } = eyesOf(landmarks)
  const between = distance(middleOf(left), middleOf(right))
  const nose = landmarks[30]!
  const middle = { x: box.left + box.width / 2, y: box.top + box.height / 2 }
  const [wide, high] = [box.width * HEAD, box.height * HEAD]
  const depth = new Float32Array(image.width * image.height)
  for (let y = 0, at = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++, at++) {
      const round = 1 - ((x - middle.x) / wide) ** 2 - ((y - middle.y) / high) ** 2
      if (round <= 0) continue
      const out = ((x - nose.x) ** 2 + (y - nose.y) ** 2) / (NOSE_WIDE * between) ** 2
      depth[at] = DEPTH * wide * round + NOSE * between * Math.exp(-out) * Math.min(1, round * 4)
    }
  }
  return { sitter, middle, wide, high, depth, eyes: [eyeOf(left), eyeOf(right)] }
}

function eyeOf (points: readonly Point[]): Eye {
  const [outer, topOuter, topInner, inner, lowInner, lowOuter] = points as [Point, Point, Point, Point, Point, Point]
  return { from: outer.x, to: inner.x, upper: [outer, topOuter, topInner, inner], lower: [outer, lowOuter, lowInner, inner], wide: distance(outer, inner) }
}

/** One frame of somebody in a posture. */
export function render ({ sitter, middle, wide, high, depth, eyes }: Model, { yaw, pitch, left, right, x: dx, y: dy, scale, light }: Posture): Image {
  const { width, height, rgb } = sitter.image
  const to = new Uint8Array(rgb.length)
  const [across, down] = [Math.sin(yaw), Math.sin(pitch)]
  const shut = [left, right]
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      // Where it was before the head moved as a whole …
      const px = (x - middle.x - dx) / scale + middle.x
      const py = (y - middle.y - dy) / scale + middle.y
      let [fx, fy] = [px, py]
      const round = 1 - ((px - middle.x) / wide) ** 2 - ((py - middle.y) / high) ** 2
      if (round > 0) {
        // … and before it turned: what lies nearer moves farther. Twice is near enough.
        for (let i = 0; i < 3; i++) {
          const z = depth[Math.min(height - 1, Math.max(0, Math.round(fy))) * width + Math.min(width - 1, Math.max(0, Math.round(fx)))]!
          fx = px - z * across
          fy = py - z * down
        }
        for (const [i, eye] of eyes.entries()) if (shut[i]! > 0) fy = beforeShut(eye, shut[i]!, fx, fy)
      }
      const near = round > 0 ? 1 : GROUND_LIGHT
      sample(rgb, width, height, fx, fy, to, at * 3, light, near)
    }
  }
  return imageOf(width, height, to)
}

/** Where what lies at (x, y) was when the eye was open: the upper lid is drawn down over it. */
function beforeShut ({ from, to, upper, lower, wide }: Eye, shut: number, x: number, y: number): number {
  if (x <= from || x >= to) return y
  const [line, floor] = [curveAt(upper, x), curveAt(lower, x)]
  const open = floor - line
  const [top, bottom] = [line - open * LASHES, floor + open * LASHES]
  const brow = top - wide * 0.4
  if (y <= brow || y >= bottom) return y
  const lid = top + (bottom - top) * shut * 0.8
  return y < lid ? brow + (y - brow) * (top - 1 - brow) / (lid - brow) : top + (y - lid) * (bottom - top) / (bottom - lid)
}

/** Through four points from left to right: straight between them, and rounder at the ends, as lids are. */
function curveAt (points: readonly Point[], x: number): number {
  let [a, b] = [points[0]!, points[1]!]
  for (const next of points.slice(2)) if (x > b.x) [a, b] = [b, next]
  return b.x === a.x ? a.y : a.y + (b.y - a.y) * (x - a.x) / (b.x - a.x)
}

function sample (rgb: Uint8Array, width: number, height: number, x: number, y: number, to: Uint8Array, at: number, light: readonly [number, number, number], near: number): void {
  const fx = Math.min(width - 1.001, Math.max(0, x))
  const fy = Math.min(height - 1.001, Math.max(0, y))
  const [x0, y0] = [Math.floor(fx), Math.floor(fy)]
  const [wx, wy] = [fx - x0, fy - y0]
  const from = (y0 * width + x0) * 3
  for (let c = 0; c < 3; c++) {
    const value = (rgb[from + c]! * (1 - wx) + rgb[from + 3 + c]! * wx) * (1 - wy) + (rgb[from + width * 3 + c]! * (1 - wx) + rgb[from + width * 3 + 3 + c]! * wx) * wy
    to[at + c] = Math.min(255, value * (1 + light[c]! * near))
  }
}
