#!/usr/bin/env node
// Checks a record that was exported from Oncekey, with nothing but Node 20.12 or newer: node oncekey-verify.mjs FILE
// Made from apps/server/src by apps/server/scripts/stand-alone.ts; the format is in docs/audit.md.
/* oxlint-disable no-unused-vars -- made whole from files of which it needs parts */
import { createHash, createPublicKey, hash, verify } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

/*
 * What can be checked of the record by anybody, with the public key alone: see docs/audit.md. This file and
 * witnessed.ts, verify-export.ts and cli/verify-file.ts become the stand-alone verifier, so they import nothing but Node and each other.
 */

/** MAC and digest before the first row. */
const GENESIS = '0'.repeat(64)

/** The chain covers this salted hash, so erasing a payload later leaves the chain verifiable. */
function payloadHash (salt, payload) {
  return hash('sha256', `${salt}\n${payload}`)
}

/** What of a row is signed. `time`: ms since 1970 UTC; hashes are SHA-256 in hex. */

/** The running digest after `row`: it stands for all rows up to here and needs no key. */
function nextDigest (previous, row) {
  return hash('sha256', `${previous}\n${row.seq}\n${row.time}\n${row.event}\n${row.payloadHash}\n${row.mac}`)
}

/** "The rows up to `seq` were these", signed at `time`. `key`: id of the key that signed it; `signature`: Ed25519, base64url. */

function checkpointText (one) {
  return `oncekey checkpoint 1\n${one.house}\n${one.generation}\n${one.seq}\n${one.time}\n${one.mac}\n${one.digest}\n${one.key}`
}

/** A checkpoint as one line of JSON, in the only form that is valid; without the line's end. */
function checkpointLine (one) {
  const { house, generation, seq, time, mac, digest, key, signature } = one
  return JSON.stringify({ type: 'checkpoint', house, generation, seq, time, mac, digest, key, signature })
}

/** The checkpoint in a line; null when it is none. A mail program may have put signs before or after it. */
function readCheckpoint (line) {
  const one = parsed(line.slice(line.indexOf('{'), line.lastIndexOf('}') + 1))
  if (one === null || one['type'] !== 'checkpoint') return null
  const { house, generation, seq, time, mac, digest, key, signature } = one
  if (typeof house !== 'string' || typeof mac !== 'string' || typeof digest !== 'string' || typeof key !== 'string' || typeof signature !== 'string') return null
  return isCount(generation) && isCount(seq) && isCount(time) ? { house, generation, seq, time, mac, digest, key, signature } : null
}

/** The first line of an exported file. `last`: number of rows of the whole record when it was made; `previous…`: of row `from - 1`. */

function headerLine (one) {
  const { house, generation, publicKey, key, from, to, last, time, previousMac, previousDigest } = one
  return JSON.stringify({ type: 'oncekey audit', version: 1, house, generation, publicKey, key, from, to, last, time, previousMac, previousDigest })
}

/** A row in an exported file; `payload` is null when it was erased. */

function rowLine (one) {
  const { seq, time, event, payload, salt, mac, digest } = one
  return JSON.stringify({ type: 'row', seq, time, event, payload, salt, payloadHash: one.payloadHash, mac, digest })
}

/** The last line: how much there was, and the SHA-256 of every byte before this line, signed. */

function endText (header, one) {
  return `oncekey export 1\n${header.house}\n${header.generation}\n${header.from}\n${header.to}\n${header.last}\n${header.time}\n${one.rows}\n${one.checkpoints}\n${one.sha256}`
}

function endLine (one) {
  const { rows, checkpoints, sha256, signature } = one
  return JSON.stringify({ type: 'end', rows, checkpoints, sha256, signature })
}

/** The last line of an export that had to stop, because the record does not hold at that place. It is not signed. */
function stoppedLine (what) {
  return JSON.stringify({ type: 'stopped', what })
}

