import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Finding } from '@oncekey/protocol/schemas'
import { freeRoom, leastRoom } from '../platform/health.ts'
import { find } from './finding.ts'
import type { Patient } from './patient.ts'

/** The disk of the data folder. */
export async function lookAtDisk ({ config }: Patient): Promise<Finding[]> {
  const megabytes = await freeRoom(config.dataDir)
  return [find(megabytes < leastRoom.failing ? 'disk.full' : megabytes < leastRoom.degraded ? 'disk.low' : 'disk.ok', { megabytes })]
}

/** Who else may read what is in the data folder. */
export async function lookAtFiles ({ config }: Patient): Promise<Finding[]> {
  const folder = await openTo(config.dataDir)
  const names = ['secrets.json', ...config.databaseUrl === null ? ['oncekey.db', 'oncekey.db-wal'] : []]
  const found: Finding[] = folder.mode === null ? [] : [find('files.open', { name: config.dataDir, mode: folder.mode, wanted: '700' })]
  for (const name of names) {
    const { isThere, mode } = await openTo(join(config.dataDir, name))
    if (!isThere && name === 'secrets.json') found.push(find('files.missing', { name }))
    // Nobody gets to a file in a folder that is closed to them; the keys are worth a second lock.
    if (mode !== null && (folder.mode !== null || name === 'secrets.json')) found.push(find('files.open', { name: join(config.dataDir, name), mode, wanted: '600' }))
  }
  return found.length > 0 ? found : [find('files.ok')]
}

/** The mode of what others may use, e.g. 755; null when they may not, and where there are no such modes (Windows). */
export async function openTo (path: string): Promise<{ isThere: boolean, mode: string | null }> {
  const found = await stat(path).catch(() => null)
  if (found === null) return { isThere: false, mode: null }
  const isOpen = process.platform !== 'win32' && (found.mode & 0o077) !== 0
  return { isThere: true, mode: isOpen ? (found.mode & 0o777).toString(8) : null }
}
