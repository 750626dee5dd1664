import { createWriteStream } from 'node:fs'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { chainMacs } from '../audit/append.ts'
import { exportLines } from '../audit/export.ts'
import { createSigner } from '../audit/signer.ts'
import { folderOf, readFolder } from '../audit/source.ts'
import { placeToRead } from './verify-audit.ts'
import { showProgress } from './verify-file.ts'
import { readConfig } from '../config.ts'
import { readSecrets } from '../platform/secrets.ts'

/**
 * `oncekey audit export [--from ROW] [--to ROW] [--data-dir DIR] FILE`: writes the record to a new file (mode 0600) that can be checked
 * anywhere. It only reads, so it leaves no event: whoever can run it can copy the whole data folder.
 * @returns 0, or 2 when nothing could be exported
 */
export async function exportAudit (words: string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({ args: words, options: { 'data-dir': { type: 'string' }, from: { type: 'string' }, to: { type: 'string' } }, allowPositionals: true })
    const [path, ...others] = positionals
    if (path === undefined || others.length > 0) throw new Error('Name one file to write: oncekey audit export [--from ROW] [--to ROW] FILE')
    const from = rowNumber('--from', values.from)
    const to = rowNumber('--to', values.to)
    const place = placeToRead(values['data-dir'])
    const progress = showProgress()
    await readFolder(place, { snapshot: false }, async (source) => {
      const { auditKey, checkpointKey } = signingSecrets(folderOf(place))
      await write(path, exportLines(source, { signer: createSigner(checkpointKey), macs: chainMacs(auditKey), now: Date.now(), from, to, onProgress: progress.show }))
    }).finally(progress.end)
    console.log(`The record is in ${path}. Anybody can check it: oncekey audit verify ${path}`)
    return 0
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return 2
  }
}

/** `oncekey audit key [--data-dir DIR]`: prints the public key that checks checkpoints and exports. */
export function printAuditKey (words: string[]): number {
  try {
    const { values } = parseArgs({ args: words, options: { 'data-dir': { type: 'string' } } })
    const dataDir = values['data-dir'] === undefined ? readConfig().dataDir : resolve(values['data-dir'])
    console.log(createSigner(signingSecrets(dataDir).checkpointKey).publicKey)
    return 0
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return 2
  }
}

function signingSecrets (dataDir: string): { auditKey: Buffer, checkpointKey: Buffer } {
  const { auditKey, checkpointKey } = readSecrets(dataDir)
  if (checkpointKey === null) throw new Error(`${dataDir} is from before there were checkpoints: it has no key to sign with. Start the server once, then try again.`)
  return { auditKey, checkpointKey }
}

function rowNumber (name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`${name} is the number of a row: 1, 2, 3, …`)
  return number
}

async function write (path: string, lines: AsyncGenerator<string>): Promise<void> {
  // The first line shows that there is something to export, before a file is made.
  const first = await lines.next()
  const all = async function * (): AsyncGenerator<string> {
    if (first.done !== true) yield first.value
    yield * lines
  }
  try {
    await pipeline(Readable.from(all(), { objectMode: false, highWaterMark: 64 * 1024 }), createWriteStream(path, { flags: 'wx', mode: 0o600 }))
  } catch (cause) {
    throw couldNotWrite(path, cause)
  }
}

function couldNotWrite (path: string, cause: unknown): unknown {
  if (!(cause instanceof Error && 'syscall' in cause && 'code' in cause)) return cause
  if (cause.code === 'EEXIST') return new Error(`${path} exists already. Name a file that does not exist, so that nothing is lost.`, { cause })
  return new Error(`${path} can not be written (${cause.message}). What is there of it is not whole.`, { cause })
}
