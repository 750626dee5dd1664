import type { KeyObject } from 'node:crypto'
import { auditEvents } from '@oncekey/protocol/audit-events'
import type { ChainState } from '@oncekey/protocol/schemas'
import type { ChainMacs } from './append.ts'
import { EVERY_ROWS } from './cadence.ts'
import { GENESIS, checkpointText, isSigned, nextDigest, payloadHash } from './format.ts'
import { each, nextOf, type RecordSource, type StoredCheckpoint, type StoredHead, type StoredRow } from './source.ts'
import { beyond, disagreement, type Witnessed } from './witnessed.ts'

export type Verdict = Pick<ChainState, 'intact' | 'rows' | 'erased' | 'checkpoints' | 'lastCheckpoint' | 'fault'>
export type VerifyOptions = {
  macs: ChainMacs
  /** Of checkpoints; null in a folder from before there were any. */
  publicKey: KeyObject | null
  witnessed?: Witnessed | undefined
  /** Told after each thousand rows. `of`: as the head says, true or not. */
  onProgress?: (rows: number, of: number) => void
}

/**
 * Walks the record from its first row and names the first thing that is not as it was written: a row edited, removed,
 * put elsewhere, cut off at the end, or shown differently from what was signed; a checkpoint edited, removed or not
 * fitting. An erased payload is none of these as long as nothing is put in its place; how many there are is counted.
 * What it can not see without a checkpoint that was kept elsewhere: rows, head and checkpoints rolled back together.
 * @param source one moment of the record: writes meanwhile must not show
 */
export async function verifyChain (source: RecordSource, { macs, publicKey, witnessed, onProgress }: VerifyOptions): Promise<Verdict> {
  const head = await source.head()
  const marks = each(source.checkpoints)
  let mark = await nextOf(marks)
  let previous = GENESIS
  let digest = GENESIS
  let seq = 0
  let erased = 0
  let checkpoints = 0
  let lastCheckpoint: Verdict['lastCheckpoint'] = null
  let agreed = 0
  const verdict = (fault: Verdict['fault']): Verdict => ({ intact: fault === null, rows: seq, erased, checkpoints, lastCheckpoint, fault })
  const fault = (at: number, what: string): Verdict => verdict({ seq: at, what })
  const isGenuine = (one: StoredCheckpoint): boolean => publicKey !== null && isSigned(publicKey, checkpointText(one), one.signature)

  for await (const row of each(source.rows)) {
    const here = row.seq
    if (here !== seq + 1) return fault(seq + 1, here === seq + 2 ? `Row ${seq + 1} was removed.` : here <= seq ? `Row ${here} has a number that no row can have.` : `Rows ${seq + 1} to ${here - 1} were removed.`)
    if (macs.row(previous, linkOf(row, here)) !== row.mac) return fault(here, await whatHappened(source, macs, previous, row))
    const wrong = wrongPayload(row)
    if (wrong !== null) return fault(here, wrong)
    previous = row.mac
    digest = nextDigest(digest, { seq: here, time: row.time, event: row.event, payloadHash: row.payload_hash, mac: row.mac })
    if (mark !== null && mark.seq <= here) {
      if (mark.seq < here || !isGenuine(mark)) return fault(mark.seq, `The checkpoint of row ${mark.seq} was edited.`)
      if (mark.seq - (lastCheckpoint?.seq ?? 0) > EVERY_ROWS) return fault(mark.seq, `A checkpoint between rows ${(lastCheckpoint?.seq ?? 0) + 1} and ${mark.seq - 1} was removed.`)
      if (mark.mac !== previous || mark.digest !== digest) return fault(here, `Rows up to ${here} are not those that were there when its checkpoint was signed: from row ${(lastCheckpoint?.seq ?? 0) + 1} on, some were written anew.`)
      lastCheckpoint = { seq: here, time: mark.time }
      checkpoints++
      mark = await nextOf(marks)
    }
    if (witnessed !== undefined) {
      const other = disagreement(witnessed, { seq: here, mac: previous, digest }, agreed)
      if (other !== null) return fault(here, other)
      if (witnessed.bySeq.has(here)) agreed = here
    }
    seq = here
    if (row.payload === null) erased++
    if (seq % 1_000 === 0) onProgress?.(seq, head?.seq ?? 0)
  }
  const wrongEnd = await endFault(source, macs, head, { seq, previous })
  if (wrongEnd !== null) return verdict(wrongEnd)
  let furthest = 0
  for (; mark !== null; mark = await nextOf(marks)) {
    if (!isGenuine(mark)) return fault(mark.seq, `The checkpoint of row ${mark.seq} was edited.`)
    furthest = mark.seq
  }
  if (furthest > 0) return fault(seq + 1, `The record was taken back to an earlier moment: a signed checkpoint says that there were ${furthest} rows, and there are ${seq}.`)
  const gone = witnessed === undefined ? null : beyond(witnessed, seq)
  return gone === null ? verdict(null) : fault(seq + 1, gone)
}

