import { detect } from './detect.ts'
import type { Eyes } from './eyes.ts'
import { lookAtEyes } from './eyes.ts'
import type { Skin } from './flash.ts'
import type { Models } from './frame.ts'
import type { Box, Image } from './image.ts'
import { distance, eyesOf, findLandmarks, middleOf, type Landmarks } from './landmarks.ts'
import { poseOf, type Pose } from './pose.ts'
import { faultOfFace, faultOfPlace, type Fault } from './quality.ts'

/** What one frame of a challenge showed. `at`: ms, when it was taken. `face`: null where there is none that can be judged; `fault` says why. `sum`: two frames that are the same have the same. */
export type Seen = { readonly at: number, readonly fault: Fault | null, readonly face: SeenFace | null, readonly sum: number }

export type SeenFace = { readonly box: Box, readonly landmarks: Landmarks, readonly pose: Pose, readonly eyes: Eyes, readonly skin: Skin }

/**
 * What a frame shows.
 * @param before the face of the frame before it, less than a moment ago: then it is followed, and not looked for
 */
export async function see (models: Models, image: Image, at: number, before: SeenFace | null = null): Promise<Seen> {
  const sum = sumOf(image)
  const found = before === null ? await detect(models.detect, image) : [{ box: before.box, score: 1 }]
  const fault = faultOfPlace(image, found)
  const [first] = found
  if (first === undefined || fault === 'severalFaces') return { at, fault, face: null, sum }
  const landmarks = await findLandmarks(models.landmarks, image, first.box)
  const pose = poseOf(landmarks)
  const eyes = await lookAtEyes(models.eyes, image, landmarks)
  const box = before === null ? first.box : movedWith(before, landmarks)
  return { at, fault: fault ?? faultOfFace(image, box, pose), face: { box, landmarks, pose, eyes, skin: skinOf(image, landmarks) }, sum }
}

/** Where the box of a face goes when its points went. */
function movedWith ({ box, landmarks }: SeenFace, now: Landmarks): Box {
  const [from, to] = [middleOf(landmarks), middleOf(now)]
  return { ...box, left: box.left + to.x - from.x, top: box.top + to.y - from.y }
}

/** Half of a side of the square of a cheek, by the distance of the eyes. */
const CHEEK = 0.12

/** Of both cheeks. */
function skinOf (image: Image, landmarks: Landmarks): Skin {
  const { left, right } = eyesOf(landmarks)
  const half = Math.max(2, distance(middleOf(left), middleOf(right)) * CHEEK)
  const cheeks = [[40, 31, 48, 2], [47, 35, 54, 14]].map((which) => middleOf(which.map((i) => landmarks[i]!)))
  let [red, green, blue, n] = [0, 0, 0, 0]
  for (const { x, y } of cheeks) {
    for (let py = Math.max(0, Math.round(y - half)); py <= Math.min(image.height - 1, y + half); py++) {
      for (let px = Math.max(0, Math.round(x - half)); px <= Math.min(image.width - 1, x + half); px++, n++) {
        const at = (py * image.width + px) * 3
        red += image.rgb[at]!
        green += image.rgb[at + 1]!
        blue += image.rgb[at + 2]!
      }
    }
  }
  return n === 0 ? [0, 0, 0] : [red / n, green / n, blue / n]
}

/** FNV-1a over every fifth byte. */
function sumOf ({ rgb }: Image): number {
  let sum = 0x811c9dc5
  for (let i = 0; i < rgb.length; i += 5) sum = Math.imul(sum ^ rgb[i]!, 0x01000193)
  return sum >>> 0
}
