import { Worker } from 'node:worker_threads'
import type { ChainState } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { perHouse } from '../platform/per-house.ts'
import type { ChainNews } from './chain-worker.ts'
import type { RecordPlace } from './source.ts'
import type { Verdict } from './verify.ts'

const underWay = perHouse((): { walk: Promise<ChainState> | null, far: { rows: number, of: number } } => ({ walk: null, far: { rows: 0, of: 0 } }))

/** Verifies the chain on a thread of its own. Whoever asks while one walk is under way gets its result. */
export function checkChain (house: House): Promise<ChainState> {
  const one = underWay(house)
  if (one.walk === null) one.far = { rows: 0, of: 0 }
  one.walk ??= walkInThread({ dataDir: house.config.dataDir, databaseUrl: house.config.databaseUrl }, (far) => { one.far = far }).then((verdict) => ({ ...verdict, checkedAt: house.clock() })).finally(() => { one.walk = null })
  return one.walk
}

/** How far the walk is that is under way; null: none is. */
export function chainProgress (house: House): { rows: number, of: number } | null {
  const { walk, far } = underWay(house)
  return walk === null ? null : far
}

function walkInThread (place: RecordPlace, onProgress: (far: { rows: number, of: number }) => void): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./chain-worker.ts', import.meta.url), { workerData: place, execArgv: [] })
    worker.on('message', (news: ChainNews) => {
      if (news.kind === 'progress') onProgress({ rows: news.rows, of: news.of })
      else resolve(news.verdict)
    })
    worker.once('error', reject)
    worker.once('exit', (code) => { reject(new Error(`The thread that checks the chain ended with ${code}.`)) })
  })
}
