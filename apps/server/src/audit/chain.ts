import { Worker } from 'node:worker_threads'
import type { ChainState } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { perHouse } from '../platform/per-house.ts'
import type { RecordPlace } from './source.ts'
import type { Verdict } from './verify.ts'

const underWay = perHouse((): { walk: Promise<ChainState> | null } => ({ walk: null }))

/** Verifies the chain on a thread of its own. Whoever asks while one walk is under way gets its result. */
export function checkChain (house: House): Promise<ChainState> {
  const one = underWay(house)
  one.walk ??= walkInThread({ dataDir: house.config.dataDir, databaseUrl: house.config.databaseUrl }).then((verdict) => ({ ...verdict, checkedAt: house.clock() })).finally(() => { one.walk = null })
  return one.walk
}

function walkInThread (place: RecordPlace): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./chain-worker.ts', import.meta.url), { workerData: place, execArgv: [] })
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => { reject(new Error(`The thread that checks the chain ended with ${code}.`)) })
  })
}
