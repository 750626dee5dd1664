import { mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
export { openPlayers } from '../faces/attack.ts'
export { openModels } from '../faces/engine.ts'
export { openPool, type FacePool } from '../faces/pool.ts'
import { damaged, installFaces } from '../faces/install.ts'

/** Of this clone: nothing of it is in the repository, and what is brought once serves all tests. */
const folder = join(import.meta.dirname, '../../../../node_modules/.cache/oncekey-faces')
const LOCK = `${folder}.lock`
const STALE_MS = 600_000

let installed: Promise<string> | undefined

/** Everything that faces need, installed as an operator installs it: once for all tests that run at a time. @returns the folder */
export function installedFaces (): Promise<string> {
  return installed ??= install()
}

async function install (): Promise<string> {
  mkdirSync(join(folder, '..'), { recursive: true })
  for (;;) {
    if (damaged(folder).length === 0) return folder
    try {
      mkdirSync(LOCK)
      break
    } catch {
      if (Date.now() - (statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > STALE_MS) rmSync(LOCK, { recursive: true, force: true })
      await sleep(500)
    }
  }
  try {
    await installFaces(folder)
  } finally {
    rmSync(LOCK, { recursive: true, force: true })
  }
  return folder
}