/** Short name of a public key: the first 16 hex digits of its SHA-256. */
function keyIdOf (publicKey) {
  return hash('sha256', Buffer.from(publicKey, 'base64url')).slice(0, 16)
}

/** An Ed25519 public key (RFC 8032) from its 32 bytes in base64url; null when it is none. */
function readPublicKey (text) {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length !== 32 || bytes.toString('base64url') !== text) return null
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: text }, format: 'jwk' })
}

/** Whether `signature` (base64url, in its only valid spelling) is that of the key over the text. */
function isSigned (key, text, signature) {
  const bytes = Buffer.from(signature, 'base64url')
  return bytes.length === 64 && bytes.toString('base64url') === signature && verify(null, Buffer.from(text), key, bytes)
}

/** The object in a line of JSON; null when it is none. */
function parsed (line) {
  try {
    const value = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null
  } catch {
    return null
  }
}

function isCount (value) {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** What witnesses saw, by row. */

/**
 * Reads checkpoints that were kept elsewhere: files of a witness, or mails saved as text. Lines that are none are passed over.
 * @throws Error when a file has no checkpoint at all, or one that this key did not sign
 */
function readWitnesses (paths, publicKey) {
  const key = readPublicKey(publicKey)
  if (key === null) throw new Error(`"${publicKey}" is not a public key: 43 signs of base64url are needed. It is on the Audit page, and "oncekey audit key" prints it.`)
  const witnessed = { bySeq: new Map(), count: 0 }
  for (const path of paths) {
    const before = witnessed.count
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      const one = readCheckpoint(line)
      if (one === null) continue
      if (!isSigned(key, checkpointText(one), one.signature)) throw new Error(`The checkpoint for row ${one.seq} in ${path} was not signed with the key ${publicKey}. It was edited, or it is of another installation.`)
      witnessed.bySeq.set(one.seq, [...witnessed.bySeq.get(one.seq) ?? [], one])
      witnessed.count++
    }
    if (witnessed.count === before) throw new Error(`${path} holds no checkpoint.`)
  }
  return witnessed
}

/** What is wrong at this row by what witnesses saw; null when nothing is. `agreed`: the row up to which they agreed before. */
function disagreement ({ bySeq }, row, agreed) {
  const other = bySeq.get(row.seq)?.find((one) => one.mac !== row.mac || one.digest !== row.digest)
  if (other === undefined) return null
  return `Row ${row.seq} is not the one that a witness saw: of rows ${agreed + 1} to ${row.seq}, some were taken back and written anew, or changed.`
}

/** The first checkpoint beyond the last row that was made until `time`; null when there is none: nothing was taken back. */
function beyond ({ bySeq }, last, time = Infinity) {
  const seq = [...bySeq.keys()].filter((one) => one > last && (bySeq.get(one) ?? []).some((other) => other.time <= time)).sort((a, b) => b - a)[0]
  if (seq === undefined) return null
  return `The record was taken back to an earlier moment: a witness saw ${seq} rows, and there are ${last}. Rows ${last + 1} to ${seq} are missing.`
}

/** A line of a file that was not tampered with is shorter: a request's body is 64 kB at most. */
const LONGEST_LINE = 16 * 1024 * 1024

/**
 * Checks an exported file from its first byte to its last one, in flat memory, and names the first thing that is not as it was
 * exported. Every byte counts: what no row, checkpoint or header tells is covered by the signed last line.
 * @throws Error when the file can not be read, or a witness's file can not be used
 */
function verifyExport (path, options = {}) {
  return verifyBytes(createReadStream(path, { highWaterMark: 256 * 1024 }), options)
}

