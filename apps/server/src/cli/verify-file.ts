import { parseArgs } from 'node:util'
import { verifyExport, type ExportVerifyOptions } from '../audit/verify-export.ts'

export const verifyOptions = { 'public-key': { type: 'string' }, checkpoint: { type: 'string', multiple: true } } as const

/** One key in 64 begins with a dash, and what begins so is taken for an option, unless it is joined to its own. */
export function joinKey (words: readonly string[]): string[] {
  const at = words.indexOf('--public-key')
  const key = words[at + 1]
  return at === -1 || key === undefined ? [...words] : [...words.slice(0, at), `--public-key=${key}`, ...words.slice(at + 2)]
}

/**
 * Verifies an exported file and prints the verdict.
 * @returns 0 when it holds, 1 when it does not
 * @throws Error when it could not be checked
 */
export async function verifyFile (path: string, options: ExportVerifyOptions): Promise<number> {
  const progress = showProgress()
  const { fault, header, ...found } = await verifyExport(path, { ...options, onProgress: progress.show }).finally(progress.end)
  if (fault !== null) {
    console.log(`The file was tampered with, or is not whole. ${fault}\nRows that hold: ${found.rows}.`)
    return 1
  }
  const erased = found.erased === 0 ? '' : ` The content of ${found.erased} of them was erased.`
  console.log(`The file is intact: rows ${header?.from} to ${header?.to} of ${header?.last}, exported on ${new Date(header?.time ?? 0).toISOString()}, with ${found.checkpoints} checkpoints.${erased}`)
  console.log(`Record ${header?.house}, generation ${header?.generation}. Signed with the key ${header?.publicKey}.`)
  if (options.publicKey === undefined) console.log('Compare this key with the one that you noted: whoever makes a file anew signs it with a key of their own (--public-key).')
  if (options.checkpoints !== undefined && options.checkpoints.length > 0) console.log(`Checkpoints of witnesses that fit: ${found.compared}.`)
  return 0
}

/** The program of its own: FILE [--public-key KEY] [--checkpoint FILE]… @returns 0, 1, or 2 when the file could not be checked */
export async function verifyAlone (words: string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({ args: joinKey(words), options: verifyOptions, allowPositionals: true })
    const [path, ...others] = positionals
    if (path === undefined || others.length > 0) throw new Error('Usage: node oncekey-verify.mjs FILE [--public-key KEY] [--checkpoint FILE]…\nChecks a record that was exported from Oncekey: docs/audit.md says how, and what the answer means.')
    return await verifyFile(path, { publicKey: values['public-key'], checkpoints: values.checkpoint ?? [] })
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return 2
  }
}

const ON_SCREEN_EVERY_MS = 250
const IN_LOG_EVERY_MS = 10_000

/** Says on standard error how far a long walk is: in one line that changes on a screen, in a line now and then elsewhere. */
export function showProgress (): { show: (rows: number, of: number) => void, end: () => void } {
  const { stderr } = process
  const begun = performance.now()
  let latest = begun
  let isShown = false
  return {
    show (rows, of) {
      const now = performance.now()
      if (now - latest < (stderr.isTTY ? ON_SCREEN_EVERY_MS : IN_LOG_EVERY_MS)) return
      latest = now
      isShown = true
      const share = of === 0 ? '' : `${Math.min(100, Math.floor(100 * rows / of))} %, `
      const text = `${share}${rows.toLocaleString('en')} rows, ${Math.round(1000 * rows / (now - begun)).toLocaleString('en')} rows/s`
      stderr.write(stderr.isTTY ? `\r\u001b[K${text}` : text + '\n')
    },
    end () { if (isShown && stderr.isTTY) stderr.write('\r\u001b[K') }
  }
}
