import type { House } from '../house.ts'
import { repeat, type Loop } from '../platform/repeat.ts'
import { fallBackLate } from './fall-back.ts'
import { forgetTestRecipients } from '../test-mode/recipients.ts'
import { expireVerifications, forgetVerifications } from './end.ts'

/** Verifications end when their time is over, and their codes go another way when no receipt came, also when nobody asks. */
export function startVerificationWork (house: House): Loop {
  const loops = [repeat(500, () => fallBackLate(house), house.log), repeat(1_000, () => expireVerifications(house), house.log), repeat(600_000, () => forgetVerifications(house), house.log), repeat(60_000, () => forgetTestRecipients(house), house.log)]
  return { stop: async () => { for (const loop of loops) await loop.stop() } }
}
