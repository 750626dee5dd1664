import { parentPort, workerData } from 'node:worker_threads'
import { makeBackup, type BackupOrder, type MadeBackup } from './make.ts'

/** What the thread says of its one backup. */
export type BackupNews = { is: 'progress', rows: number, of: number } | { is: 'made', made: MadeBackup } | { is: 'failed', why: string }

const TELL_EVERY_MS = 200

/** Makes a backup on a thread of its own: reading and packing ten million rows blocks whoever does it. */
const port = parentPort
if (port !== null) {
  const say = (news: BackupNews): void => { port.postMessage(news) }
  const order: BackupOrder = workerData
  let toldAt = 0
  try {
    const made = await makeBackup(order, (rows, of) => {
      if (performance.now() - toldAt < TELL_EVERY_MS) return
      toldAt = performance.now()
      say({ is: 'progress', rows, of })
    })
    say({ is: 'made', made })
  } catch (error) {
    say({ is: 'failed', why: error instanceof Error ? error.message : String(error) })
  }
  port.close()
}
