import { imageOf, type Image } from '../image.ts'

/** What a sensor adds: up to so much either way, 0 to 255. */
const NOISE = 3

/** As a sensor sees it: no two frames are the same. */
export function noisy ({ width, height, rgb }: Image, seed: number): Image {
  const to = new Uint8Array(rgb.length)
  let state = seed | 1
  for (let i = 0; i < rgb.length; i++) {
    state = Math.imul(state, 1664525) + 1013904223 | 0
    to[i] = Math.min(255, Math.max(0, rgb[i]! + ((state >>> 24) / 255 - 0.5) * 2 * NOISE))
  }
  return imageOf(width, height, to)
}

/** Where something flat is held before a camera: px to the right and down, how large, turned by so many radians. */
export type Hold = { readonly x: number, readonly y: number, readonly scale: number, readonly turn: number }

/** A sheet or a screen that shows a picture, held before the camera in front of a wall. `rim`: its colour, around it, px. */
export function held (picture: Image, { x: dx, y: dy, scale, turn }: Hold, { rim, rimPx, share }: { rim: readonly [number, number, number], rimPx: number, share: number }): Image {
  const { width, height, rgb } = picture
  const to = new Uint8Array(rgb.length)
  const [cos, sin] = [Math.cos(turn) / scale, Math.sin(turn) / scale]
  const [halfWide, halfHigh] = [width * share / 2, height * share / 2]
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const [ax, ay] = [x - width / 2 - dx, y - height / 2 - dy]
      const [fx, fy] = [ax * cos + ay * sin, ay * cos - ax * sin]
      const beyond = Math.max(Math.abs(fx) - halfWide, Math.abs(fy) - halfHigh)
      if (beyond <= 0) {
        const from = (Math.min(height - 1, Math.max(0, Math.round(fy + height / 2))) * width + Math.min(width - 1, Math.max(0, Math.round(fx + width / 2)))) * 3
        to[at] = rgb[from]!
        to[at + 1] = rgb[from + 1]!
        to[at + 2] = rgb[from + 2]!
      } else for (let c = 0; c < 3; c++) to[at + c] = beyond < rimPx ? rim[c]! : 120 + 10 * Math.sin(x / 60) + 4 * c
    }
  }
  return imageOf(width, height, to)
}

/** As ink gives it: less deep, a little warm, in dots. */
export function printed ({ width, height, rgb }: Image): Image {
  const to = new Uint8Array(rgb.length)
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const dot = ((x + y) & 1) * 5 - 2.5
      to[at] = 34 + rgb[at]! * 0.74 + dot
      to[at + 1] = 31 + rgb[at + 1]! * 0.73 + dot
      to[at + 2] = 27 + rgb[at + 2]! * 0.7 + dot
    }
  }
  return imageOf(width, height, to)
}

/** As a camera sees a screen: bluish, and its raster against that of the sensor (moiré). `phase` drifts as it is held. */
export function onScreen ({ width, height, rgb }: Image, phase: number): Image {
  const to = new Uint8Array(rgb.length)
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const wave = Math.sin(x * 0.71 + y * 0.06 + phase) * Math.sin(y * 0.53 - x * 0.04 + phase * 0.7)
      to[at] = Math.min(255, Math.max(0, rgb[at]! * 0.93 * (1 + 0.06 * wave)))
      to[at + 1] = Math.min(255, Math.max(0, rgb[at + 1]! * 0.98 * (1 + 0.06 * Math.sin(phase + x * 0.69))))
      to[at + 2] = Math.min(255, Math.max(0, 12 + rgb[at + 2]! * 1.02 * (1 - 0.06 * wave)))
    }
  }
  return imageOf(width, height, to)
}

/** Light from the front on all of a flat thing. */
export function litBy ({ width, height, rgb }: Image, light: readonly [number, number, number]): Image {
  const to = new Uint8Array(rgb.length)
  for (let i = 0; i < rgb.length; i++) to[i] = Math.min(255, rgb[i]! * (1 + light[i % 3]!))
  return imageOf(width, height, to)
}
