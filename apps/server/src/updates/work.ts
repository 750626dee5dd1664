import type { House } from '../house.ts'
import { repeat, type Loop } from '../platform/repeat.ts'
import { advanceRollouts } from './advance.ts'

/** Roll-outs go on by themselves. */
export function startUpdateWork (house: House): Loop {
  return repeat(2_000, () => advanceRollouts(house), house.log)
}
