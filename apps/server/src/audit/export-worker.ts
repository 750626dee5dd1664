import { parentPort, workerData } from 'node:worker_threads'
import { readSecrets } from '../platform/secrets.ts'
import { chainMacs } from './append.ts'
import { EmptyExport, exportLines } from './export.ts'
import { foundLines, type FoundOrder } from './found.ts'
import { createSigner } from './signer.ts'
import { readFolder } from './source.ts'

/** What the thread is told and says. A chunk is sent for each `more`, so a slow reader holds up nothing but its own thread. */
export type ExportOrder = { dataDir: string, databaseUrl: string | null, now: number, from?: number | undefined, to?: number | undefined, /** Rows that a search finds, in place of the chain. */ found?: FoundOrder | undefined }
export type ExportNews = { kind: 'chunk', text: string, rows: number, share: number } | { kind: 'end' } | { kind: 'empty', why: string } | { kind: 'failed', why: string }

const CHUNK = 64 * 1024

/** Writes an export on a thread of its own: reading and hashing ten million rows blocks whoever does it. */
const port = parentPort
if (port !== null) {
  let wake: (() => void) | null = null
  let asked = 0
  port.on('message', () => {
    asked++
    wake?.()
  })
  const say = async (news: ExportNews): Promise<void> => {
    while (asked === 0) await new Promise<void>((resolve) => { wake = resolve })
    asked--
    port.postMessage(news)
  }
  try {
    const { dataDir, databaseUrl, found, ...options }: ExportOrder = workerData
    await readFolder({ dataDir, databaseUrl }, { snapshot: false }, async (source, sql) => {
      const { auditKey, checkpointKey } = readSecrets(dataDir)
      if (checkpointKey === null) throw new Error('There is no key to sign with.')
      const far = { rows: 0, share: 0 }
      const onProgress = (rows: number, of: number): void => { Object.assign(far, { rows, share: rows / of }) }
      const lines = found === undefined
        ? exportLines(source, { ...options, signer: createSigner(checkpointKey), macs: chainMacs(auditKey), onProgress })
        : foundLines(sql, found, (rows, share) => { Object.assign(far, { rows, share }) })
      let text = ''
      for await (const line of lines) {
        text += line
        if (text.length < CHUNK) continue
        await say({ kind: 'chunk', text, ...far })
        text = ''
      }
      await say({ kind: 'chunk', text, ...far })
    })
    await say({ kind: 'end' })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    await say(error instanceof EmptyExport ? { kind: 'empty', why } : { kind: 'failed', why })
  }
  port.close()
}
