import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { restoreBackup } from '../backup/restore.ts'
import { readConfig } from '../config.ts'
import { openFile, readPassphrase, sentenceOf } from './backup.ts'
import { showProgress } from './verify-file.ts'

/**
 * `oncekey restore FILE [--passphrase-file FILE] [--replace]`: puts a backup into the data folder, and the database, of the settings.
 * A `-` for FILE takes it from standard input.
 * @returns 0 when it was put back, 1 when it was not (nothing was replaced then), 2 for words that make no sense
 */
export async function restore (words: string[]): Promise<number> {
  let order: { path: string, passphrase: string | null, replace: boolean }
  try {
    const { values, positionals } = parseArgs({ args: words, options: { 'passphrase-file': { type: 'string' }, replace: { type: 'boolean', default: false } }, allowPositionals: true })
    const [path, ...others] = positionals
    if (path === undefined || others.length > 0) throw new Error('Name one file: oncekey restore FILE [--passphrase-file FILE] [--replace]')
    order = { path: path === '-' ? path : resolve(path), passphrase: readPassphrase(values['passphrase-file']), replace: values.replace }
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return 2
  }
  const progress = showProgress()
  try {
    const { dataDir, databaseUrl } = readConfig()
    const { header, aside } = await restoreBackup({ place: { dataDir, databaseUrl }, file: order.path === '-' ? process.stdin : await openFile(order.path), passphrase: order.passphrase, replace: order.replace, by: 'oncekey restore', now: Date.now() }, progress.show).finally(progress.end)
    console.log(`The backup of ${new Date(header.madeAt).toISOString()} is in ${dataDir}, its record up to row ${header.record.seq}.`)
    if (aside !== null) console.log(`What was there is kept beside, in ${aside}. Remove it when you do not need it any more: it has keys in it.`)
    console.log('Start the server now. Everybody signs in anew, codes that were live are over, and controllers come back by themselves. docs/backup.md says what to look at.')
    return 0
  } catch (error) {
    console.error(sentenceOf(error, order.path))
    return 1
  }
}
