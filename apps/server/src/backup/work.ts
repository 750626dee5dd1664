import type { House } from '../house.ts'
import { repeat, type Loop } from '../platform/repeat.ts'
import { backUpWhenDue, backupDone } from './run.ts'

/** Backups are made by themselves, when somebody has set so. */
export function startBackupWork (house: House): Loop {
  const loop = repeat(30_000, () => backUpWhenDue(house), house.log)
  return {
    async stop () {
      await loop.stop()
      await backupDone(house)
    }
  }
}
