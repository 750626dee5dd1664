import { createHmac, createSecretKey } from 'node:crypto'
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createOtp, type Entropy, type KeyRing } from '@oncekey/otp'
import { sqliteStore } from '@oncekey/otp/sqlite'
import { createAudit, type Audit } from './audit/append.ts'
import { createSigner, type Signer } from './audit/signer.ts'
import type { Config } from './config.ts'
import type { House } from './house.ts'
import { createDb, type Db } from './platform/db.ts'
import { migrate } from './platform/migrate.ts'
import { createSeal, type Seal } from './platform/seal.ts'
import { openSecrets, type NamedKey } from './platform/secrets.ts'
import { checkSqliteVersion, openSqlite, type Sqlite } from './platform/sqlite.ts'

export type Records = { db: Db, seal: Seal, audit: Audit, signer: Signer, otp: House['otp'] }

/**
 * Opens the data folder: secrets, database at this program's schema, the record and the code engine over it.
 * @throws Error with the cure when the folder can not be written, or the database is from a newer version
 */
export async function openRecords (config: Config, { clock, entropy }: { clock: () => number, entropy: Entropy }): Promise<Records> {
  checkSqliteVersion()
  try {
    // Only when a parent is missing, too: Node's recursive mkdir never ends where a folder can not be made at all (/proc).
    if (!existsSync(config.dataDir)) mkdirSync(config.dataDir, { recursive: !existsSync(dirname(config.dataDir)), mode: 0o700 })
    // `/.` says whether it is a folder at all.
    accessSync(config.dataDir + '/.', constants.W_OK)
  } catch (cause) {
    throw new Error(`The data folder ${config.dataDir} can not be written to. Give this user write access, or set ONCEKEY_DATA_DIR to another folder.`, { cause })
  }
  const secrets = openSecrets(config.dataDir)
  const path = join(config.dataDir, 'oncekey.db')
  const sqlite = openOrSay(path)
  await migrate(sqlite.writer, path, clock())
  return {
    db: createDb(sqlite),
    seal: createSeal(secrets.sealKeys),
    audit: createAudit(secrets.auditKey),
    signer: createSigner(secrets.checkpointKey),
    otp: createOtp({ store: sqliteStore(sqlite.writer, { transaction: 'caller' }), keys: nodeKeyRing(secrets.codeKeys), clock, entropy, tenant: 'main' })
  }
}

function openOrSay (path: string): Sqlite {
  try {
    return openSqlite(path)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unknown'
    throw new Error(`The database ${path} can not be opened (${why}). Restore the data folder from a backup, or set ONCEKEY_DATA_DIR to another folder. Nothing was changed.`, { cause })
  }
}

/** The engine's key ring on Node's own HMAC: a KeyObject made once is 6x faster than a raw key each time. */
function nodeKeyRing (keys: NamedKey[]): KeyRing {
  const objects = new Map(keys.map((one) => [one.id, createSecretKey(one.key)]))
  return {
    current: keys[0]?.id ?? '',
    keyIds: keys.map((one) => one.id),
    hmac (keyId, message) {
      const key = objects.get(keyId)
      if (key === undefined) throw new Error(`No code key ${keyId}.`)
      return createHmac('sha256', key).update(message).digest('hex')
    }
  }
}
