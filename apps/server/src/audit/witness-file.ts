import { open } from 'node:fs/promises'
import type { House } from '../house.ts'
import { perHouse } from '../platform/per-house.ts'
import { checkpointLine, readCheckpoint, type Checkpoint } from './format.ts'

const LINES_AT_ONCE = 500
/** A line is shorter than 600 bytes. */
const TAIL = 4_096

/** How far the file is; `seq` null = not looked at yet, or to be looked at again after a failure. */
export type FileWitness = { seq: number | null, fault: string | null, takenBack: string | null, turn: Promise<void> }

export const fileWitness = perHouse((_house: House): FileWitness => ({ seq: null, fault: null, takenBack: null, turn: Promise.resolve() }))

/**
 * Appends every checkpoint that the witness file does not have yet. The file itself says how far it is, so nothing is
 * lost by a failure or a restart, and a file that was lost is written again from the first checkpoint. Its folder is never made: on a
 * disk that is not mounted that would be the wrong one.
 */
export function writeWitnessFile (house: House): Promise<void> {
  const path = house.config.witnessFile
  if (path === null) return Promise.resolve()
  const state = fileWitness(house)
  // One after another, or a line would be there twice.
  state.turn = state.turn.then(() => write(house, path, state))
  return state.turn
}

async function write (house: House, path: string, state: FileWitness): Promise<void> {
  try {
    state.seq ??= await howFar(house, path, state)
    for (;;) {
      const missing = await house.db.read.selectFrom('audit_checkpoints').selectAll().where('seq', '>', state.seq).orderBy('seq').limit(LINES_AT_ONCE).execute()
      const last = missing.at(-1)
      if (last === undefined) break
      await append(path, missing)
      state.seq = last.seq
    }
    if (state.fault !== null) house.log.info('the witness file can be written again', { path })
    state.fault = null
  } catch (error) {
    const fault = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    if (state.fault !== fault) house.log.error('the witness file can not be written; it is tried again', { path, error })
    // Half a line may be in it now.
    state.seq = null
    state.fault = fault
  }
}

async function append (path: string, checkpoints: readonly Checkpoint[]): Promise<void> {
  const file = await open(path, 'a+', 0o600)
  try {
    const { size } = await file.stat()
    const last = Buffer.alloc(1)
    if (size > 0) await file.read(last, 0, 1, size - 1)
    // After a write that was torn, the next line begins on a line of its own.
    const start = size > 0 && last.toString() !== '\n' ? '\n' : ''
    await file.appendFile(start + checkpoints.map((one) => checkpointLine(one) + '\n').join(''))
    await file.datasync()
  } finally {
    await file.close()
  }
}

/** The newest checkpoint that both file and database have; a file that knows a later one tells that the database was taken back. */
async function howFar (house: House, path: string, state: FileWitness): Promise<number> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  })
  if (file === null) return 0
  try {
    const { size } = await file.stat()
    const tail = Buffer.alloc(Math.min(size, TAIL))
    await file.read(tail, 0, tail.length, size - tail.length)
    const newest = tail.toString().split('\n').map(readCheckpoint).filter((one) => one !== null).at(-1)
    if (newest !== undefined && await isOurs(house, newest)) return newest.seq
    let common = 0
    let latest = newest
    for await (const line of file.readLines({ start: 0, autoClose: false })) {
      const one = readCheckpoint(line)
      if (one === null) continue
      if (await isOurs(house, one)) common = Math.max(common, one.seq)
      else if (one.key === house.signer.key && (latest === undefined || one.seq >= latest.seq)) latest = one
    }
    if (latest !== undefined && latest.key === house.signer.key) {
      state.takenBack = `The record was taken back to an earlier moment: the witness file has a checkpoint of row ${latest.seq} that the record does not have.`
      house.log.error(state.takenBack, { path })
    }
    return common
  } finally {
    await file.close()
  }
}

async function isOurs (house: House, one: Checkpoint): Promise<boolean> {
  const known = await house.db.read.selectFrom('audit_checkpoints').select('signature').where('seq', '=', one.seq).executeTakeFirst()
  return known?.signature === one.signature
}
