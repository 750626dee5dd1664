import type { House } from '../house.ts'
import { repeat, type Loop } from '../platform/repeat.ts'
import { sampleBatteries } from './batteries.ts'
import { countNext, forgetInsights } from './progress.ts'

const LOOK_MS = 2_000
/** Between two batches, for requests: after an upgrade there may be millions of rows. */
const REST_MS = 20
/** By the house's clock, so that a server which was asleep looks at once. */
const BATTERY_MS = 600_000
const BATTERY_LOOK_MS = 2_000
const FORGET_MS = 6 * 3_600_000

/** The record is counted a few seconds behind its head, and batteries are noted, also when nobody asks. */
export function startInsightWork (house: House): Loop {
  let isStopped = false
  let sampledAt = -Infinity
  const loops = [
    repeat(LOOK_MS, async () => { while (!isStopped && await countNext(house)) await new Promise((resolve) => { setTimeout(resolve, REST_MS) }) }, house.log),
    repeat(BATTERY_LOOK_MS, async () => {
      if (Math.abs(house.clock() - sampledAt) < BATTERY_MS) return
      sampledAt = house.clock()
      await sampleBatteries(house)
    }, house.log),
    repeat(FORGET_MS, () => forgetInsights(house), house.log)
  ]
  return {
    async stop () {
      isStopped = true
      for (const loop of loops) await loop.stop()
    }
  }
}
