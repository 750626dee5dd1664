import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createOtp, createSteps, type Entropy, type KeyRing, type Otp, type Store } from '@oncekey/otp'
import { sqliteStore } from '@oncekey/otp/sqlite'
import { createAudit, type Audit } from './audit/append.ts'
import { createSigner, type Signer } from './audit/signer.ts'
import { finishRestore } from './backup/place.ts'
import type { Config } from './config.ts'
import type { House } from './house.ts'
import { createDb, type Db } from './platform/db.ts'
import type { Log } from './platform/log.ts'
import { migrate } from './platform/migrate.ts'
import { keyedHmac } from './platform/hmac.ts'
import { createSeal, type Seal } from './platform/seal.ts'
import { openSecrets, type NamedKey } from './platform/secrets.ts'
import { checkSqliteVersion, openSqlite, type Sqlite } from './platform/sqlite.ts'
import { layOutLog } from './platform/sqlite-log.ts'

export type Records = { db: Db, seal: Seal, audit: Audit, signer: Signer, keys: KeyRing, otp: House['otp'], steps: House['steps'] }

export type RecordsOptions = {
  clock: () => number
  entropy: Entropy
  /** Hears that PostgreSQL is waited for. */
  log?: Log
  /** How long an absent PostgreSQL is waited for. */
  patienceMs?: number
  /** Of this program, for a backup that is made before an upgrade. */
  version?: string
  /** Whether many writes will follow, as in a server: then SQLite's log gets its whole room at once. */
  willWriteMuch?: boolean
}

/**
 * Opens the data folder: secrets, database at this program's schema, the record and the code engine over it. With
 * ONCEKEY_DATABASE_URL the database is there, and the folder has the secrets only.
 * @throws Error with the cure when the folder can not be written, or the database can not be used or is from a newer version
 */
export async function openRecords (config: Config, options: RecordsOptions): Promise<Records> {
  try {
    // Only when a parent is missing, too: Node's recursive mkdir never ends where a folder can not be made at all (/proc).
    if (!existsSync(config.dataDir)) mkdirSync(config.dataDir, { recursive: !existsSync(dirname(config.dataDir)), mode: 0o700 })
    // `/.` says whether it is a folder at all.
    accessSync(config.dataDir + '/.', constants.W_OK)
  } catch (cause) {
    throw new Error(`The data folder ${config.dataDir} can not be written to. Give this user write access, or set ONCEKEY_DATA_DIR to another folder.`, { cause })
  }
  if (await finishRestore(config)) options.log?.info('a restore that was interrupted was brought to its end', { folder: config.dataDir })
  const secrets = openSecrets(config.dataDir)
  const parts = { keys: nodeKeyRing(secrets.codeKeys), clock: options.clock, entropy: options.entropy, tenant: 'main' }
  const engine = <Mode extends 'sync' | 'async'>(store: Store<Mode>): Otp<Mode> => createOtp({ ...parts, store })
  const { db, otp } = config.databaseUrl === null ? await inFolder(config.dataDir, options, engine) : await atUrl({ dataDir: config.dataDir, databaseUrl: config.databaseUrl }, options, engine)
  return { db, otp, keys: parts.keys, steps: createSteps(parts), seal: createSeal(secrets.sealKeys), audit: createAudit(secrets.auditKey), signer: createSigner(secrets.checkpointKey) }
}

type Opened = { db: Db, otp: House['otp'] }

async function inFolder (dataDir: string, { clock, willWriteMuch = false }: RecordsOptions, engine: (store: Store<'sync'>) => Otp<'sync'>): Promise<Opened> {
  checkSqliteVersion()
  const path = join(dataDir, 'oncekey.db')
  const sqlite = openOrSay(path)
  await migrate(sqlite.writer, path, clock())
  if (willWriteMuch) layOutLog(sqlite.writer, path)
  return { db: createDb(sqlite), otp: engine(sqliteStore(sqlite.writer, { transaction: 'caller' })) }
}

async function atUrl (place: { dataDir: string, databaseUrl: string }, { clock, log, patienceMs, version = 'unknown' }: RecordsOptions, engine: (store: Store<'async'>) => Otp<'async'>): Promise<Opened> {
  // Loaded only where it is used: ten megabytes of an idle server.
  const url = place.databaseUrl
  const [{ checkPostgres }, { migratePostgres }, { openPostgres }, { postgresStore }, { backUpBeforeUpgrade }] = await Promise.all([
    import('./platform/postgres-session.ts'), import('./platform/migrate-postgres.ts'), import('./platform/postgres.ts'), import('@oncekey/otp/postgres'), import('./backup/before-upgrade.ts')
  ])
  await checkPostgres(url, (what) => { log?.warn(what) }, patienceMs)
  const kept = await backUpBeforeUpgrade(place, { program: version, now: clock() })
  if (kept !== null) log?.info('before the upgrade a backup of the database was made', { path: kept })
  await migratePostgres(url, clock())
  const postgres = openPostgres(url)
  return { db: createDb(postgres), otp: engine(postgresStore(postgres, { transaction: 'caller' })) }
}

function openOrSay (path: string): Sqlite {
  try {
    return openSqlite(path)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unknown'
    throw new Error(`The database ${path} can not be opened (${why}). Restore the data folder from a backup, or set ONCEKEY_DATA_DIR to another folder. Nothing was changed.`, { cause })
  }
}

/** The engine's key ring on Node's own SHA-256. */
function nodeKeyRing (keys: NamedKey[]): KeyRing {
  const macs = new Map(keys.map((one) => [one.id, keyedHmac(one.key)]))
  return {
    current: keys[0]?.id ?? '',
    keyIds: keys.map((one) => one.id),
    hmac (keyId, message) {
      const mac = macs.get(keyId)
      if (mac === undefined) throw new Error(`No code key ${keyId}.`)
      return mac.hex(message)
    }
  }
}
