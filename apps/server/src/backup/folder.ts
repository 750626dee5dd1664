import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import type { BackupRow } from '@oncekey/protocol/schemas'
import type { Config } from '../config.ts'
import { Problem } from '../platform/problems.ts'
import { asksPassphrase } from './frame.ts'

const NAME = /^(oncekey-(\d{4}-\d\d-\d\d)T(\d\d)(\d\d)(\d\d)Z(-scheduled)?)\.backup$/

/** The name of a backup's file, without its ending: when it was begun, to the second. */
export function backupId (now: number, { isScheduled }: { isScheduled: boolean }): string {
  return `oncekey-${new Date(now).toISOString().slice(0, 19).replaceAll(':', '')}Z${isScheduled ? '-scheduled' : ''}`
}

export function backupPath ({ backupDir }: Config, id: string): string {
  return join(backupDir, id + '.backup')
}

/**
 * Makes sure that the folder is there. Only the one in the data folder is made: on a disk that is not mounted any other would be the wrong one.
 * @throws Error with the cure
 */
export async function openFolder ({ backupDir, dataDir }: Config): Promise<void> {
  if (dirname(backupDir) === dataDir) await mkdir(backupDir, { recursive: true, mode: 0o700 })
  else if (await stat(backupDir).then((found) => found.isDirectory(), () => false) === false) throw new Error(`The folder ${backupDir} is not there. Make it, mount its disk, or set ONCEKEY_BACKUP_DIR to another one.`)
}

/** What is in the folder, the newest first; what is no backup of ours is passed over. */
export async function listBackups (config: Config): Promise<BackupRow[]> {
  const names = await readdir(config.backupDir).catch(() => [])
  const rows = await Promise.all(names.map((name) => describe(config, name)))
  return rows.filter((row) => row !== null).toSorted((a, b) => b.madeAt - a.madeAt)
}

async function describe ({ backupDir }: Config, name: string): Promise<BackupRow | null> {
  const [, id, day, hours, minutes, seconds, scheduled] = NAME.exec(name) ?? []
  if (id === undefined) return null
  try {
    const file = await open(join(backupDir, name), 'r')
    try {
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(256) })
      const encrypted = asksPassphrase(buffer.subarray(0, bytesRead))
      return { id, bytes: (await file.stat()).size, madeAt: Date.parse(`${day}T${hours}:${minutes}:${seconds}Z`), scheduled: scheduled !== undefined, encrypted }
    } finally {
      await file.close()
    }
  } catch {
    return null
  }
}

/** Its bytes. @throws Problem notFound */
export async function readBackup (config: Config, id: string): Promise<{ stream: Readable, bytes: number }> {
  const path = backupPath(config, id)
  const found = await stat(path).catch(() => null)
  if (found === null) throw new Problem('notFound')
  return { stream: createReadStream(path), bytes: found.size }
}

/** @throws Problem notFound */
export async function removeBackup (config: Config, id: string): Promise<void> {
  await rm(backupPath(config, id)).catch((error: unknown) => {
    throw error instanceof Error && 'code' in error && error.code === 'ENOENT' ? new Problem('notFound') : error
  })
}
