import type { House } from '../house.ts'
import { repeat, type Loop } from '../platform/repeat.ts'
import { forgetPhoneRecipients } from './phone.ts'

/** What an old program asked for is forgotten when nothing can come of it. */
export function startCompatWork (house: House): Loop {
  return repeat(600_000, () => forgetPhoneRecipients(house), house.log)
}
