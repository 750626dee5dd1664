import type { House } from '../house.ts'
import { repeat, type Loop } from '../platform/repeat.ts'
import { expireDoorCodes } from './decide.ts'

/** Codes of doors and requests for them end when their time is over. */
export function startDoorWork (house: House): Loop {
  return repeat(1_000, () => expireDoorCodes(house), house.log)
}
