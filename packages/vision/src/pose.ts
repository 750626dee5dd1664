import { fivePoints, type Landmarks } from './landmarks.ts'

/** Where a face looks, in shares of the distance between its eyes; 0 is straight ahead. `yaw`: to the right of the image above 0; `pitch`: down above 0; `roll`: degrees, clockwise above 0. */
export type Pose = { readonly yaw: number, readonly pitch: number, readonly roll: number }

/** The tip of the nose lies so far below the eyes, by their distance from the mouth, when a face looks straight ahead. */
const NOSE_AT = 0.53

/** From five points alone: coarse, and enough to tell a turn from a look ahead. */
export function poseOf (landmarks: Landmarks): Pose {
  const [left, right, nose, mouthLeft, mouthRight] = fivePoints(landmarks)
  const [dx, dy] = [right.x - left.x, right.y - left.y]
  const eyes = Math.max(1e-6, Math.hypot(dx, dy))
  // Across and down as the face is tilted.
  const [ax, ay] = [dx / eyes, dy / eyes]
  const across = (x: number, y: number): number => x * ax + y * ay
  const down = (x: number, y: number): number => y * ax - x * ay
  const [ex, ey] = [(left.x + right.x) / 2, (left.y + right.y) / 2]
  const [mx, my] = [(mouthLeft.x + mouthRight.x) / 2, (mouthLeft.y + mouthRight.y) / 2]
  const long = Math.max(1e-6, down(mx - ex, my - ey))
  return {
    yaw: (across(nose.x - ex, nose.y - ey) + across(nose.x - mx, nose.y - my)) / 2 / eyes,
    pitch: down(nose.x - ex, nose.y - ey) / long - NOSE_AT,
    roll: Math.atan2(dy, dx) * 180 / Math.PI
  }
}
