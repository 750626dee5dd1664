import { startCodeWork } from './codes/work.ts'
import { startControllerWork } from './controllers/work.ts'
import type { House } from './house.ts'

export type Work = { stop: () => Promise<void> }

/** What goes on without a request: each feature's loop, started and stopped together. */
export function startWork (house: House): Work {
  const loops: Work[] = [startCodeWork(house), startControllerWork(house)]
  return {
    async stop () {
      for (const loop of loops.reverse()) await loop.stop()
    }
  }
}
