import { readSecrets } from '../platform/secrets.ts'
import { chainMacs } from './append.ts'
import { readPublicKey } from './format.ts'
import { createSigner } from './signer.ts'
import { folderOf, readFolder, type RecordPlace } from './source.ts'
import { verifyChain, type Verdict } from './verify.ts'
import { readWitnesses } from './witnessed.ts'

export type FolderOptions = {
  /** Files with checkpoints that were kept elsewhere. */
  checkpoints?: readonly string[]
  /** The public key as it was noted elsewhere; it must be the folder's. */
  publicKey?: string | undefined
  onProgress?: (rows: number, of: number) => void
}

/**
 * Verifies the record in a data folder, whether its server runs or not, and changes nothing there.
 * @throws Error with the cure when there is no database or no key in it, or it can not be read
 */
export async function verifyFolder (place: RecordPlace, { checkpoints = [], publicKey, onProgress }: FolderOptions = {}): Promise<Verdict> {
  return readFolder(place, { snapshot: true }, async (source) => {
    const { auditKey, checkpointKey } = readSecrets(folderOf(place))
    const ours = checkpointKey === null ? null : createSigner(checkpointKey).publicKey
    if (publicKey !== undefined && publicKey !== ours) throw new Error(`The data folder signs with ${ours ?? 'no key'}, not with ${publicKey}: this is another installation's folder, or somebody changed its keys.`)
    return verifyChain(source, {
      macs: chainMacs(auditKey), publicKey: ours === null ? null : readPublicKey(ours),
      witnessed: checkpoints.length === 0 ? undefined : readWitnesses(checkpoints, ours ?? ''),
      ...(onProgress === undefined ? {} : { onProgress })
    })
  })
}
