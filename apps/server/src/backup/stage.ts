import { Worker } from 'node:worker_threads'
import { BadBackup } from './frame.ts'
import type { RestoreNews, StageOrder } from './restore-worker.ts'
import type { StagedBackup } from './restore.ts'

/**
 * `stageBackup` on a thread of its own. `stop` ends it wherever it is, and leaves its rubbish to the next start.
 * @throws (by `staged`) BadBackup; Error with the cure
 */
export function stageInThread (order: StageOrder, onProgress: (rows: number, of: number) => void): { staged: Promise<StagedBackup>, stop: () => Promise<void> } {
  const worker = new Worker(new URL('./restore-worker.ts', import.meta.url), { workerData: order, execArgv: [] })
  const staged = new Promise<StagedBackup>((resolve, reject) => {
    worker.on('message', (news: RestoreNews) => {
      if (news.is === 'progress') onProgress(news.rows, news.of)
      else if (news.is === 'staged') resolve(news.staged)
      else reject(news.kind === null ? new Error(news.why) : new BadBackup(news.kind, news.why))
    })
    worker.once('error', reject)
    worker.once('exit', (code) => { reject(new Error(`The thread that reads the backup ended with ${code}.`)) })
  })
  return { staged, async stop () { await worker.terminate() } }
}
