import { readFileSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { parseArgs } from 'node:util'
import { makeBackup } from '../backup/make.ts'
import { checkBackup } from '../backup/restore.ts'
import { readConfig } from '../config.ts'
import { version } from '../main.ts'
import { showProgress } from './verify-file.ts'

/** A file that whoever makes backups touches; the doctor looks at its age. */
const MARK = 'last-backup'

/**
 * `oncekey backup FILE [--passphrase-file FILE] [--check] [--data-dir DIR]`: writes a backup while the server runs or not, or reads one to its end.
 * It leaves no event: whoever can run it can copy the whole data folder.
 * @returns 0 when it was made or is whole, 1 when it was not or is not, 2 for words that make no sense
 */
export async function backup (words: string[]): Promise<number> {
  let order: { path: string, passphrase: string | null, check: boolean, dataDir: string | undefined }
  try {
    const { values, positionals } = parseArgs({ args: words, options: { 'passphrase-file': { type: 'string' }, check: { type: 'boolean', default: false }, 'data-dir': { type: 'string' } }, allowPositionals: true })
    const [path, ...others] = positionals
    if (path === undefined || others.length > 0) throw new Error('Name one file: oncekey backup FILE [--passphrase-file FILE] [--check]')
    order = { path: resolve(path), passphrase: readPassphrase(values['passphrase-file']), check: values.check, dataDir: values['data-dir'] }
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return 2
  }
  const progress = showProgress()
  try {
    if (order.check) {
      const header = await checkBackup({ file: await openFile(order.path), passphrase: order.passphrase }, progress.show).finally(progress.end)
      console.log(`The backup is whole: made on ${new Date(header.madeAt).toISOString()} by ${header.by}, ${rowsOf(header.tables)} rows, record up to row ${header.record.seq}.`)
      return 0
    }
    const config = readConfig()
    const dataDir = order.dataDir === undefined ? config.dataDir : resolve(order.dataDir)
    const made = await makeBackup({ place: { dataDir, databaseUrl: config.databaseUrl }, path: order.path, by: 'oncekey backup', program: version, passphrase: order.passphrase, now: Date.now() }, progress.show).finally(progress.end)
    writeFileSync(join(dataDir, MARK), '')
    console.log(`The backup is in ${order.path}: ${made.rows.toLocaleString('en')} rows, ${Math.ceil(made.bytes / 1024).toLocaleString('en')} kB, record up to row ${made.header.record.seq}.`)
    console.log(order.passphrase === null ? 'Whoever has this file can pose as this server: keep it as you keep the server itself, or encrypt it by --passphrase-file.' : 'Without its passphrase it is worth nothing, to nobody: keep that elsewhere.')
    return 0
  } catch (error) {
    console.error(sentenceOf(error, order.path))
    return 1
  }
}

/** The bytes of a file; one that can not be opened says so here. */
export async function openFile (path: string): Promise<Readable> {
  return (await open(path, 'r')).createReadStream()
}

/** @throws Error with the cure */
export function readPassphrase (path: string | undefined): string | null {
  if (path === undefined) return null
  let text: string
  try {
    text = readFileSync(path, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    throw new Error(`${path} can not be read: name a file that holds the passphrase, on one line.`, { cause })
  }
  if (text.length < 8 || /[\r\n]/.test(text)) throw new Error(`${path} holds no passphrase: one line of 8 signs at least, best 5 words by chance.`)
  return text
}

export function sentenceOf (error: unknown, path: string): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && (error.code === 'ENOENT' || error.code === 'EISDIR' || error.code === 'EACCES') && 'path' in error && error.path === path ? `${path} can not be read (${error.code}). Name a file that "oncekey backup" has written.` : error.message
}

function rowsOf (tables: readonly { rows: number }[]): string {
  return tables.reduce((sum, { rows }) => sum + rows, 0).toLocaleString('en')
}
