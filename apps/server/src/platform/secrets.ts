import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** One key of a ring: the newest first, older ones still open what they closed. `key`: 32 bytes. */
export type NamedKey = { id: string, key: Buffer }

/** The secrets of an installation, beside the database and never in it. `checkpointKey`: Ed25519 private key, PKCS #8 DER. */
export type Secrets = { codeKeys: NamedKey[], sealKeys: NamedKey[], auditKey: Buffer, checkpointKey: Buffer }

type StoredKey = { id: string, key: string }
type Stored = { version: 1, codeKeys: StoredKey[], sealKeys: StoredKey[], auditKey: string, checkpointKey?: string }

/**
 * Reads the secrets of a data folder; the first start makes them (file mode 0600).
 * @throws Error with the cure when the file is not as it was written: with a wrong key no code would open, and the record
 *   would go on under a key that nobody has
 */
export function openSecrets (dataDir: string): Secrets {
  const path = join(dataDir, 'secrets.json')
  if (!existsSync(path)) write(path, { version: 1, codeKeys: [fresh('c1')], sealKeys: [fresh('s1')], auditKey: fresh('').key, checkpointKey: freshSigningKey() })
  const stored = read(path)
  // A folder from before there were checkpoints.
  if (stored.checkpointKey === undefined) write(path, { ...stored, checkpointKey: freshSigningKey() })
  return { ...ringsOf(stored), checkpointKey: Buffer.from(read(path).checkpointKey ?? '', 'base64url') }
}

/** The same, changing nothing: a folder from before there were checkpoints has no key to sign them. */
export function readSecrets (dataDir: string): Omit<Secrets, 'checkpointKey'> & { checkpointKey: Buffer | null } {
  const stored = read(join(dataDir, 'secrets.json'))
  return { ...ringsOf(stored), checkpointKey: stored.checkpointKey === undefined ? null : Buffer.from(stored.checkpointKey, 'base64url') }
}

function read (path: string): Stored {
  const stored = readStored(path)
  if (stored === null) {
    throw new Error(`${path} is from a newer version or damaged. Restore it from a backup: without it live codes and the record can not be checked. Nothing was changed.`)
  }
  return stored
}

/** What is written in the file; null when that is not what we wrote. */
function readStored (path: string): Stored | null {
  try {
    const { check, ...stored }: Partial<Stored> & { check?: unknown } = JSON.parse(readFileSync(path, 'utf8'))
    if (stored.version !== 1 || !isRing(stored.codeKeys) || !isRing(stored.sealKeys) || !isKey(stored.auditKey)) return null
    // Files of the first version have no check.
    if (check !== undefined && check !== checkOf(stored)) return null
    return { ...stored, version: 1, codeKeys: stored.codeKeys, sealKeys: stored.sealKeys, auditKey: stored.auditKey }
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

function isRing (ring: unknown): ring is StoredKey[] {
  return Array.isArray(ring) && ring.length > 0 && ring.every((one) => typeof one?.id === 'string' && isKey(one.key))
}

function isKey (text: unknown): text is string {
  return typeof text === 'string' && /^[\w-]{43}$/.test(text)
}

/** One flipped bit would be another key: this tells. It is no secret, and keeps out nobody who may write the file. */
function checkOf (stored: object): string {
  return createHash('sha256').update(JSON.stringify(stored)).digest('base64url').slice(0, 16)
}

function ringsOf (stored: Stored): Omit<Secrets, 'checkpointKey'> {
  return { codeKeys: stored.codeKeys.map(named), sealKeys: stored.sealKeys.map(named), auditKey: Buffer.from(stored.auditKey, 'base64url') }
}

function freshSigningKey (): string {
  return generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64url')
}

function fresh (id: string): StoredKey {
  return { id, key: randomBytes(32).toString('base64url') }
}

function named (one: StoredKey): NamedKey {
  return { id: one.id, key: Buffer.from(one.key, 'base64url') }
}

function write (path: string, stored: Stored): void {
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 })
  const half = path + '.new'
  const file = openSync(half, 'w', 0o600)
  writeSync(file, JSON.stringify({ ...stored, check: checkOf(stored) }))
  fsyncSync(file)
  closeSync(file)
  // A rename is atomic: a power cut leaves either no secrets or all of them.
  renameSync(half, path)
}
