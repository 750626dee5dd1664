import { createCipheriv, createDecipheriv, createHash, createSecretKey, randomBytes, scrypt, type KeyObject } from 'node:crypto'

/*
 * The outside of a backup: one line that says what it is, then AES-256-GCM in parts of one size. The nonce of a part is its number and
 * whether it is the last one, and the first line is under each tag, so a part that is missing, moved, changed or added
 * does not open (the STREAM construction: Hoang, Reyhanitabar, Rogaway, Vizár, 2015). Without a passphrase the key is in the file,
 * and the tags find accidents only.
 */

/** Bytes of a part before its tag; the last one has as many as are left. */
export const PART = 65_536
const TAG = 16
const SALT = 16
/** Of scrypt (RFC 7914), with r = 8 and p = 1: 64 MB and a quarter of a second for each guess at a passphrase. */
const COST = 65_536
/** What a file may ask for: more would be an attack on whoever reads it. 0: no passphrase. */
const COSTS = [0, 32_768, COST, 131_072, 262_144]
const MOST_FIRST_LINE = 256

/** What is the matter with a file, for pages that say it in their own words: none of ours, of a newer version, sealed by other words, or not as it was written. */
export type BadKind = 'foreign' | 'newer' | 'passphrase' | 'damaged'

/** The file can not be used; the sentence says why, and what to do. */
export class BadBackup extends Error {
  readonly kind: BadKind

