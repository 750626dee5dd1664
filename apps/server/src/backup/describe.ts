import type { BackupsAnswer } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { listBackups } from './folder.ts'
import { runningBackup } from './run.ts'
import { readSchedule } from './schedule.ts'

/** Everything about backups that an administrator sees. */
export async function describeBackups (house: House): Promise<BackupsAnswer> {
  const { everyHours, keep, passphrase, nextAt, last } = await readSchedule(house.db.read, house)
  return {
    folder: house.config.backupDir, backups: await listBackups(house.config),
    schedule: { everyHours, keep, encrypted: passphrase !== null, nextAt: nextAt === 0 ? house.clock() : nextAt }, running: runningBackup(house), last
  }
}
