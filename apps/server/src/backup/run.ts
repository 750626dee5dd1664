import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { BackupsAnswer } from '@oncekey/protocol/schemas'
import type { Named } from '../audit/append.ts'
import type { House } from '../house.ts'
import { tellAdministrators } from '../notify/write.ts'
import { perHouse } from '../platform/per-house.ts'
import { Problem } from '../platform/problems.ts'
import type { BackupNews } from './backup-worker.ts'
import { backupId, backupPath, listBackups, openFolder, removeBackup } from './folder.ts'
import type { BackupOrder, MadeBackup } from './make.ts'
import { noteLast, readSchedule } from './schedule.ts'

type Running = NonNullable<BackupsAnswer['running']>
const underWay = perHouse((_house: House): { running: Running | null, done: Promise<void> } => ({ running: null, done: Promise.resolve() }))

/**
 * Begins a backup; it goes on by itself, on a thread of its own. One at a time.
 * @param by who asked for it; null: the schedule
 * @throws Problem coolingDown while another one is under way
 */
export function beginBackup (house: House, { by, passphrase }: { by: Named | null, passphrase: string | null }): void {
  const state = underWay(house)
  if (state.running !== null) throw new Problem('coolingDown', { detail: 'A backup is under way.', retryAfterSeconds: 10 })
  const running: Running = { startedAt: house.clock(), rows: 0, of: 0 }
  state.running = running
  state.done = carryOut(house, { by, passphrase, running })
    .catch((error: unknown) => { house.log.error('what became of a backup could not be noted', { error }) })
    .finally(() => { state.running = null })
}

/** How far the one is that is under way; null: none is. */
export function runningBackup (house: House): Running | null {
  return underWay(house).running
}

/** Resolves when none is under way. */
export function backupDone (house: House): Promise<void> {
  return underWay(house).done
}

/** Makes one when it is due. Of several servers on one database one does it: whoever notes first that it begins. */
export async function backUpWhenDue (house: House): Promise<void> {
  const { nextAt, passphrase } = await readSchedule(house.db.read, house)
  const now = house.clock()
  if (nextAt === null || nextAt > now || underWay(house).running !== null) return
  const isOurs = await house.db.write(async (trx) => {
    const schedule = await readSchedule(trx.sql, house)
    if (schedule.nextAt === null || schedule.nextAt > now) return false
    await noteLast(trx, { at: now, fault: schedule.last?.fault ?? null })
    return true
  })
  if (!isOurs) return
  beginBackup(house, { by: null, passphrase })
  await backupDone(house)
}

async function carryOut (house: House, { by, passphrase, running }: { by: Named | null, passphrase: string | null, running: Running }): Promise<void> {
  const { config } = house
  const id = backupId(running.startedAt, { isScheduled: by === null })
  try {
    await openFolder(config)
    const made = await inThread({
      place: { dataDir: config.dataDir, databaseUrl: config.databaseUrl }, path: backupPath(config, id), by: by?.name ?? 'schedule', program: house.version, passphrase, now: running.startedAt
    }, (rows, of) => { Object.assign(running, { rows, of }) })
    await house.db.write(async (trx) => {
      const now = house.clock()
      await noteLast(trx, { at: running.startedAt, fault: null })
      house.audit.append(trx, now, { event: 'backup.made', actor: by === null ? null : { id: by.id, name: by.name }, details: { name: id, bytes: made.bytes, rows: made.rows, row: made.header.record.seq, encrypted: passphrase !== null } })
    })
    // The doctor looks at its age.
    await writeFile(join(config.dataDir, 'last-backup'), '')
    if (by === null) await removeOld(house)
  } catch (error) {
    await noteFailure(house, running.startedAt, error)
  }
}

/** Those that were made by themselves and are more than are to be kept. */
async function removeOld (house: House): Promise<void> {
  const { keep } = await readSchedule(house.db.read, house)
  const old = (await listBackups(house.config)).filter(({ scheduled }) => scheduled).slice(keep)
  for (const { id } of old) await removeBackup(house.config, id)
}

/** Said once, until one succeeds again. */
async function noteFailure (house: House, at: number, error: unknown): Promise<void> {
  const fault = error instanceof Error ? error.message : String(error)
  house.log.error('a backup failed', { error })
  await house.db.write(async (trx) => {
    const { last } = await readSchedule(trx.sql, house)
    await noteLast(trx, { at, fault })
    if (last !== null && last.fault !== null) return
    house.audit.append(trx, house.clock(), { event: 'backup.failed', details: { why: fault } })
    await tellAdministrators(trx, house, { dedupeKey: `backup-failed:${at}`, letter: (letters) => letters.backupFailed({ at: new Date(at).toISOString(), fault }) })
  })
}

function inThread (order: BackupOrder, onProgress: (rows: number, of: number) => void): Promise<MadeBackup> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./backup-worker.ts', import.meta.url), { workerData: order, execArgv: [] })
    worker.on('message', (news: BackupNews) => {
      if (news.is === 'progress') onProgress(news.rows, news.of)
      else if (news.is === 'made') resolve(news.made)
      else reject(new Error(news.why))
    })
    worker.once('error', reject)
    worker.once('exit', (code) => { reject(new Error(`The thread that makes the backup ended with ${code}.`)) })
  })
}
