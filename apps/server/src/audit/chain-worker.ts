import { parentPort, workerData } from 'node:worker_threads'
import { verifyFolder } from './open-chain.ts'

/** Walks the chain on a thread of its own: reading ten million rows blocks whoever does it. */
parentPort?.postMessage(await verifyFolder(String(workerData)))
