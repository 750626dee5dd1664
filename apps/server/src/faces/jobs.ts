import type { Embedding, Kept, Point, Seen, SeenFace } from '@oncekey/vision'

/** A frame of a challenge that is kept until its end, and the face that was seen in it. */
export type KeptFrame = { bytes: Uint8Array, face: SeenFace }

/** What a worker is asked: what a frame shows; whose face some frames show, and how alive it is; the face of a photo (the one nearest to a point, or the largest). */
export type Job = { id: number } & (
  | { do: 'see', bytes: Uint8Array, at: number, before: SeenFace | null }
  | { do: 'know', frames: KeptFrame[] }
  | { do: 'photo', bytes: Uint8Array, near: Point | null }
)

export type Reply = { id: number } & (
  | { is: 'seen', seen: Seen }
  | { is: 'known', kept: Kept }
  | { is: 'photo', embedding: Embedding | null }
  | { is: 'unreadable', why: string }
  | { is: 'failed', why: string }
)
