import type { Models } from '../frame.ts'
import { see } from '../seen.ts'
import { movesUnasked } from '../watch.ts'
import { render, still, type Model, type Posture } from './posture.ts'

/** Their eyes have to be seen to shut by so much, by how far they were open. */
const SHUT = 0.75
const TURNED = 0.65
const NODDED = 0.5

/**
 * Whether somebody can be played from this still: the face is seen well, its eyes are seen to be open and, shut, to be shut,
 * and turning and nodding are seen. With hair over an eye, or a face that looks aside already, they are not.
 */
export async function rehearse (models: Models, model: Model): Promise<boolean> {
  const look = async (posture: Partial<Posture>) => (await see(models, render(model, { ...still, ...posture }), 0))
  const open = await look({})
  if (open.fault !== null || open.face === null || Math.max(open.face.eyes.left, open.face.eyes.right) > 0.5) return false
  const { face } = await look({ left: 1, right: 1 })
  if (face === null || Math.min(face.eyes.left, face.eyes.right) < 0.5 || face.eyes.ratio > SHUT * open.face.eyes.ratio) return false
  const base = { yaw: open.face.pose.yaw, pitch: open.face.pose.pitch, skin: open.face.skin }
  for (const posture of [{ yaw: TURNED }, { yaw: -TURNED }, { pitch: NODDED }]) {
    const moved = await look(posture)
    if (moved.face === null || !movesUnasked(base, moved.face)) return false
  }
  return true
}
