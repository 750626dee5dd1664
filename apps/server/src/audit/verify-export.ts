import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import {
  checkpointLine, checkpointText, endLine, endText, headerLine, isCount, isSigned, keyIdOf, nextDigest, parsed, payloadHash, readCheckpoint, readPublicKey, rowLine,
  type End, type ExportedRow, type Header
} from './format.ts'
import { beyond, disagreement, readWitnesses, type Witnessed } from './witnessed.ts'

/** A line of a file that was not tampered with is shorter: a request's body is 64 kB at most. */
const LONGEST_LINE = 16 * 1024 * 1024

export type ExportVerdict = {
  /** Null when the whole file holds. */
  fault: string | null
  /** Rows that hold, and how many of them without content. */
  rows: number
  erased: number
  checkpoints: number
  /** Checkpoints of witnesses that were compared with a row here. */
  compared: number
  header: Header | null
}
export type ExportVerifyOptions = {
  /** The public key as it was noted elsewhere; without it the file's own is believed. */
  publicKey?: string | undefined
  /** Files with checkpoints that were kept elsewhere. */
  checkpoints?: readonly string[]
  /** The MAC of a row by the record's own key: names a row also where only its surroundings could be named. */
  rowMac?: ((previous: string, link: { seq: number, time: number, event: string, payload_hash: string }) => string) | undefined
  onProgress?: (rows: number, of: number) => void
}

/**
 * Checks an exported file from its first byte to its last one, in flat memory, and names the first thing that is not as it was
 * exported. Every byte counts: what no row, checkpoint or header tells is covered by the signed last line.
 * @throws Error when the file can not be read, or a witness's file can not be used
 */
export function verifyExport (path: string, options: ExportVerifyOptions = {}): Promise<ExportVerdict> {
  return verifyBytes(createReadStream(path, { highWaterMark: 256 * 1024 }), options)
}

/** The same for bytes from anywhere. */
export async function verifyBytes (chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, options: ExportVerifyOptions = {}): Promise<ExportVerdict> {
  const walk = newWalk(options)
  const verdict = (fault: string | null): ExportVerdict => {
    const { rows, erased, checkpoints, compared, header } = walk
    return { fault, rows, erased, checkpoints, compared, header }
  }
  for await (const { bytes, isWhole } of linesOf(chunks)) {
    const fault = !isWhole ? cutOff(walk) : bytes === null ? `Line ${walk.line + 1} is longer than any line of the record.` : takeLine(walk, bytes, options)
    if (fault !== null) return verdict(fault)
    if (walk.rows % 1_000 === 0) options.onProgress?.(walk.rows, walk.header === null ? 0 : walk.header.to - walk.header.from + 1)
  }
  return verdict(walk.isEnded ? null : cutOff(walk))
}

type Walk = {
  line: number, header: Header | null, witnessed: Witnessed | null, seq: number, mac: string, digest: string, rows: number, erased: number, checkpoints: number, compared: number
  /** The last row that a checkpoint vouches for. */
  vouched: number, agreed: number, isEnded: boolean, hash: ReturnType<typeof createHash>
}

function newWalk ({ publicKey }: ExportVerifyOptions): Walk {
  if (publicKey !== undefined && readPublicKey(publicKey) === null) throw new Error(`"${publicKey}" is not a public key: 43 signs of base64url are needed. It is on the Audit page, and "oncekey audit key" prints it.`)
  return { line: 0, header: null, witnessed: null, seq: 0, mac: '', digest: '', rows: 0, erased: 0, checkpoints: 0, compared: 0, vouched: 0, agreed: 0, isEnded: false, hash: createHash('sha256') }
}

function cutOff ({ header, seq, isEnded }: Walk): string {
  if (header === null) return 'The file does not begin with the first line of an exported record.'
  if (isEnded) return 'Something was added after the last line.'
  return seq < header.to ? `The file was cut off, or the export was interrupted: rows ${seq + 1} to ${header.to} are missing.` : 'The file was cut off, or the export was interrupted: its signed last line is missing.'
}

