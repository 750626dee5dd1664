import type { WitnessState } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { fileWitness } from './witness-file.ts'
import { mailWitness } from './witness-mail.ts'
import { recordState } from './work.ts'

const SHOWN = 10

/** How far checkpoints are, and who keeps them elsewhere. */
export async function witnessState (house: House): Promise<WitnessState> {
  const checkpoints = await house.db.read.selectFrom('audit_checkpoints').select(['seq', 'time']).orderBy('seq', 'desc').limit(SHOWN).execute()
  const file = fileWitness(house)
  return {
    publicKey: house.signer.publicKey, lastCheckpoint: checkpoints[0] ?? null, broken: recordState(house).broken ?? file.takenBack,
    file: house.config.witnessFile === null ? null : { path: house.config.witnessFile, seq: file.seq ?? 0, fault: file.fault },
    mail: await mailWitness(house), canMail: house.config.smtpUrl !== null, checkpoints
  }
}