  constructor (kind: BadKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}

type FirstLine = { version: number, cost: number, salt: Buffer }

/** What travels of some bytes, in a bounded memory. @param passphrase null: everybody may read it */
export async function * sealParts (bytes: AsyncIterable<Buffer>, passphrase: string | null): AsyncGenerator<Buffer> {
  const first: FirstLine = { version: 1, cost: passphrase === null ? 0 : COST, salt: randomBytes(SALT) }
  const line = lineOf(first)
  const key = await keyOf(first, passphrase)
  yield line
  let number = 0
  const close = (part: Buffer, isLast: boolean): Buffer => {
    const cipher = createCipheriv('aes-256-gcm', key, nonce(number++, isLast), { authTagLength: TAG }).setAAD(line)
    return Buffer.concat([cipher.update(part), cipher.final(), cipher.getAuthTag()])
  }
  for await (const { part, isLast } of partsOf(bytes, PART)) yield close(part, isLast)
}

/**
 * The bytes that were sealed. What it gives was checked, part by part; that it is whole is known when it ends.
 * @throws BadBackup for what is no backup, is not whole, was changed, or has another passphrase
 */
export async function * openParts (file: AsyncIterable<Buffer>, passphrase: string | null): AsyncGenerator<Buffer> {
  const { line, rest } = await takeFirstLine(file)
  const first = readFirstLine(line)
  if (first.cost > 0 && passphrase === null) throw new BadBackup('passphrase', 'This backup is encrypted. Give its passphrase.')
  const key = await keyOf(first, passphrase)
  let number = 0
  for await (const { part, isLast } of partsOf(rest, PART + TAG)) {
    if (part.length < TAG) throw notWhole(number)
    const decipher = createDecipheriv('aes-256-gcm', key, nonce(number, isLast), { authTagLength: TAG }).setAAD(line).setAuthTag(part.subarray(part.length - TAG))
    const open = decipher.update(part.subarray(0, part.length - TAG))
    try {
      decipher.final()
    } catch (cause) {
      if (number === 0 && first.cost > 0 && !isLast) throw new BadBackup('passphrase', 'This passphrase does not open the backup. If it is the right one, the beginning of the file was changed: take another copy of it.', { cause })
      if (number === 0 && first.cost > 0) throw new BadBackup('passphrase', 'This passphrase does not open the backup. If it is the right one, the file is not whole or was changed: take another copy of it.', { cause })
      throw notWhole(number, cause)
    }
    number++
    yield open
  }
}

/** Whether a file that begins so asks for a passphrase. @throws BadBackup for what is no backup */
export function asksPassphrase (start: Buffer): boolean {
  const end = start.indexOf('\n')
  return readFirstLine(start.subarray(0, end + 1)).cost > 0
}

function notWhole (number: number, cause?: unknown): BadBackup {
  return new BadBackup('damaged', `The backup is not whole, or was changed: it holds for its first ${Math.floor(number * PART / 1024)} kB. Take another copy of it, or an older backup.`, { cause })
}

function lineOf ({ version, cost, salt }: FirstLine): Buffer {
  return Buffer.from(JSON.stringify({ type: 'oncekey backup', version, cost, salt: salt.toString('base64url') }) + '\n')
}

function readFirstLine (line: Buffer): FirstLine {
  const none = (cause?: unknown): BadBackup => new BadBackup('foreign', 'This file is no backup of Oncekey. Name one that "oncekey backup" has written.', { cause })
  let told: unknown
  try {
    told = JSON.parse(line.toString('utf8'))
  } catch (cause) {
    throw none(cause)
  }
  if (typeof told !== 'object' || told === null || Reflect.get(told, 'type') !== 'oncekey backup') throw none()
  const version: unknown = Reflect.get(told, 'version')
  const cost: unknown = Reflect.get(told, 'cost')
  const salt: unknown = Reflect.get(told, 'salt')
  if (typeof version === 'number' && version > 1) throw new BadBackup('newer', `This backup is from a newer version of Oncekey (format ${version}). Install that version and restore it there.`)
  if (version !== 1 || typeof cost !== 'number' || !COSTS.includes(cost) || typeof salt !== 'string' || !/^[\w-]{22}$/.test(salt)) throw none()
  const first = { version, cost, salt: Buffer.from(salt, 'base64url') }
  // The tags are over the line as we write it, so any other spelling of it would not open; this says so earlier.
  if (!lineOf(first).equals(line)) throw none()
  return first
}

async function takeFirstLine (file: AsyncIterable<Buffer>): Promise<{ line: Buffer, rest: AsyncIterable<Buffer> }> {
  const parts = file[Symbol.asyncIterator]()
  let start = Buffer.alloc(0)
  for (;;) {
    const next = await parts.next()
    if (next.done !== true) start = Buffer.concat([start, next.value])
    const end = start.indexOf('\n')
    if (end >= 0 && end < MOST_FIRST_LINE) return { line: start.subarray(0, end + 1), rest: after(start.subarray(end + 1), parts) }
    if (next.done === true || start.length >= MOST_FIRST_LINE) return { line: start.subarray(0, MOST_FIRST_LINE), rest: after(Buffer.alloc(0), parts) }
  }
}

async function * after (rest: Buffer, parts: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield rest
  for (;;) {
    const next = await parts.next()
    if (next.done === true) return
    yield next.value
  }
}

/** Bytes in parts of one size; one is held back until it is known whether it is the last. At least one comes, if an empty one. */
async function * partsOf (bytes: AsyncIterable<Buffer>, size: number): AsyncGenerator<{ part: Buffer, isLast: boolean }> {
  let held: Buffer[] = []
  let length = 0
  for await (const chunk of bytes) {
    held.push(chunk)
    length += chunk.length
    if (length <= size) continue
    const all = Buffer.concat(held)
    let at = 0
    for (; length - at > size; at += size) yield { part: all.subarray(at, at + size), isLast: false }
    held = [all.subarray(at)]
    length -= at
  }
  yield { part: Buffer.concat(held), isLast: true }
}

function nonce (number: number, isLast: boolean): Buffer {
  const bytes = Buffer.alloc(12)
  bytes.writeUIntBE(number, 5, 6)
  bytes[11] = isLast ? 1 : 0
  return bytes
}

async function keyOf ({ cost, salt }: FirstLine, passphrase: string | null): Promise<KeyObject> {
  if (cost === 0 || passphrase === null) return createSecretKey(createHash('sha256').update('oncekey backup without a passphrase\n').update(salt).digest())
  // One spelling of letters that have several: a passphrase is typed on another machine than it was made on.
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    scrypt(passphrase.normalize('NFKC'), salt, 32, { N: cost, r: 8, p: 1, maxmem: 256 * 8 * cost }, (error, key) => { if (error === null) resolve(key); else reject(error) })
  })
  return createSecretKey(bytes)
}
