import { Readable } from 'node:stream'
import { Worker } from 'node:worker_threads'
import type { AuditExportQuery } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { perHouse } from '../platform/per-house.ts'
import { Problem } from '../platform/problems.ts'
import type { Named } from './append.ts'
import type { ExportNews, ExportOrder } from './export-worker.ts'
import { houseMark } from './house-mark.ts'

/** Each takes a thread while it goes on. */
const MOST_AT_ONCE = 2
const underWay = perHouse((_house: House) => ({ count: 0 }))

export type SentExport = { name: string, stream: Readable }

/**
 * Makes the file on a thread of its own, as fast as it is taken, after noting in the record who gets it.
 * @throws Problem notFound when there is no such row, busy when two are under way
 */
export async function sendExport (house: House, { from, to }: AuditExportQuery, actor: Named): Promise<SentExport> {
  const running = underWay(house)
  if (running.count >= MOST_AT_ONCE) throw new Problem('busy', { detail: 'Two exports are under way.', retryAfterSeconds: 10 })
  running.count++
  const lines = inThread({ dataDir: house.config.dataDir, databaseUrl: house.config.databaseUrl, now: house.clock(), from, to })
  const close = (): void => {
    running.count--
    void lines.return(undefined)
  }
  try {
    await houseMark(house)
    // What can be refused is refused before the answer begins, and nothing leaves the house before the note is durable.
    const first = await lines.next()
    await house.db.write(async (trx) => {
      house.audit.append(trx, house.clock(), { event: 'audit.exported', actor: { id: actor.id, name: actor.name }, details: { from: from ?? 1, to: to ?? null } })
    })
    const stream = Readable.from(after(first.done === true ? '' : first.value, lines), { objectMode: false, highWaterMark: 64 * 1024 })
    stream.once('error', (error) => { house.log.warn('an export ended early', { error }) })
    stream.once('close', close)
    const day = new Date(house.clock()).toISOString().slice(0, 10)
    return { name: `oncekey-audit-${day}${from === undefined && to === undefined ? '' : `-rows-${from ?? 1}-to-${to ?? 'last'}`}.ndjson`, stream }
  } catch (error) {
    close()
    throw error
  }
}

async function * after (first: string, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  yield first
  yield * rest
}

async function * inThread (order: ExportOrder): AsyncGenerator<string> {
  const worker = new Worker(new URL('./export-worker.ts', import.meta.url), { workerData: order, execArgv: [] })
  let answer = Promise.withResolvers<ExportNews>()
  let died: Error | null = null
  const die = (error: Error): void => {
    died ??= error
    answer.reject(error)
  }
  worker.on('message', (news: ExportNews) => { answer.resolve(news) })
  worker.on('error', (error) => { die(error instanceof Error ? error : new Error('The thread that exports the record failed.', { cause: error })) })
  worker.on('exit', (code) => { die(new Error(`The thread that exports the record ended with ${code}.`)) })
  try {
    for (;;) {
      if (died !== null) throw died
      answer = Promise.withResolvers()
      worker.postMessage('more')
      const news = await answer.promise
      if (news.kind === 'end') return
      if (news.kind === 'empty') throw new Problem('notFound', { detail: news.why })
      if (news.kind === 'failed') throw new Error(news.why)
      yield news.text
    }
  } finally {
    await worker.terminate()
  }
}
