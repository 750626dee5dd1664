import type { House } from '../house.ts'
import { repeat, type Loop } from '../platform/repeat.ts'
import { forgetPictures } from './pictures.ts'
import type { Snap } from './snapshot.ts'
import { startLooking } from './take.ts'

/** Cameras are asked when something happens, and what they saw is forgotten in the end. */
export function startCameraWork (house: House, snap: Snap): Loop {
  const loops = [startLooking(house, snap), repeat(600_000, () => forgetPictures(house), house.log)]
  return { stop: async () => { for (const loop of loops) await loop.stop() } }
}
