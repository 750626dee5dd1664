import { createReadStream, createWriteStream } from 'node:fs'
import { open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { RecordPlace } from '../audit/source.ts'
import { kept } from './contents.ts'
import { writeItems, type BackupHeader, type Item } from './format.ts'
import { sealParts } from './frame.ts'
import { withSnapshot, type Snapshot } from './snapshot.ts'

export type BackupOrder = {
  place: Exclude<RecordPlace, string>
  /** A new file; it appears when it is whole. */
  path: string
  /** Who asked for it: a name, or the word of the schedule. */
  by: string
  program: string
  passphrase: string | null
  /** ms since 1970 UTC */
  now: number
}

export type MadeBackup = { header: BackupHeader, bytes: number, rows: number }

/** Bytes of a file in one line: a multiple of 3, so that base64 has no rest. */
const FILE_PART = 49_152
/** So often progress is told, in rows. */
const TELL_EVERY = 1_000

/**
 * Writes everything that the installation is, as of one moment, to a new file (mode 0600). The server may run and serve doors; memory is bounded.
 * A file of that name is there when it is whole and on the disk, and not before.
 * @throws Error with the cure when the file exists, can not be written, or there is nothing to back up
 */
export async function makeBackup (order: BackupOrder, onProgress: (rows: number, of: number) => void = () => {}): Promise<MadeBackup> {
  const { path, place, passphrase } = order
  if (await stat(path).catch(() => null) !== null) throw new Error(`${path} exists already. Name a file that does not exist, so that nothing is lost.`)
  const part = join(dirname(path), `.${basename(path)}.part`)
  try {
    const made = await withSnapshot(place, async (snapshot) => {
      const files = await filesIn(place.dataDir)
      const { rows: _, ...facts } = snapshot
      const header: BackupHeader = { madeAt: order.now, by: order.by, program: order.program, ...facts, files }
      const of = header.tables.reduce((sum, table) => sum + table.rows, 0)
      await rm(part, { force: true })
      await pipeline(writeItems(itemsOf(header, snapshot, { dataDir: place.dataDir, onProgress: (rows) => { onProgress(rows, of) } })), createGzip({ level: 3 }), (bytes: AsyncIterable<Buffer>) => sealParts(bytes, passphrase), createWriteStream(part, { flags: 'wx', mode: 0o600 }))
      return { header, rows: of }
    })
    const bytes = await settle(part, path)
    onProgress(made.rows, made.rows)
    return { ...made, bytes }
  } catch (cause) {
    await rm(part, { force: true }).catch(() => {})
    throw couldNotWrite(path, cause)
  }
}

/** Onto the disk first, then its name: a power cut leaves no half of it under that name. */
async function settle (part: string, path: string): Promise<number> {
  const file = await open(part, 'r+')
  await file.sync()
  const { size } = await file.stat()
  await file.close()
  await rename(part, path)
  await syncFolder(dirname(path))
  return size
}

/** New names in a folder onto the disk, where the system can. */
export async function syncFolder (path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => null)
  await folder?.sync().catch(() => {})
  await folder?.close()
}

async function * itemsOf (header: BackupHeader, snapshot: Snapshot, { dataDir, onProgress }: { dataDir: string, onProgress: (rows: number) => void }): AsyncGenerator<Item> {
  yield { is: 'header', header }
  for (const { path, bytes } of header.files) {
    let left = bytes
    // Files here are replaced and not written to: one that was replaced meanwhile has other bytes, and then nothing is made of it.
    for await (const chunk of createReadStream(join(dataDir, path), { highWaterMark: FILE_PART })) {
      left -= chunk.length
      yield { is: 'file', path, bytes: chunk }
    }
    if (left !== 0) throw new Error(`${join(dataDir, path)} changed while it was read. Try again.`)
  }
  let rows = 0
  for (const table of header.tables) {
    yield { is: 'table', name: table.name }
    for await (const values of snapshot.rows(table)) {
      yield { is: 'row', values }
      if (++rows % TELL_EVERY === 0) onProgress(rows)
    }
  }
}

async function filesIn (dataDir: string): Promise<BackupHeader['files']> {
  const files: BackupHeader['files'] = []
  const look = async (path: string): Promise<void> => {
    const found = await stat(join(dataDir, path)).catch(() => null)
    if (found === null) return
    if (found.isFile() && !/\.(part|new)$/.test(path)) files.push({ path, bytes: found.size })
    if (found.isDirectory()) for (const name of (await readdir(join(dataDir, path))).toSorted()) await look(`${path}/${name}`)
  }
  for (const name of kept) await look(name)
  return files
}

function couldNotWrite (path: string, cause: unknown): unknown {
  if (!(cause instanceof Error && 'syscall' in cause && 'code' in cause)) return cause
  if (cause.code === 'ENOSPC') return new Error(`There is no room for ${path}: the disk is full. Make room, or name a file on another disk. Nothing of it was kept.`, { cause })
  return new Error(`${path} can not be written (${cause.message}). Name a file in a folder that is there and may be written to.`, { cause })
}
