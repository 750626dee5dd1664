import type { HealthReport } from '@oncekey/protocol/schemas'
import type { Kysely } from 'kysely'
import type { Config } from '../config.ts'
import type { Tables } from '../platform/tables.ts'

/** What is known in memory about a controller that is connected, or not. */
export type Present = { online: boolean, queued: number | null, reset: string | null }

/** The installation that is looked at: from inside its server, or from beside it. */
export type Patient = {
  config: Config
  /** Lends a connection that only reads. */
  read: <Result>(work: (sql: Kysely<Tables>) => Promise<Result>) => Promise<Result>
  /** What the running server answers at `/health`; null when none answers. `url`: where it was looked for. */
  server: () => Promise<{ url: string, health: HealthReport | null }>
  /** Where it listens; 0 = not, or not known. */
  ports: { mqtt: number, mqtts: number, https: number }
  /** Null where only the server's memory would know. */
  present: ((controllerId: string) => Present) | null
  /** ms since 1970 UTC */
  now: number
  /** When this program was installed; a clock before it is wrong. ms since 1970 UTC. */
  installedAt: number
  /** An address to mail a test message to; absent: no message leaves. */
  mailTo?: string
  /** How long one part may take. */
  patienceMs: number
}
