import type { KeyRing, Otp, Steps } from '@oncekey/otp'
import type { FeedEvent } from '@oncekey/protocol/schemas'
import type { Audit } from './audit/append.ts'
import type { Signer } from './audit/signer.ts'
import type { StagedBackup } from './backup/restore.ts'
import type { Config } from './config.ts'
import type { Db } from './platform/db.ts'
import type { Feed } from './platform/feed.ts'
import type { Log } from './platform/log.ts'
import type { CodeStore } from './platform/redis.ts'
import type { Seal } from './platform/seal.ts'
import type { Tls } from './platform/tls/tls.ts'
import type { Transport } from './platform/transport/transport.ts'

/** The parts that main.ts builds and every feature may use. Time, randomness and ids are among them. */
export type House = {
  config: Config
  db: Db
  seal: Seal
  audit: Audit
  /** Signs checkpoints and exports of the record. */
  signer: Signer
  /** The one-time-code engine on the writing connection: only inside `db.write`, and awaited. */
  otp: Otp<'sync' | 'async'>
  /** The keys of one-time codes. */
  keys: KeyRing
  /** The engine's decisions, for what keeps its code in a row of its own. */
  steps: Steps
  /** Where codes of verifications wait to be typed; absent: in their rows. */
  codeStore?: CodeStore
  transport: Transport
  /** TLS of our listeners; null without. */
  tls: Tls | null
  /** Where controllers come. Ports, 0 = none; the authority that they have to trust for TLS, null = any that is known. */
  brokerAt: () => { mqttPort: number, mqttsPort: number, ca: string | null }
  /** Where people come with TLS, without a slash at the end; null without TLS. `hostname`: what they called us by. */
  secureUrl: (hostname?: string) => string | null
  feed: Feed<FeedEvent>
  log: Log
  /** Address of a page, for mails and ways back: at the public address, or where we listen; never what a request says. */
  link: (path: string) => string
  /** ms since 1970 UTC */
  clock: () => number
  /** UUID version 7 */
  newId: () => string
  version: string
  /** Digits of a code, at least; absent: as few as are safe. */
  leastDigits?: number
  startedAt: number
  /** Takes over when a backup is ready beside the data: closes the house, puts it in place, starts another one. Absent: nobody would. */
  putBack?: (staged: StagedBackup) => void
}
