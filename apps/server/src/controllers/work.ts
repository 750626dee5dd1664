import type { House } from '../house.ts'
import { repeat, type Loop } from '../platform/repeat.ts'
import { renewLeases } from '../pins/lend.ts'
import { followClocks } from './settings.ts'

/** Known pins stay lent to whoever is on line, and displays show the site's time also after its clocks were put forward or back. */
export function startControllerWork (house: House): Loop {
  let since = house.clock()
  return repeat(60_000, async () => {
    const now = house.clock()
    await followClocks(house, since)
    await renewLeases(house)
    since = now
  }, house.log)
}