/** One line, without its end; what is wrong with it, or null. */
function takeLine (walk: Walk, bytes: Buffer, options: ExportVerifyOptions): string | null {
  walk.line++
  if (walk.isEnded) return 'Something was added after the last line.'
  const text = bytes.toString()
  const one = parsed(text)
  const type = one?.['type']
  if (walk.header === null) return takeHeader(walk, one, text, bytes, options)
  const header = walk.header
  if (type === 'end') return takeEnd(walk, header, one, text)
  if (type === 'stopped') return `The export stopped, because the record did not hold: ${plain(String(one?.['what']))}`
  walk.hash.update(bytes).update('\n')
  if (type === 'checkpoint') return takeCheckpoint(walk, header, text)
  return takeRow(walk, header, one, text, options)
}

function takeHeader (walk: Walk, one: Record<string, unknown> | null, text: string, bytes: Buffer, options: ExportVerifyOptions): string | null {
  const header = readHeader(one)
  if (header === null || headerLine(header) !== text) return 'The file does not begin with the first line of an exported record, or that line was edited.'
  if (readPublicKey(header.publicKey) === null || keyIdOf(header.publicKey) !== header.key) return 'The public key in the first line was edited.'
  if (options.publicKey !== undefined && options.publicKey !== header.publicKey) return `The file was signed with another key, ${header.publicKey}: it is of another installation, or somebody made it anew.`
  if (options.checkpoints !== undefined && options.checkpoints.length > 0) walk.witnessed = readWitnesses(options.checkpoints, header.publicKey)
  walk.header = header
  walk.seq = walk.vouched = walk.agreed = header.from - 1
  walk.mac = header.previousMac
  walk.digest = header.previousDigest
  walk.hash.update(bytes).update('\n')
  return null
}

function takeRow (walk: Walk, header: Header, one: Record<string, unknown> | null, text: string, { rowMac }: ExportVerifyOptions): string | null {
  const expected = walk.seq + 1
  const row = readRow(one)
  if (row === null) return `Line ${walk.line}, where row ${expected} belongs, was edited: it is no row.`
  if (expected > header.to) return `Row ${row.seq} was added after the last one, ${header.to}.`
  if (row.seq !== expected) return row.seq > expected ? `Row ${expected} was removed or put elsewhere: row ${row.seq} is in its place.` : `Row ${row.seq} is where row ${expected} belongs: it was put there, or its number was edited.`
  if (row.payload !== null && payloadHash(row.salt, row.payload) !== row.payloadHash) return `The content of row ${expected} was edited.`
  const isEdited = rowMac !== undefined && rowMac(walk.mac, { seq: row.seq, time: row.time, event: row.event, payload_hash: row.payloadHash }) !== row.mac
  if (isEdited || nextDigest(walk.digest, row) !== row.digest) return `Row ${expected} was edited, or the one before it was removed and the rest renumbered.`
  if (rowLine(row) !== text) return `Row ${expected} is not written as it was exported.`
  const other = walk.witnessed === null ? null : disagreement(walk.witnessed, row, walk.agreed)
  if (other !== null) return other
  if (walk.witnessed?.bySeq.has(expected) === true) {
    walk.agreed = expected
    walk.compared++
  }
  walk.seq = expected
  walk.mac = row.mac
  walk.digest = row.digest
  walk.rows++
  if (row.payload === null) walk.erased++
  return null
}

function takeCheckpoint (walk: Walk, header: Header, text: string): string | null {
  const one = readCheckpoint(text)
  if (one === null || checkpointLine(one) !== text || one.house !== header.house || one.key !== header.key || !isBy(header, checkpointText(one), one.signature)) return `The checkpoint after row ${walk.seq} was edited, or is of another record.`
  if (one.seq !== walk.seq) return `The checkpoint of row ${one.seq} is not at its place, but after row ${walk.seq}.`
  if (one.mac !== walk.mac || one.digest !== walk.digest) return `Rows ${walk.vouched + 1} to ${walk.seq} are not those that were signed: at least one of them was edited, removed, added or moved.`
  walk.vouched = walk.seq
  walk.checkpoints++
  return null
}

