import type { House } from '../house.ts'
import { repeat, type Loop } from '../platform/repeat.ts'
import { expireChallenges, forgetChallenges } from './end.ts'
import { forgetUnproven } from './unproven.ts'

/** Challenges end when their time is over, also when nobody answers. */
export function startChallengeWork (house: House): Loop {
  const loops = [repeat(1_000, () => expireChallenges(house), house.log), repeat(600_000, () => forgetChallenges(house), house.log), repeat(3_600_000, () => forgetUnproven(house), house.log)]
  return { stop: async () => { for (const loop of loops) await loop.stop() } }
}
