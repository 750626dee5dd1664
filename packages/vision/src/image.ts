/** An image in memory: red, green, blue, 8 bits each, row by row from the top left, without padding. */
export type Image = { readonly width: number, readonly height: number, readonly rgb: Uint8Array }

/** A point in px; (0, 0) is the centre of the first pixel. */
export type Point = { readonly x: number, readonly y: number }

/** A rectangle in px. It may stick out of its image. */
export type Box = { readonly left: number, readonly top: number, readonly width: number, readonly height: number }

/** Where in an image the centre of the pixel (x, y) of a picture of it lies: (a x + b y + c, d x + e y + f). */
export type Placing = { readonly a: number, readonly b: number, readonly c: number, readonly d: number, readonly e: number, readonly f: number }

/** What a model wants to be given: colours in its order, each plane after the other, `(value - mean) / spread` of 0..255. */
export type Form = { readonly width: number, readonly height: number, readonly colours: 'rgb' | 'bgr' | 'grey', readonly mean: number, readonly spread: number }

/** @throws RangeError when the bytes are not as many as width and height say */
export function imageOf (width: number, height: number, rgb: Uint8Array): Image {
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1 || rgb.length !== width * height * 3) throw new RangeError(`${rgb.length} bytes are no image of ${width} x ${height}.`)
  return { width, height, rgb }
}

/** The whole of a box, stretched to a picture of so many px (pixel areas meet at their edges, as in OpenCV's resize). */
export function placeBox ({ left, top, width, height }: Box, to: { width: number, height: number }): Placing {
  const [a, e] = [width / to.width, height / to.height]
  return { a, b: 0, c: left - 0.5 + a / 2, d: 0, e, f: top - 0.5 + e / 2 }
}

/** More samples of one pixel than so many a side say nothing new. */
const MOST_SAMPLES = 8

/**
 * Draws a part of an image in the form that a model wants: bilinear, and where the picture is smaller by more than half the
 * mean of several samples for each of its pixels, so that nothing between them is lost. Outside of the image its edge goes on.
 * @returns planes of width x height, 3 or (grey, ITU-R BT.601 luma) 1
 */
export function draw ({ width, height, rgb }: Image, { a, b, c, d, e, f }: Placing, form: Form): Float32Array<ArrayBuffer> {
  const size = form.width * form.height
  const planes = new Float32Array(size * (form.colours === 'grey' ? 1 : 3))
  const [red, blue] = form.colours === 'bgr' ? [2 * size, 0] : [0, 2 * size]
  const samples = Math.min(MOST_SAMPLES, Math.max(1, Math.ceil(Math.max(Math.hypot(a, d), Math.hypot(b, e)) / 2)))
  const share = 1 / (samples * samples)
  const [right, bottom] = [width - 1, height - 1]
  const scale = 1 / form.spread
  for (let y = 0, to = 0; y < form.height; y++) {
    for (let x = 0; x < form.width; x++, to++) {
      let [sumR, sumG, sumB] = [0, 0, 0]
      for (let sy = 0; sy < samples; sy++) {
        for (let sx = 0; sx < samples; sx++) {
          const [px, py] = [x + (sx + 0.5) / samples - 0.5, y + (sy + 0.5) / samples - 0.5]
          const fx = Math.min(right, Math.max(0, a * px + b * py + c))
          const fy = Math.min(bottom, Math.max(0, d * px + e * py + f))
          const [x0, y0] = [Math.floor(fx), Math.floor(fy)]
          const [wx, wy] = [fx - x0, fy - y0]
          const p00 = (y0 * width + x0) * 3
          const p01 = x0 < right ? p00 + 3 : p00
          const down = y0 < bottom ? width * 3 : 0
          const [w00, w01, w10, w11] = [(1 - wx) * (1 - wy), wx * (1 - wy), (1 - wx) * wy, wx * wy]
          sumR += w00 * rgb[p00]! + w01 * rgb[p01]! + w10 * rgb[p00 + down]! + w11 * rgb[p01 + down]!
          sumG += w00 * rgb[p00 + 1]! + w01 * rgb[p01 + 1]! + w10 * rgb[p00 + down + 1]! + w11 * rgb[p01 + down + 1]!
          sumB += w00 * rgb[p00 + 2]! + w01 * rgb[p01 + 2]! + w10 * rgb[p00 + down + 2]! + w11 * rgb[p01 + down + 2]!
        }
      }
      if (form.colours === 'grey') planes[to] = ((0.299 * sumR + 0.587 * sumG + 0.114 * sumB) * share - form.mean) * scale
      else {
        planes[red + to] = (sumR * share - form.mean) * scale
        planes[size + to] = (sumG * share - form.mean) * scale
        planes[blue + to] = (sumB * share - form.mean) * scale
      }
    }
  }
  return planes
}