/** The same for bytes from anywhere. */
async function verifyBytes (chunks, options = {}) {
  const walk = newWalk(options)
  const verdict = (fault) => {
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

function newWalk ({ publicKey }) {
  if (publicKey !== undefined && readPublicKey(publicKey) === null) throw new Error(`"${publicKey}" is not a public key: 43 signs of base64url are needed. It is on the Audit page, and "oncekey audit key" prints it.`)
  return { line: 0, header: null, witnessed: null, seq: 0, mac: '', digest: '', rows: 0, erased: 0, checkpoints: 0, compared: 0, vouched: 0, agreed: 0, isEnded: false, hash: createHash('sha256') }
}

function cutOff ({ header, seq, isEnded }) {
  if (header === null) return 'The file does not begin with the first line of an exported record.'
  if (isEnded) return 'Something was added after the last line.'
  return seq < header.to ? `The file was cut off, or the export was interrupted: rows ${seq + 1} to ${header.to} are missing.` : 'The file was cut off, or the export was interrupted: its signed last line is missing.'
}

/** One line, without its end; what is wrong with it, or null. */
function takeLine (walk, bytes, options) {
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

function takeHeader (walk, one, text, bytes, options) {
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

function takeRow (walk, header, one, text, { rowMac }) {
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

function takeCheckpoint (walk, header, text) {
  const one = readCheckpoint(text)
  if (one === null || checkpointLine(one) !== text || one.house !== header.house || one.key !== header.key || !isBy(header, checkpointText(one), one.signature)) return `The checkpoint after row ${walk.seq} was edited, or is of another record.`
  if (one.seq !== walk.seq) return `The checkpoint of row ${one.seq} is not at its place, but after row ${walk.seq}.`
  if (one.mac !== walk.mac || one.digest !== walk.digest) return `Rows ${walk.vouched + 1} to ${walk.seq} are not those that were signed: at least one of them was edited, removed, added or moved.`
  walk.vouched = walk.seq
  walk.checkpoints++
  return null
}

function takeEnd (walk, header, one, text) {
  const end = readEnd(one)
  if (end === null || endLine(end) !== text || !isBy(header, endText(header, end), end.signature)) return 'The last line or the first one was edited.'
  if (walk.seq < header.to) return `Rows ${walk.seq + 1} to ${header.to} were cut off.`
  if (end.checkpoints !== walk.checkpoints) return `Checkpoints were removed: there were ${end.checkpoints}, and there are ${walk.checkpoints}.`
  if (end.sha256 !== walk.hash.digest('hex')) return 'The file was edited in a place that no row or checkpoint covers.'
  walk.isEnded = true
  return walk.witnessed === null ? null : beyond(walk.witnessed, header.last, header.time)
}

function isBy (header, text, signature) {
  const key = readPublicKey(header.publicKey)
  return key !== null && isSigned(key, text, signature)
}

/** The last moment that is a date (ECMA-262, 21.4.1.1). */
const LATEST = 8.64e15

/** Words of the file, for a screen: signs that would move its cursor or hide what stands there are none. */
function plain (text) {
  return text.slice(0, 300).replaceAll(/[^ -~]/g, '?')
}

function readHeader (one) {
  if (one === null || one['type'] !== 'oncekey audit' || one['version'] !== 1) return null
  const { house, generation, publicKey, key, from, to, last, time, previousMac, previousDigest } = one
  if (typeof house !== 'string' || typeof publicKey !== 'string' || typeof key !== 'string' || typeof previousMac !== 'string' || typeof previousDigest !== 'string') return null
  // It is shown beside the key: nothing else may be said in its place.
  if (!/^[\w-]{1,64}$/.test(house) || Number(time) > LATEST) return null
  if (!isCount(generation) || !isCount(from) || !isCount(to) || !isCount(last) || !isCount(time) || from < 1 || from > to || to > last) return null
  return { house, generation, publicKey, key, from, to, last, time, previousMac, previousDigest }
}

function readRow (one) {
  if (one === null || one['type'] !== 'row') return null
  const { seq, time, event, payload, salt, payloadHash: hash, mac, digest } = one
  if (!isCount(seq) || !isCount(time) || typeof event !== 'string' || (payload !== null && typeof payload !== 'string')) return null
  if (typeof salt !== 'string' || typeof hash !== 'string' || typeof mac !== 'string' || typeof digest !== 'string') return null
  return { seq, time, event, payload, salt, payloadHash: hash, mac, digest }
}

function readEnd (one) {
  if (one === null) return null
  const { rows, checkpoints, sha256, signature } = one
  return isCount(rows) && isCount(checkpoints) && typeof sha256 === 'string' && typeof signature === 'string' ? { rows, checkpoints, sha256, signature } : null
}

/** Lines as bytes, without their `\n`, in bounded memory. */
async function * linesOf (chunks) {
  let rest = []
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

const verifyOptions = { 'public-key': { type: 'string' }, checkpoint: { type: 'string', multiple: true } }

/** One key in 64 begins with a dash, and what begins so is taken for an option, unless it is joined to its own. */
function joinKey (words) {
  const at = words.indexOf('--public-key')
  const key = words[at + 1]
  return at === -1 || key === undefined ? [...words] : [...words.slice(0, at), `--public-key=${key}`, ...words.slice(at + 2)]
}

/**
 * Verifies an exported file and prints the verdict.
 * @returns 0 when it holds, 1 when it does not
 * @throws Error when it could not be checked
 */
async function verifyFile (path, options) {
  const progress = showProgress()
  const { fault, header, ...found } = await verifyExport(path, { ...options, onProgress: progress.show }).finally(progress.end)
  if (fault !== null) {
    console.log(`The file was tampered with, or is not whole. ${fault}\nRows that hold: ${found.rows}.`)
    return 1
  }
  const erased = found.erased === 0 ? '' : ` The content of ${found.erased} of them was erased.`
  console.log(`The file is intact: rows ${header?.from} to ${header?.to} of ${header?.last}, exported on ${new Date(header?.time ?? 0).toISOString()}, with ${found.checkpoints} checkpoints.${erased}`)
  console.log(`Record ${header?.house}, generation ${header?.generation}. Signed with the key ${header?.publicKey}.`)
  if (options.publicKey === undefined) console.log('Compare this key with the one that you noted: whoever makes a file anew signs it with a key of their own (--public-key).')
  if (options.checkpoints !== undefined && options.checkpoints.length > 0) console.log(`Checkpoints of witnesses that fit: ${found.compared}.`)
  return 0
}

/** The program of its own: FILE [--public-key KEY] [--checkpoint FILE]… @returns 0, 1, or 2 when the file could not be checked */
async function verifyAlone (words) {
  try {
    const { values, positionals } = parseArgs({ args: joinKey(words), options: verifyOptions, allowPositionals: true })
    const [path, ...others] = positionals
    if (path === undefined || others.length > 0) throw new Error('Usage: node oncekey-verify.mjs FILE [--public-key KEY] [--checkpoint FILE]…\nChecks a record that was exported from Oncekey: docs/audit.md says how, and what the answer means.')
    return await verifyFile(path, { publicKey: values['public-key'], checkpoints: values.checkpoint ?? [] })
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return 2
  }
}

const ON_SCREEN_EVERY_MS = 250
const IN_LOG_EVERY_MS = 10_000

/** Says on standard error how far a long walk is: in one line that changes on a screen, in a line now and then elsewhere. */
function showProgress () {
  const { stderr } = process
  const begun = performance.now()
  let latest = begun
  let isShown = false
  return {
    show (rows, of) {
      const now = performance.now()
      if (now - latest < (stderr.isTTY ? ON_SCREEN_EVERY_MS : IN_LOG_EVERY_MS)) return
      latest = now
      isShown = true
      const share = of === 0 ? '' : `${Math.min(100, Math.floor(100 * rows / of))} %, `
      const text = `${share}${rows.toLocaleString('en')} rows, ${Math.round(1000 * rows / (now - begun)).toLocaleString('en')} rows/s`
      stderr.write(stderr.isTTY ? `\r\u001b[K${text}` : text + '\n')
    },
    end () { if (isShown && stderr.isTTY) stderr.write('\r\u001b[K') }
  }
}

process.exitCode = await verifyAlone(process.argv.slice(2))
