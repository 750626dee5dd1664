import { parentPort, workerData } from 'node:worker_threads'
import { verifyFolder } from './open-chain.ts'
import type { RecordPlace } from './source.ts'

const place: RecordPlace = workerData

/** Walks the chain on a thread of its own: reading ten million rows blocks whoever does it. */
parentPort?.postMessage(await verifyFolder(place))
