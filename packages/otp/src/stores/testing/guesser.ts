/** A worker thread that types codes into a SQLite file as fast as it can and reports the reasons. */
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { challengePolicy, readerPolicy } from '../../budget.ts'
import { createOtp } from '../../engine.ts'
import { sqliteStore } from '../sqlite.ts'
import { reasonOf, ring, seededBytes } from './world.ts'

export type Guesses = { readonly file: string, readonly scope: string, readonly kind: 'reader' | 'challenge', readonly codes: string[], readonly now: number, readonly start: SharedArrayBuffer }

const { file, scope, kind, codes, now, start }: Guesses = workerData
const db = new DatabaseSync(file, { timeout: 10_000 })
const otp = createOtp({ store: sqliteStore(db, { transaction: 'own' }), keys: ring('k1'), clock: () => now, entropy: seededBytes(1) })
const policy = kind === 'reader' ? readerPolicy : challengePolicy
// All workers start together.
Atomics.wait(new Int32Array(start), 0, 0, 10_000)
const reasons = codes.map(code => reasonOf(otp.verify({ purpose: 'unlock', scope, policy, code })))
db.close()
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
parentPort?.postMessage(reasons)
