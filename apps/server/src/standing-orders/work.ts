import type { House } from '../house.ts'
import { repeat, type Loop } from '../platform/repeat.ts'
import { followOrders } from './follow.ts'

/** Controllers of this server follow what stands, also when another server on the same database was told of it, or a message was lost. */
export function startStandingOrderWork (house: House): Loop {
  return repeat(1000, () => followOrders(house), house.log)
}
