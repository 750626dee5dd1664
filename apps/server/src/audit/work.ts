import type { House } from '../house.ts'
import { moreChecks } from '../platform/health.ts'
import { perHouse } from '../platform/per-house.ts'
import { repeat, type Loop } from '../platform/repeat.ts'
import { BrokenRecord, makeCheckpoints } from './checkpoints.ts'
import { eraseWhatIsDue } from './erase.ts'
import { noteSlots } from './slots.ts'
import { fileWitness, writeWitnessFile } from './witness-file.ts'
import { mailCheckpoint } from './witness-mail.ts'

/** About as long as a thousand rows take. */
const REST_MS = 20

/** Why no checkpoint can be signed any more; null while the record holds. */
export const recordState = perHouse((_house: House): { broken: string | null } => ({ broken: null }))

/** Checkpoints of the record are signed and given to the witnesses, also when nobody asks. */
export function startAuditWork (house: House): Loop {
  moreChecks(house).push(() => recordCheck(house), () => witnessCheck(house))
  let isStopped = false
  const loops = [
    repeat(1_000, () => signWhatIsNew(house), house.log),
    // A loop of its own: a disk elsewhere that hangs holds up no checkpoint.
    repeat(1_000, () => writeWitnessFile(house), house.log),
    repeat(10_000, () => noteSlots(house), house.log),
    repeat(30_000, () => eraseWhatIsDue(house, () => !isStopped), house.log)
  ]
  return {
    async stop () {
      isStopped = true
      for (const loop of loops) await loop.stop()
    }
  }
}

/** One turn: everything that is due is signed; the newest is mailed. */
export async function signWhatIsNew (house: House): Promise<void> {
  const state = recordState(house)
  try {
    // A thousand rows at a time, and a rest in between for requests: after an upgrade there may be millions.
    while ((await makeCheckpoints(house)).length > 0) await new Promise((resolve) => { setTimeout(resolve, REST_MS) })
    state.broken = null
  } catch (error) {
    if (!(error instanceof BrokenRecord)) throw error
    if (state.broken === error.message) return
    const isNew = state.broken === null
    state.broken = error.message
    house.log.error('the record is not as it was written; no checkpoint is signed any more', { why: error.message })
    if (isNew) await house.db.write(async (trx) => { house.audit.append(trx, house.clock(), { event: 'audit.broken', details: { why: error.message } }) })
  }
  await mailCheckpoint(house)
}

type Check = ReturnType<ReturnType<typeof moreChecks>[number]>

function recordCheck (house: House): Check {
  const { broken } = recordState(house)
  const why = broken ?? fileWitness(house).takenBack
  return why === null ? { name: 'record', status: 'ok', says: 'Holds as far as it was looked at.' } : { name: 'record', status: 'degraded', says: `${why} Run "oncekey audit verify" and look into it.` }
}

function witnessCheck (house: House): Check {
  if (house.config.witnessFile === null) return { name: 'witness', status: 'ok', says: 'No file is set.' }
  const { fault } = fileWitness(house)
  return fault === null
    ? { name: 'witness', status: 'ok', says: 'The file has every checkpoint.' }
    : { name: 'witness', status: 'degraded', says: `The file can not be written (${fault}). Look at its disk and its rights; what is missing follows by itself.` }
}
