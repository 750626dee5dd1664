import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { chainMacs } from '../audit/append.ts'
import { verifyFolder } from '../audit/open-chain.ts'
import type { RecordPlace } from '../audit/source.ts'
import { joinKey, showProgress, verifyFile, verifyOptions } from './verify-file.ts'
import { readConfig } from '../config.ts'
import { readSecrets } from '../platform/secrets.ts'

/**
 * `oncekey audit verify [FILE] [--data-dir DIR] [--public-key KEY] [--checkpoint FILE]…`: prints how far the record, or an
 * exported file of it, holds. A file needs no data folder; with one, rows are also checked by the record's own key.
 * @returns 0 when it does, 1 when it does not, 2 when it could not be checked
 */
export async function verifyAudit (words: string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({ args: joinKey(words), options: { ...verifyOptions, 'data-dir': { type: 'string' } }, allowPositionals: true })
    const [file, ...others] = positionals
    if (others.length > 0) throw new Error(`One file at a time: ${positionals.join(', ')} are ${positionals.length}.`)
    const asked = values['data-dir']
    const options = { publicKey: values['public-key'], checkpoints: values.checkpoint ?? [] }
    if (file !== undefined) return await verifyFile(file, { ...options, rowMac: asked === undefined ? undefined : chainMacs(readSecrets(resolve(asked)).auditKey).row })
    const progress = showProgress()
    const verdict = await verifyFolder(placeToRead(asked), { ...options, onProgress: progress.show }).finally(progress.end)
    if (verdict.fault !== null) {
      console.log(`The record was tampered with. ${verdict.fault.what}\nRows that hold: ${verdict.rows}.`)
      return 1
    }
    console.log(`The record is intact: ${verdict.rows} rows.${verdict.erased === 0 ? '' : ` The content of ${verdict.erased} of them was erased.`}`)
    if (verdict.lastCheckpoint !== null) console.log(`Checkpoints: ${verdict.checkpoints}, the last one at row ${verdict.lastCheckpoint.seq}.`)
    if (options.checkpoints.length > 0) console.log('It is the record that the witness saw.')
    return 0
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return 2
  }
}

/** Where the record is: as the settings say, or in another folder with its own database. */
export function placeToRead (dataDir: string | undefined): RecordPlace {
  const { databaseUrl, ...config } = readConfig()
  if (dataDir === undefined) return { dataDir: config.dataDir, databaseUrl }
  return databaseUrl === null ? resolve(dataDir) : { dataDir: resolve(dataDir), databaseUrl }
}
