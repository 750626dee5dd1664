import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { verifyFolder } from '../audit/open-chain.ts'
import { readConfig } from '../config.ts'

/**
 * `oncekey audit verify [--data-dir DIR]`: prints how far the record holds.
 * @returns 0 when it does, 1 when it does not, 2 when it could not be checked
 */
export async function verifyAudit (words: string[]): Promise<number> {
  try {
    const { values } = parseArgs({ args: words, options: { 'data-dir': { type: 'string' } } })
    const verdict = verifyFolder(values['data-dir'] === undefined ? readConfig().dataDir : resolve(values['data-dir']))
    if (verdict.fault === null) {
      console.log(`The record is intact: ${verdict.rows} rows.${verdict.erased === 0 ? '' : ` The content of ${verdict.erased} of them was erased.`}`)
      return 0
    }
    console.log(`The record was tampered with. ${verdict.fault.what}\nRows that hold: ${verdict.rows}.`)
    return 1
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return 2
  }
}
