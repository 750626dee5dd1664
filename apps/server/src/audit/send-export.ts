import { Readable } from 'node:stream'
import { Worker } from 'node:worker_threads'
import type { House } from '../house.ts'
import { perHouse } from '../platform/per-house.ts'
import { Problem } from '../platform/problems.ts'
import type { AuditFact, Named } from './append.ts'
import type { ExportNews, ExportOrder } from './export-worker.ts'
import { followExport, type Progress } from './exports.ts'
import type { FoundOrder } from './found.ts'
import { houseMark } from './house-mark.ts'

/** Each takes a thread while it goes on. */
const MOST_AT_ONCE = 2
const underWay = perHouse((_house: House) => ({ count: 0 }))

export type SentExport = { name: string, stream: Readable, type: string }

/** The record as it is chained, or rows that a search found: see docs/audit.md. `ticket`: the name by which its page follows it. */
type Wanted = { ticket?: string | undefined } & ({ from?: number | undefined, to?: number | undefined } | { found: Omit<FoundOrder, 'now'> })

/** @throws Problem busy when two are under way */
export function refuseMore (house: House): void {
  if (underWay(house).count >= MOST_AT_ONCE) throw new Problem('busy', { detail: 'Two exports are under way.', retryAfterSeconds: 10 })
}

/**
 * Makes the file on a thread of its own, as fast as it is taken, after noting in the record who gets it.
 * @throws Problem notFound when there is no such row, busy when two are under way
 */
export async function sendExport (house: House, wanted: Wanted, actor: Named): Promise<SentExport> {
  refuseMore(house)
  const running = underWay(house)
  const progress = wanted.ticket === undefined ? null : followExport(house, { ticket: wanted.ticket, personId: actor.id })
  running.count++
  const now = house.clock()
  const place = { dataDir: house.config.dataDir, databaseUrl: house.config.databaseUrl, now }
  const lines = inThread('found' in wanted ? { ...place, found: { ...wanted.found, now } } : { ...place, from: wanted.from, to: wanted.to }, progress)
  const close = (): void => {
    running.count--
    void lines.return(undefined)
  }
  try {
    await houseMark(house)
    // What can be refused is refused before the answer begins, and nothing leaves the house before the note is durable.
    const first = await lines.next()
    await house.db.write(async (trx) => { house.audit.append(trx, house.clock(), { ...noteOf(wanted), actor: { id: actor.id, name: actor.name } }) })
    const stream = Readable.from(after(first.done === true ? '' : first.value, lines), { objectMode: false, highWaterMark: 64 * 1024 })
    stream.once('error', (error) => { house.log.warn('an export ended early', { error }) })
    stream.once('close', close)
    progress?.begun(stream)
    return { ...fileOf(wanted, now), stream }
  } catch (error) {
    progress?.failed()
    close()
    throw error
  }
}

function noteOf (wanted: Wanted): Pick<AuditFact, 'event' | 'details'> {
  if (!('found' in wanted)) return { event: 'audit.exported', details: { from: wanted.from ?? 1, to: wanted.to ?? null } }
  const { format, asked: { text, ...asked }, filter } = wanted.found
  // What stands for nobody and nothing may be anything that was typed into the wrong field, a code even.
  const isMeant = filter.clauses.every((clause) => clause.length > 0)
  return { event: 'audit.rowsExported', details: { format, ...asked, ...text !== undefined && isMeant ? { text } : {} } }
}

function fileOf (wanted: Wanted, now: number): Pick<SentExport, 'name' | 'type'> {
  const day = new Date(now).toISOString().slice(0, 10)
  if ('found' in wanted) return wanted.found.format === 'csv' ? { name: `oncekey-found-${day}.csv`, type: 'text/csv; charset=utf-8; header=present' } : { name: `oncekey-found-${day}.json`, type: 'application/json; charset=utf-8' }
  const { from, to } = wanted
  return { name: `oncekey-audit-${day}${from === undefined && to === undefined ? '' : `-rows-${from ?? 1}-to-${to ?? 'last'}`}.ndjson`, type: 'application/x-ndjson' }
}

async function * after (first: string, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  yield first
  yield * rest
}

async function * inThread (order: ExportOrder, progress: Progress | null): AsyncGenerator<string> {
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
      if (progress !== null) Object.assign(progress, { rows: news.rows, share: news.share })
      yield news.text
    }
  } finally {
    await worker.terminate()
  }
}
