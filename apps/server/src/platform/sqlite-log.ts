import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, statfsSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'

/** Pages in the write-ahead log at which SQLite brings them home and begins the log again, in the length that it has. */
export const LOG_PAGES = 2000
/** Of a page in the log: its checksums and where it belongs (https://sqlite.org/fileformat2.html#walformat). */
const FRAME_HEADER_BYTES = 24
/** The write that passes the limit is still in the log. */
const ROOM = 1.1
/** The disk keeps at least three times as much for the rest. */
const LEAST_FREE = 4

/**
 * Gives the write-ahead log its full length at once. A commit waits for its log to be on the disk, and in a file that
 * grows, the disk has to note the new length as well, each time: 1.2 to 1.7 ms where a page written in place takes 0.8.
 * SQLite begins a new log at each start, and left alone it would grow for the first few hundred commits.
 *
 * SQLite reads the log up to the first page with a wrong checksum, so zeros behind its end are nothing to it; the lock of a
 * writer keeps everybody else away from that end meanwhile. Whatever is in the way (no room, another writer) leaves
 * the log as it is: it is then slower, and nothing else.
 * @param free bytes on the disk
 */
export function layOutLog (writer: DatabaseSync, path: string, free: (folder: string) => number = freeBytes): void {
  const bytes = Math.ceil(LOG_PAGES * ROOM) * (Number(writer.prepare('PRAGMA page_size').get()?.['page_size']) + FRAME_HEADER_BYTES)
  try {
    if (free(dirname(path)) < LEAST_FREE * bytes) return
    writer.exec('BEGIN IMMEDIATE')
  } catch {
    return
  }
  try {
    lengthen(path + '-wal', bytes)
  } catch {
    // It has the length that it had.
  } finally {
    writer.exec('COMMIT')
  }
}

function lengthen (path: string, bytes: number): void {
  // SQLite's locks are on its other files: closing this one ends none.
  const file = openSync(path, 'r+')
  const { size } = fstatSync(file)
  try {
    const zeros = Buffer.alloc(1 << 20)
    for (let at = size; at < bytes;) at += writeSync(file, zeros, 0, Math.min(zeros.length, bytes - at), at)
    fsyncSync(file)
  } catch (error) {
    ftruncateSync(file, size)
    throw error
  } finally {
    closeSync(file)
  }
}

function freeBytes (folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}