function takeEnd (walk: Walk, header: Header, one: Record<string, unknown> | null, text: string): string | null {
  const end = readEnd(one)
  if (end === null || endLine(end) !== text || !isBy(header, endText(header, end), end.signature)) return 'The last line or the first one was edited.'
  if (walk.seq < header.to) return `Rows ${walk.seq + 1} to ${header.to} were cut off.`
  if (end.checkpoints !== walk.checkpoints) return `Checkpoints were removed: there were ${end.checkpoints}, and there are ${walk.checkpoints}.`
  if (end.sha256 !== walk.hash.digest('hex')) return 'The file was edited in a place that no row or checkpoint covers.'
  walk.isEnded = true
  return walk.witnessed === null ? null : beyond(walk.witnessed, header.last, header.time)
}

function isBy (header: Header, text: string, signature: string): boolean {
  const key = readPublicKey(header.publicKey)
  return key !== null && isSigned(key, text, signature)
}

/** The last moment that is a date (ECMA-262, 21.4.1.1). */
const LATEST = 8.64e15

/** Words of the file, for a screen: signs that would move its cursor or hide what stands there are none. */
function plain (text: string): string {
  return text.slice(0, 300).replaceAll(/[^ -~]/g, '?')
}

function readHeader (one: Record<string, unknown> | null): Header | null {
  if (one === null || one['type'] !== 'oncekey audit' || one['version'] !== 1) return null
  const { house, generation, publicKey, key, from, to, last, time, previousMac, previousDigest } = one
  if (typeof house !== 'string' || typeof publicKey !== 'string' || typeof key !== 'string' || typeof previousMac !== 'string' || typeof previousDigest !== 'string') return null
  // It is shown beside the key: nothing else may be said in its place.
  if (!/^[\w-]{1,64}$/.test(house) || Number(time) > LATEST) return null
  if (!isCount(generation) || !isCount(from) || !isCount(to) || !isCount(last) || !isCount(time) || from < 1 || from > to || to > last) return null
  return { house, generation, publicKey, key, from, to, last, time, previousMac, previousDigest }
}

function readRow (one: Record<string, unknown> | null): ExportedRow | null {
  if (one === null || one['type'] !== 'row') return null
  const { seq, time, event, payload, salt, payloadHash: hash, mac, digest } = one
  if (!isCount(seq) || !isCount(time) || typeof event !== 'string' || (payload !== null && typeof payload !== 'string')) return null
  if (typeof salt !== 'string' || typeof hash !== 'string' || typeof mac !== 'string' || typeof digest !== 'string') return null
  return { seq, time, event, payload, salt, payloadHash: hash, mac, digest }
}

function readEnd (one: Record<string, unknown> | null): End | null {
  if (one === null) return null
  const { rows, checkpoints, sha256, signature } = one
  return isCount(rows) && isCount(checkpoints) && typeof sha256 === 'string' && typeof signature === 'string' ? { rows, checkpoints, sha256, signature } : null
}

type Line = { /** Null when it is too long to be looked at. */ bytes: Buffer | null, /** Whether its end is there. */ isWhole: boolean }

/** Lines as bytes, without their `\n`, in bounded memory. */
async function * linesOf (chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Line> {
  let rest: Buffer[] = []
  let length = 0
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk)
    let from = 0
    for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, from)) {
      yield { bytes: rest.length === 0 ? bytes.subarray(from, at) : Buffer.concat([...rest, bytes.subarray(from, at)]), isWhole: true }
      rest = []
      length = 0
      from = at + 1
    }
    rest.push(bytes.subarray(from))
    length += bytes.length - from
    if (length > LONGEST_LINE) {
      yield { bytes: null, isWhole: true }
      return
    }
  }
  if (length > 0) yield { bytes: Buffer.concat(rest), isWhole: false }
}

