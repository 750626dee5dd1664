import { detect, type Found } from './detect.ts'
import { embed, type Embedding } from './embed.ts'
import type { Box, Image, Point } from './image.ts'
import { findLandmarks, type Landmarks } from './landmarks.ts'
import { seemsAlive } from './liveness.ts'
import type { Model } from './model.ts'

/** The models of a pack, by what they do. */
export type Models = { readonly detect: Model, readonly landmarks: Model, readonly embed: Model, readonly liveness: Model, readonly eyes: Model }

/** A face in a photo. */
export type Face = { readonly box: Box, readonly landmarks: Landmarks }

/** All faces of a photo that was taken for another purpose, the largest first. */
export async function analysePhoto (models: Models, image: Image): Promise<Face[]> {
  const faces: Face[] = []
  for (const one of (await detect(models.detect, image)).sort((a, b) => b.box.width * b.box.height - a.box.width * a.box.height)) faces.push(await faceIn(models, image, one))
  return faces
}

/** The face of a photo that is meant: the one nearest to a point, px, or else the largest; null for none. */
export async function faceOf (models: Models, image: Image, near: Point | null): Promise<Face | null> {
  const away = ({ box }: Found): number => near === null ? -box.width * box.height : Math.hypot(box.left + box.width / 2 - near.x, box.top + box.height / 2 - near.y)
  const [first] = (await detect(models.detect, image)).sort((a, b) => away(a) - away(b))
  return first === undefined ? null : faceIn(models, image, first)
}

export function embeddingOf (models: Models, image: Image, { landmarks }: Pick<Face, 'landmarks'>): Promise<Embedding> {
  return embed(models.embed, image, landmarks)
}

export function livenessOf (models: Models, image: Image, { box }: Pick<Face, 'box'>): Promise<number> {
  return seemsAlive(models.liveness, image, box)
}

async function faceIn (models: Models, image: Image, { box }: Found): Promise<Face> {
  return { box, landmarks: await findLandmarks(models.landmarks, image, box) }
}
