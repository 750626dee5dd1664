import { createHash } from 'node:crypto'
import type { ChainMacs } from './append.ts'
import { BrokenRecord, checkRow } from './checkpoints.ts'
import { GENESIS, checkpointLine, endLine, endText, headerLine, nextDigest, rowLine, stoppedLine, type Header } from './format.ts'
import { MARK_KEYS, readMark } from './house-mark.ts'
import type { Signer } from './signer.ts'
import { each, nextOf, type RecordSource } from './source.ts'

export type ExportOptions = { signer: Signer, macs: ChainMacs, now: number, from?: number | undefined, to?: number | undefined, onProgress?: (rows: number, of: number) => void }

/** Nothing was asked for that is there. */
export class EmptyExport extends Error {}

/**
 * The record as lines of a file that can be checked without server and data folder: header, rows with their running digest, the
 * checkpoints that were signed when the rows were new, one at the last row, and a signed last line. Rows that are
 * written meanwhile are not in it. Memory stays flat: whoever is slow to take lines holds nothing up.
 * Where the record does not hold, the file stops and says so: what was changed is not signed anew.
 * @throws EmptyExport when there is no such row
 * @throws Error when the record was never signed
 */
export async function * exportLines (source: RecordSource, options: ExportOptions): AsyncGenerator<string> {
  const { signer, macs, now } = options
  const header = await headerOf(source, options)
  const { house, generation, from, to } = header
  const sha256 = createHash('sha256')
  let { previousMac: mac, previousDigest: digest } = header
  let seq = from - 1
  let checkpoints = 0
  const line = (text: string): string => {
    sha256.update(text + '\n')
    return text + '\n'
  }
  const marks = each(source.checkpoints, seq)
  let mark = await nextOf(marks)
  yield line(headerLine(header))
  try {
    for await (const row of each(source.rows, seq)) {
      if (seq === to) break
      checkRow(macs, row, seq + 1, mac)
      const signed = { seq: row.seq, time: row.time, event: row.event, payloadHash: row.payload_hash, mac: row.mac }
      digest = nextDigest(digest, signed)
      mac = row.mac
      seq = row.seq
      yield line(rowLine({ ...signed, payload: row.payload, salt: row.salt, digest }))
      const stored = mark !== null && mark.seq === seq ? mark : null
      if (stored !== null) mark = await nextOf(marks)
      if (stored !== null && (stored.mac !== mac || stored.digest !== digest)) throw new BrokenRecord(`Rows up to ${seq} are not those that were there when its checkpoint was signed.`)
      if (stored !== null || seq === to) {
        checkpoints++
        yield line(checkpointLine(stored ?? signer.signCheckpoint({ house, generation, seq, time: now, mac, digest })))
      }
      if ((seq - from + 1) % 1_000 === 0) options.onProgress?.(seq - from + 1, to - from + 1)
    }
    if (seq < to) throw new BrokenRecord(`Row ${seq + 1} is missing.`)
  } catch (error) {
    if (!(error instanceof BrokenRecord)) throw error
    yield stoppedLine(error.message) + '\n'
    return
  }
  const end = { rows: to - from + 1, checkpoints, sha256: sha256.digest('hex') }
  yield endLine({ ...end, signature: signer.sign(endText(header, end)) }) + '\n'
}

async function headerOf (source: RecordSource, { signer, now, from = 1, to: wanted }: ExportOptions): Promise<Header> {
  const mark = readMark(await source.setting(MARK_KEYS.house), await source.setting(MARK_KEYS.generation))
  if (mark === null) throw new Error('This record was never signed. Start the server once, wait for a second, then export again.')
  const last = (await source.head())?.seq ?? 0
  const to = Math.min(wanted ?? last, last)
  if (from > to) throw new EmptyExport(`There is no row ${from}${wanted === undefined ? '' : ` to ${wanted}`}: the last one is ${last}.`)
  const before = await stateBefore(source, from)
  return { ...mark, publicKey: signer.publicKey, key: signer.key, from, to, last, time: now, previousMac: before.mac, previousDigest: before.digest }
}

/** MAC and digest before row `from`, counted up from the nearest checkpoint. */
async function stateBefore (source: RecordSource, from: number): Promise<{ mac: string, digest: string }> {
  if (from === 1) return { mac: GENESIS, digest: GENESIS }
  let { seq, mac, digest } = await source.checkpointBefore(from - 1) ?? { seq: 0, mac: GENESIS, digest: GENESIS }
  for await (const row of each(source.rows, seq)) {
    if (row.seq >= from) break
    digest = nextDigest(digest, { seq: row.seq, time: row.time, event: row.event, payloadHash: row.payload_hash, mac: row.mac })
    mac = row.mac
    seq = row.seq
  }
  return { mac, digest }
}
