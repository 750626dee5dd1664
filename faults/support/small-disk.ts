/** A file system of its own with little room (Linux, root: tmpfs). */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from './databases.ts'

export type SmallDisk = Database & {
  /** Takes all room that is left. */
  fill: () => void
  makeRoom: () => void
}

/** Null where this user may not mount. */
export function smallDisk (megabytes: number): SmallDisk | null {
  const folder = mkdtempSync(join(tmpdir(), 'oncekey-small-'))
  const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'tmpfs', folder], { stdio: 'ignore' }).status === 0
  if (!isMounted) {
    rmSync(folder, { recursive: true, force: true })
    return null
  }
  const filler = join(folder, 'filler')
  return {
    name: 'a small disk',
    open: () => Promise.resolve({
      folder, env: {},
      remove () {
        spawnSync('umount', ['-l', folder])
        rmSync(folder, { recursive: true, force: true })
        return Promise.resolve()
      }
    }),
    fill () {
      const file = openSync(filler, 'a')
      const zeros = Buffer.alloc(65_536)
      try {
        for (let size = zeros.length; size >= 1;) {
          try {
            writeSync(file, zeros, 0, size)
          } catch (error) {
            if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
            size = size >>> 4
          }
        }
      } finally {
        closeSync(file)
      }
    },
    makeRoom () { rmSync(filler, { force: true }) }
  }
}
