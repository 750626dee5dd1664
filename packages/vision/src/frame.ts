import { detect, type Found } from './detect.ts'
import { embed, type Embedding } from './embed.ts'
import { lookAtEyes, type Eyes } from './eyes.ts'
import type { Box, Image } from './image.ts'
import { findLandmarks, type Landmarks } from './landmarks.ts'
import { seemsAlive } from './liveness.ts'
import type { Model } from './model.ts'
import { poseOf, type Pose } from './pose.ts'
import { faultOfFace, faultOfPlace, type Fault } from './quality.ts'

/** The models of a pack, by what they do. */
export type Models = { readonly detect: Model, readonly landmarks: Model, readonly embed: Model, readonly liveness: Model, readonly eyes: Model }

/** The one face of a frame. */
export type Face = { readonly box: Box, readonly landmarks: Landmarks, readonly pose: Pose, readonly fault: Fault | null }

/** What is in a frame. `face`: null where there is none that can be judged, and `fault` says why. */
export type Frame = { readonly face: Face, readonly fault: Fault | null } | { readonly face: null, readonly fault: Fault }

/** What one frame shows: whether there is one face, where it looks, and what is wrong with it. */
export async function analyse (models: Models, image: Image): Promise<Frame> {
  const found = await detect(models.detect, image)
  const fault = faultOfPlace(image, found)
  const [first] = found
  if (first === undefined || fault === 'severalFaces') return { face: null, fault: fault ?? 'noFace' }
  const face = await faceIn(models, image, first)
  return { face, fault: fault ?? face.fault }
}

/** The largest face of a photo, whatever else is in it; null for none. For photos that were taken for another purpose. */
export async function largestFace (models: Models, image: Image): Promise<Face | null> {
  const [first] = (await detect(models.detect, image)).sort((a, b) => b.box.width * b.box.height - a.box.width * a.box.height)
  return first === undefined ? null : faceIn(models, image, first)
}

export function embeddingOf (models: Models, image: Image, { landmarks }: Pick<Face, 'landmarks'>): Promise<Embedding> {
  return embed(models.embed, image, landmarks)
}

export function livenessOf (models: Models, image: Image, { box }: Pick<Face, 'box'>): Promise<number> {
  return seemsAlive(models.liveness, image, box)
}

export function eyesIn (models: Models, image: Image, { landmarks }: Pick<Face, 'landmarks'>): Promise<Eyes> {
  return lookAtEyes(models.eyes, image, landmarks)
}

async function faceIn (models: Models, image: Image, { box }: Found): Promise<Face> {
  const landmarks = await findLandmarks(models.landmarks, image, box)
  const pose = poseOf(landmarks)
  return { box, landmarks, pose, fault: faultOfFace(image, box, pose) }
}
