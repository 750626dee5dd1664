import type { House } from '../house.ts'
import { repeat, type Loop } from '../platform/repeat.ts'
import { forgetClosed } from './forget.ts'

export function startSupportWork (house: House): Loop {
  return repeat(3_600_000, () => forgetClosed(house), house.log)
}
