import type { Otp } from '@oncekey/otp'
import type { FeedEvent } from '@oncekey/protocol/schemas'
import type { Audit } from './audit/append.ts'
import type { Config } from './config.ts'
import type { Db } from './platform/db.ts'
import type { Feed } from './platform/feed.ts'
import type { Log } from './platform/log.ts'
import type { Seal } from './platform/seal.ts'
import type { Transport } from './platform/transport/transport.ts'

/** The parts that main.ts builds and every feature may use. Time, randomness and ids are among them. */
export type House = {
  config: Config
  db: Db
  seal: Seal
  audit: Audit
  /** The one-time-code engine on the writing connection: only inside `db.write`, and awaited. */
  otp: Otp<'sync'> | Otp<'async'>
  transport: Transport
  feed: Feed<FeedEvent>
  log: Log
  /** Address of a page for a message that nobody asked for from a browser: the public one, or where we listen. */
  link: (path: string) => string
  /** ms since 1970 UTC */
  clock: () => number
  /** UUID version 7 */
  newId: () => string
  version: string
  startedAt: number
}
