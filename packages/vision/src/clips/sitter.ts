import { draw, imageOf, placeBox, type Box, type Image, type Point } from '../image.ts'
import type { Landmarks } from '../landmarks.ts'

/** A still of one person before a camera: what clips are made from. `landmarks` and `box` are where they are in `image`. */
export type Sitter = { readonly image: Image, readonly landmarks: Landmarks, readonly box: Box }

/** What cameras of browsers give. */
export const WIDTH = 640
export const HEIGHT = 480
/** How wide a face is in it, by the width of the frame: so much is to be seen around it that it can be judged. */
const FACE = 0.2
/** Around a head, by its face: from here on begins what is behind it, and here it is all that there is. */
const HEAD_ENDS = 0.85
const GROUND_BEGINS = 1.25
/** So coarse is what is behind a person: nobody else is to be seen there. */
const GROUND = 12

/**
 * Cuts one face out of a photo and seats it before a camera, in front of what is around it in the photo, far out of focus.
 */
export function seat (photo: Image, { box }: { box: Box }, landmarks: Landmarks): Sitter {
  const scale = box.width / (WIDTH * FACE)
  const middle = { x: box.left + box.width / 2, y: box.top + box.height / 2 }
  const frame: Box = { left: middle.x - scale * WIDTH / 2, top: middle.y - scale * HEIGHT / 2, width: scale * WIDTH, height: scale * HEIGHT }
  const plain = { colours: 'rgb', mean: 0, spread: 1 } as const
  const sharp = draw(photo, placeBox(frame, { width: WIDTH, height: HEIGHT }), { width: WIDTH, height: HEIGHT, ...plain })
  const ground = groundOf(photo, frame)
  const size = WIDTH * HEIGHT
  const rgb = new Uint8Array(size * 3)
  const high = box.height / scale
  const wide = box.width / scale
  for (let y = 0, at = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++, at++) {
      const away = Math.hypot((x - WIDTH / 2) / wide, (y - HEIGHT / 2) / high)
      const share = Math.min(1, Math.max(0, (away - HEAD_ENDS) / (GROUND_BEGINS - HEAD_ENDS)))
      for (let c = 0; c < 3; c++) rgb[at * 3 + c] = sharp[c * size + at]! * (1 - share) + ground(x, y, c) * share
    }
  }
  const placed = (point: Point): Point => ({ x: (point.x - frame.left + 0.5) / scale - 0.5, y: (point.y - frame.top + 0.5) / scale - 0.5 })
  const corner = placed({ x: box.left, y: box.top })
  return { image: imageOf(WIDTH, HEIGHT, rgb), landmarks: landmarks.map(placed), box: { left: corner.x, top: corner.y, width: wide, height: high } }
}

/** A few colours of the photo, one melting into the next. */
function groundOf (photo: Image, frame: Box): (x: number, y: number, c: number) => number {
  const [wide, high] = [GROUND, Math.round(GROUND * HEIGHT / WIDTH)]
  const coarse = draw(photo, placeBox(frame, { width: wide, height: high }), { width: wide, height: high, colours: 'rgb', mean: 0, spread: 1 })
  return (x, y, c) => {
    const fx = Math.min(wide - 1, Math.max(0, (x + 0.5) * wide / WIDTH - 0.5))
    const fy = Math.min(high - 1, Math.max(0, (y + 0.5) * high / HEIGHT - 0.5))
    const [x0, y0] = [Math.floor(fx), Math.floor(fy)]
    const [x1, y1] = [Math.min(wide - 1, x0 + 1), Math.min(high - 1, y0 + 1)]
    const [wx, wy] = [fx - x0, fy - y0]
    const at = (px: number, py: number): number => coarse[c * wide * high + py * wide + px]!
    return at(x0, y0) * (1 - wx) * (1 - wy) + at(x1, y0) * wx * (1 - wy) + at(x0, y1) * (1 - wx) * wy + at(x1, y1) * wx * wy
  }
}
