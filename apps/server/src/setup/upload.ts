import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { restorePartBytes, type RestoreBegun, type RestoreForm, type RestoreOffer, type RestoreState } from '@oncekey/protocol/schemas'
import { asksPassphrase, BadBackup } from '../backup/frame.ts'
import { UPLOAD } from '../backup/place.ts'
import type { House } from '../house.ts'
import { perHouse } from '../platform/per-house.ts'
import { Problem } from '../platform/problems.ts'
import { newToken, tokenHash } from '../sessions/tokens.ts'
import { checkMaySetUp } from './token.ts'

/** More than any installation has: ten million rows of record are a hundredth of it. */
const MOST_BYTES = 2 ** 40
/** The disk keeps so much for the rest. */
const LEAST_FREE = 50 * 1024 * 1024
/** So much of a file says whether it is a backup at all. */
const HEAD = 256
/** A file that nobody goes on bringing is removed: it may have keys in it. */
const IDLE_MS = 600_000

/** A backup that somebody with the set-up link brings, in parts, each within the time that every request has. Its secret name is known to that browser alone; here is its hash. */
export type Upload = { hash: string, state: RestoreState, touchedAt: number }

const kept = perHouse((_house: House): { upload: Upload | null } => ({ upload: null }))

/** Where the file lies. Beside the data, so that there is room for it where there is room for what is in it. */
export function uploadPath ({ config }: House): string {
  return join(config.dataDir, UPLOAD)
}

export function restoreOffer (house: House): RestoreOffer {
  return { by: house.putBack === undefined || house.config.databaseUrl !== null ? 'command' : 'page', mostBytes: MOST_BYTES, partBytes: restorePartBytes }
}

/**
 * Begins to take a file; of two the later one counts, because a page that was closed never says so.
 * @throws Problem restoreByCommand, alreadySetUp, setupLinkWrong, coolingDown while one is being checked, tooLarge, storageFull
 */
export async function beginUpload (house: House, { token, bytes }: RestoreForm): Promise<RestoreBegun> {
  if (restoreOffer(house).by === 'command') throw new Problem('restoreByCommand')
  await house.db.write((trx) => checkMaySetUp(trx, token))
  if (bytes > MOST_BYTES) throw new Problem('tooLarge', { detail: `A backup may have ${MOST_BYTES} bytes.` })
  // From here on at once, files and all: of two that come together one is whole and the other is not there.
  refuseWhileChecked(house)
  forgetUpload(house)
  const { bavail, bsize } = statfsSync(house.config.dataDir)
  if (bavail * bsize < bytes + LEAST_FREE) throw new Problem('storageFull', { detail: `The backup needs ${Math.ceil((bytes + LEAST_FREE) / 2 ** 20)} MB in the data folder, and as much again for what is in it.`, retryAfterSeconds: 10 })
  closeSync(onDisk(() => openSync(uploadPath(house), 'w', 0o600)))
  const { token: id, hash } = newToken()
  const upload: Upload = { hash, state: { is: 'receiving', bytes, received: 0, rows: 0, of: 0, fault: null }, touchedAt: house.clock() }
  kept(house).upload = upload
  return { upload: id, state: upload.state }
}

/**
 * Takes the next part. One that is here already, or comes too early, is not taken: the state says from where to go on, so a part whose
 * answer was lost does no harm.
 * @throws Problem notFound, badRequest for a part that is too small, tooLarge, storageFull (the part may come again), backupRefused for what is none from its first bytes on
 */
export function addPart (house: House, id: string, from: number, part: Buffer): RestoreState {
  const upload = findUpload(house, id)
  const { state } = upload
  if (state.is !== 'receiving' || from !== state.received) return state
  const least = from === 0 ? Math.min(HEAD, state.bytes) : 1
  if (part.length < least) throw new Problem('badRequest', { detail: `A part from ${from} has ${least} ${least === 1 ? 'byte' : 'bytes'} at least.` })
  if (part.length > state.bytes - from) throw new Problem('tooLarge', { detail: `The backup was said to have ${state.bytes} bytes.` })
  if (from === 0) refuseForeign(house, part)
  onDisk(() => {
    const file = openSync(uploadPath(house), 'r+')
    try {
      for (let done = 0; done < part.length;) done += writeSync(file, part, done, part.length - done, from + done)
    } finally {
      closeSync(file)
    }
  })
  state.received += part.length
  upload.touchedAt = house.clock()
  return state
}

/** @throws Problem notFound when another one took its place, nobody went on with it, or the server was started anew */
export function findUpload (house: House, id: string): Upload {
  const { upload } = kept(house)
  if (upload === null || stateOf(house, id) === null) throw new Problem('notFound')
  return upload
}

/** How far an upload is; null for one that is not known here. */
export function stateOf (house: House, id: string): RestoreState | null {
  const { upload } = kept(house)
  return upload !== null && upload.hash === tokenHash(id) ? upload.state : null
}

/** Removes the file and forgets it. One that is put back is told of to the last answer of this house: its page would else take it for lost. */
export function forgetUpload (house: House): void {
  const { upload } = kept(house)
  if (upload === null || upload.state.is === 'restoring') return
  kept(house).upload = null
  rmSync(uploadPath(house), { force: true })
}

/** Forgets one that was left alone for ten minutes. */
export function forgetIdleUpload (house: House): void {
  const { upload } = kept(house)
  if (upload !== null && !isInUse(upload) && house.clock() - upload.touchedAt >= IDLE_MS) forgetUpload(house)
}

function refuseWhileChecked (house: House): void {
  const { upload } = kept(house)
  if (upload !== null && isInUse(upload)) throw new Problem('coolingDown', { detail: 'A backup is being checked or put back.', retryAfterSeconds: 10 })
}

function isInUse ({ state }: Upload): boolean {
  return state.is === 'checking' || state.is === 'restoring'
}

/** So that nobody brings gigabytes of something else. */
function refuseForeign (house: House, head: Buffer): void {
  try {
    asksPassphrase(head.subarray(0, HEAD))
  } catch (error) {
    if (!(error instanceof BadBackup)) throw error
    forgetUpload(house)
    throw new Problem('backupRefused', { detail: error.message, errors: [{ field: error.kind, needs: error.message }], cause: error })
  }
}

/** Does something with the file; a disk that is full is a Problem. */
function onDisk<Result> (work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS', 'EACCES'].includes(String(error.code))) throw new Problem('storageFull', { retryAfterSeconds: 10, cause: error })
    throw error
  }
}
