import { parentPort, workerData } from 'node:worker_threads'
import { verifyFolder } from './open-chain.ts'
import type { RecordPlace } from './source.ts'
import type { Verdict } from './verify.ts'

export type ChainNews = { kind: 'progress', rows: number, of: number } | { kind: 'verdict', verdict: Verdict }

const place: RecordPlace = workerData

/** Walks the chain on a thread of its own: reading ten million rows blocks whoever does it. */
parentPort?.postMessage({ kind: 'verdict', verdict: await verifyFolder(place, { onProgress: (rows, of) => { parentPort?.postMessage({ kind: 'progress', rows, of } satisfies ChainNews) } }) } satisfies ChainNews)