/** Whether the head fits the last row that is there. */
async function endFault (source: RecordSource, macs: ChainMacs, head: StoredHead | null, { seq, previous }: { seq: number, previous: string }): Promise<Verdict['fault']> {
  if (head === null) {
    // The very first thing that is ever done is written down, so a site without a record has lost it.
    return seq === 0 && !await source.hasSite() ? null : { seq: seq + 1, what: 'The head of the chain was removed; how many rows there were can not be known.' }
  }
  if (macs.head(head.seq, head.mac) !== head.head_mac) return { seq, what: 'The head of the chain was edited.' }
  if (head.seq > seq) return { seq: seq + 1, what: head.seq === seq + 1 ? `The last row, ${seq + 1}, was cut off.` : `Rows ${seq + 1} to ${head.seq} were cut off.` }
  return head.seq < seq || head.mac !== previous ? { seq, what: 'The head of the chain is an older one: it was put back.' } : null
}

export function linkOf (row: StoredRow, seq: number) {
  return { seq, time: row.time, event: row.event, payload_hash: row.payload_hash }
}

/** A row's MAC does not fit: looks for the row that belongs here, to tell a moved row from an edited one. */
async function whatHappened (source: RecordSource, macs: ChainMacs, previous: string, row: StoredRow): Promise<string> {
  const here = row.seq
  for await (const other of each(source.rows)) {
    if (other.seq !== here && macs.row(previous, linkOf(other, here)) === other.mac) return `Row ${here} was put here from elsewhere; the one that belongs here is now row ${other.seq}.`
  }
  return `Row ${here} was edited, or the one before it was removed and the rest renumbered.`
}

/** Whether what a row says beside the chain is what was signed; null when it is. */
function wrongPayload (row: StoredRow): string | null {
  const here = row.seq
  const { payload } = row
  if (payload !== null && payloadHash(row.salt, payload) !== row.payload_hash) return `The content of row ${here} was edited.`
  // With the payload its columns are erased, too: nothing vouches for them any more. The severity follows from the signed event.
  const told: unknown = payload === null ? { severity: at(auditEvents, row.event) ?? row.severity } : JSON.parse(payload)
  const signed: [keyof StoredRow, unknown][] = [
    ['severity', at(told, 'severity')], ['actor_id', at(at(told, 'actor'), 'id')], ['subject_id', at(at(told, 'subject'), 'id')],
    ['access_point_id', at(at(told, 'accessPoint'), 'id')], ['controller_id', at(at(told, 'controller'), 'id')], ['reason', at(told, 'reason')]
  ]
  const different = signed.find(([column, value]) => row[column] !== value)
  return different === undefined ? null : `The column ${different[0]} of row ${here} is not what was signed.`
}

function at (value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) ?? null : null
}
