import { rmSync } from 'node:fs'
import type { RestoreCheckForm, RestoreState } from '@oncekey/protocol/schemas'
import { BadBackup } from '../backup/frame.ts'
import { dropUnfinished } from '../backup/place.ts'
import { stageInThread } from '../backup/stage.ts'
import type { House } from '../house.ts'
import { perHouse } from '../platform/per-house.ts'
import { Problem } from '../platform/problems.ts'
import { repeat, type Loop } from '../platform/repeat.ts'
import { hasOwner, spendSetupToken } from './token.ts'
import { findUpload, forgetIdleUpload, forgetUpload, uploadPath, type Upload } from './upload.ts'

const underWay = perHouse((_house: House): { stop: () => Promise<void>, done: Promise<void>, isStopping: boolean, isSetUp: boolean } => ({ stop: async () => {}, done: Promise.resolve(), isStopping: false, isSetUp: false }))

/**
 * Reads all of the file that was brought and makes it ready beside the data; it goes on by itself. Then, while there still is
 * no owner, the house is handed over: whoever started it closes it, changes the names, and starts it on the restored data.
 * @throws Problem notFound; badRequest when something of the file is missing; coolingDown while it is checked already
 */
export function beginCheck (house: House, id: string, { passphrase }: RestoreCheckForm): RestoreState {
  const upload = findUpload(house, id)
  const { state } = upload
  if (state.is === 'checking' || state.is === 'restoring') throw new Problem('coolingDown', { detail: 'The backup is being checked.', retryAfterSeconds: 1 })
  if (state.received < state.bytes || (state.is === 'refused' && state.fault?.kind !== 'passphrase')) throw new Problem('badRequest', { detail: `Of ${state.bytes} bytes ${state.received} are here. Send the rest first, or begin anew.` })
  Object.assign(state, { is: 'checking', rows: 0, of: 0, fault: null })
  const now = house.clock()
  const { staged, stop } = stageInThread({ dataDir: house.config.dataDir, path: uploadPath(house), passphrase: passphrase ?? null, by: 'set-up page', now }, (rows, of) => { Object.assign(state, { rows, of }) })
  const done = staged.then(async (ready) => {
    const isOurs = await house.db.write(async (trx) => {
      if (await hasOwner(trx)) return false
      // In this transaction, so that no form that comes meanwhile makes an owner whom nobody would ever see again.
      await spendSetupToken(trx)
      return true
    })
    if (!isOurs) return refuseSetUp(house, upload)
    state.is = 'restoring'
    rmSync(uploadPath(house), { force: true })
    house.log.info('a backup that was brought is put back; the server starts anew', { madeAt: new Date(ready.header.madeAt).toISOString(), kept: ready.aside })
    house.putBack?.(ready)
  }).catch((error: unknown) => {
    if (underWay(house).isSetUp) refuseSetUp(house, upload)
    else if (error instanceof BadBackup) refuse(house, upload, error.kind, error.message)
    else {
      if (!underWay(house).isStopping) house.log.error('a backup that was brought could not be made ready', { error })
      refuse(house, upload, 'place', error instanceof Error ? error.message : String(error))
    }
  })
  Object.assign(underWay(house), { stop, done })
  return state
}

/** Somebody set this house up: what was brought for it is not kept, and what is being read is not read to its end. */
export async function endRestore (house: House): Promise<void> {
  const check = underWay(house)
  check.isSetUp = true
  await check.stop()
  await check.done
  forgetUpload(house)
}

/** Resolves when nothing is being checked. */
export function checkDone (house: House): Promise<void> {
  return underWay(house).done
}

function refuseSetUp (house: House, upload: Upload): void {
  refuse(house, upload, 'setUp', 'Oncekey was set up meanwhile. The backup was not put back.')
}

function refuse (house: House, upload: Upload, kind: NonNullable<RestoreState['fault']>['kind'], says: string): void {
  Object.assign(upload.state, { is: 'refused', fault: { kind, says } })
  upload.touchedAt = house.clock()
  dropUnfinished(house.config.dataDir, { keepsUpload: kind === 'passphrase' })
}

/** Removes what an earlier start left half brought or half read, and what nobody goes on with. */
export function startSetupWork (house: House): Loop {
  if (house.config.databaseUrl === null) dropUnfinished(house.config.dataDir, { keepsUpload: false })
  const loop = repeat(60_000, async () => { forgetIdleUpload(house) }, house.log)
  return {
    async stop () {
      await loop.stop()
      const check = underWay(house)
      check.isStopping = true
      await check.stop()
      await check.done
      forgetUpload(house)
    }
  }
}
