import type { Found } from '../detect.ts'
import type { Models } from '../frame.ts'
import { imageOf, type Box, type Image, type Point } from '../image.ts'
import type { Landmarks } from '../landmarks.ts'
import type { Model } from '../model.ts'
import type { Seen, SeenFace } from '../seen.ts'

/** A picture of one colour, or of what a function says of each pixel. */
export function picture (width: number, height: number, colour: (x: number, y: number) => readonly [number, number, number]): Image {
  const rgb = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) rgb.set(colour(x, y), (y * width + x) * 3)
  return imageOf(width, height, rgb)
}

/** The points of a face that looks ahead, in a box from (0, 0) to (1, 1). `open`: how far its eyes are, by their width. */
export function points ({ open = 0.3, yaw = 0, pitch = 0 }: { open?: number, yaw?: number, pitch?: number } = {}): Landmarks {
  const all: Point[] = Array.from({ length: 68 }, (_, i) => i < 17 ? { x: i / 16, y: 0.4 + 0.6 * Math.sin(i / 16 * Math.PI) } : { x: 0.5, y: 0.5 })
  for (const [from, middle] of [[36, 0.3], [42, 0.7]] as const) {
    const half = open * 0.2 / 2
    const eye = [[-0.1, 0], [-0.04, -half], [0.04, -half], [0.1, 0], [0.04, half], [-0.04, half]] as const
    for (const [i, [x, y]] of eye.entries()) all[from + i] = { x: middle + x, y: 0.4 + y }
  }
  const nose = { x: 0.5 + yaw * 0.4, y: 0.4 + (0.53 + pitch) * 0.4 }
  for (let i = 27; i < 36; i++) all[i] = nose
  for (let i = 48; i < 68; i++) all[i] = { x: 0.5, y: 0.8 }
  for (const [i, x] of [[48, 0.35], [60, 0.35], [54, 0.65], [64, 0.65]] as const) all[i] = { x, y: 0.8 }
  return all
}

export function inBox (face: Landmarks, { left, top, width, height }: Box): Landmarks {
  return face.map(({ x, y }) => ({ x: left + x * width, y: top + y * height }))
}

/** What a detector says that sees these boxes in an image: its frame is 4 to 3 around the image. */
export function detecting (image: { width: number, height: number }, found: readonly Found[]): Model {
  const wide = Math.max(image.width, image.height * 4 / 3)
  const high = wide * 3 / 4
  return async () => {
    const [boxes, scores] = [new Float32Array(4420 * 4), new Float32Array(4420 * 2)]
    for (const [i, { box, score }] of found.entries()) {
      const [x, y] = [(box.left - (image.width - wide) / 2) / wide, (box.top - (image.height - high) / 2) / high]
      boxes.set([x, y, x + box.width / wide, y + box.height / high], i * 4)
      scores[i * 2 + 1] = score
    }
    return { boxes, scores }
  }
}

/** Models that see what they are told to see, and count how often each is asked. */
export function models (image: { width: number, height: number }, found: readonly Found[], { face = points(), shut = 0, alive = 1 }: { face?: Landmarks, shut?: number, alive?: number } = {}): Models & { asked: string[] } {
  const asked: string[] = []
  const counted = (name: string, model: Model): Model => (input, shape) => {
    asked.push(name)
    return model(input, shape)
  }
  // Softmax of (a, 0) is 1 / (1 + e^-a).
  const logit = (share: number): number => Math.log(Math.max(1e-9, share) / Math.max(1e-9, 1 - share))
  return {
    asked,
    detect: counted('detect', detecting(image, found)),
    landmarks: counted('landmarks', async () => ({ output: Float32Array.from(face.flatMap(({ x, y }) => [x, y])) })),
    embed: counted('embed', async (input) => ({ output: Float32Array.from({ length: 512 }, (_, i) => input[i * 7]! + (i === 0 ? 1 : 0)) })),
    liveness: counted('liveness', async () => ({ output: Float32Array.of(logit(alive), -1e9, 0) })),
    eyes: counted('eyes', async () => ({ output: Float32Array.of(logit(shut), 0) }))
  }
}

/** A frame of a challenge, with a face that looks ahead unless told otherwise. */
export function seen (at: number, { fault = null, face, sum = at, ...more }: Partial<Omit<Seen, 'at'>> & { yaw?: number, pitch?: number, shut?: number, skin?: SeenFace['skin'], left?: number } = {}): Seen {
  const box = { left: more.left ?? 250, top: 150, width: 130, height: 180 }
  const shut = more.shut ?? 0
  return {
    at, fault, sum, face: face !== undefined ? face : {
      box, landmarks: [], pose: { yaw: more.yaw ?? 0, pitch: more.pitch ?? 0, roll: 0 }, skin: more.skin ?? [180, 130, 100],
      eyes: { ratio: 0.3 * (1 - shut * 0.5), left: shut, right: shut }
    }
  }
}
