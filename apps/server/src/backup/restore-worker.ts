import { createReadStream } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { BadBackup, type BadKind } from './frame.ts'
import { stageBackup, type StagedBackup } from './restore.ts'

/** `kind`: of a file that can not be used; null: the file is not to blame. */
export type RestoreNews = { is: 'progress', rows: number, of: number } | { is: 'staged', staged: StagedBackup } | { is: 'failed', kind: BadKind | null, why: string }

export type StageOrder = { dataDir: string, path: string, passphrase: string | null, by: string, now: number }

const TELL_EVERY_MS = 200

/** Reads a backup and makes all of it ready, on a thread of its own: what somebody brought is unpacked where it holds up nothing. */
const port = parentPort
if (port !== null) {
  const say = (news: RestoreNews): void => { port.postMessage(news) }
  const { path, ...order }: StageOrder = workerData
  let toldAt = 0
  try {
    const staged = await stageBackup({ ...order, file: createReadStream(path) }, (rows, of) => {
      if (performance.now() - toldAt < TELL_EVERY_MS) return
      toldAt = performance.now()
      say({ is: 'progress', rows, of })
    })
    say({ is: 'staged', staged })
  } catch (error) {
    say({ is: 'failed', kind: error instanceof BadBackup ? error.kind : null, why: error instanceof Error ? error.message : String(error) })
  }
  port.close()
}
