import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { auditEvents } from '@oncekey/protocol/audit-events'
import type { ChainState } from '@oncekey/protocol/schemas'
import { GENESIS, payloadHash, type ChainMacs } from './append.ts'

export type Verdict = Omit<ChainState, 'checkedAt'>

type Row = Record<string, SQLOutputValue>

/**
 * Walks the record from its first row and names the first thing that is not as it was written: a row edited, removed,
 * put elsewhere, cut off at the end, or shown differently from what was signed. An erased payload is none of these
 * as long as nothing is put in its place; how many there are is counted.
 * What it can not see: rows and head rolled back together to an earlier moment.
 * @param database any connection; the walk happens in one read transaction, so writes meanwhile do not disturb it
 */
export function verifyChain (database: DatabaseSync, macs: ChainMacs): Verdict {
  database.exec('BEGIN')
  try {
    return walk(database, macs)
  } finally {
    database.exec('ROLLBACK')
  }
}

function walk (database: DatabaseSync, macs: ChainMacs): Verdict {
  let previous = GENESIS
  let seq = 0
  let erased = 0
  const fault = (at: number, what: string): Verdict => ({ intact: false, rows: seq, erased, fault: { seq: at, what } })
  for (const row of database.prepare('SELECT * FROM audit ORDER BY seq').iterate()) {
    const here = Number(row['seq'])
    if (here !== seq + 1) return fault(seq + 1, here === seq + 2 ? `Row ${seq + 1} was removed.` : here <= seq ? `Row ${here} has a number that no row can have.` : `Rows ${seq + 1} to ${here - 1} were removed.`)
    if (macs.row(previous, linkOf(row, here)) !== row['mac']) return fault(here, whatHappened(database, macs, previous, row))
    const wrong = wrongPayload(row)
    if (wrong !== null) return fault(here, wrong)
    previous = String(row['mac'])
    seq = here
    if (row['payload'] === null) erased++
  }
  const head = database.prepare('SELECT seq, mac, head_mac FROM audit_head WHERE id = 1').get()
  if (head === undefined) {
    // The very first thing that is ever done is written down, so a site without a record has lost it.
    if (seq === 0 && database.prepare('SELECT 1 FROM sites LIMIT 1').get() === undefined) return { intact: true, rows: 0, erased: 0, fault: null }
    return fault(seq + 1, 'The head of the chain was removed; how many rows there were can not be known.')
  }
  if (macs.head(Number(head['seq']), String(head['mac'])) !== head['head_mac']) return fault(seq, 'The head of the chain was edited.')
  if (Number(head['seq']) > seq) return fault(seq + 1, Number(head['seq']) === seq + 1 ? `The last row, ${seq + 1}, was cut off.` : `Rows ${seq + 1} to ${String(head['seq'])} were cut off.`)
  if (Number(head['seq']) < seq || head['mac'] !== previous) return fault(seq, 'The head of the chain is an older one: it was put back.')
  return { intact: true, rows: seq, erased, fault: null }
}

function linkOf (row: Row, seq: number) {
  return { seq, time: Number(row['time']), event: String(row['event']), payload_hash: String(row['payload_hash']) }
}

/** A row's MAC does not fit: looks for the row that belongs here, to tell a moved row from an edited one. */
function whatHappened (database: DatabaseSync, macs: ChainMacs, previous: string, row: Row): string {
  const here = Number(row['seq'])
  for (const other of database.prepare('SELECT * FROM audit WHERE seq <> ? ORDER BY seq').iterate(here)) {
    if (macs.row(previous, linkOf(other, here)) === other['mac']) return `Row ${here} was put here from elsewhere; the one that belongs here is now row ${String(other['seq'])}.`
  }
  return `Row ${here} was edited, or the one before it was removed and the rest renumbered.`
}

/** Whether what a row says beside the chain is what was signed; null when it is. */
function wrongPayload (row: Row): string | null {
  const here = String(row['seq'])
  const payload = row['payload'] === null ? null : String(row['payload'])
  if (payload !== null && payloadHash(String(row['salt']), payload) !== row['payload_hash']) return `The content of row ${here} was edited.`
  // With the payload its columns are erased, too: nothing vouches for them any more. The severity follows from the signed event.
  const told: unknown = payload === null ? { severity: at(auditEvents, String(row['event'])) ?? row['severity'] } : JSON.parse(payload)
  const signed: [string, unknown][] = [
    ['severity', at(told, 'severity')], ['actor_id', at(at(told, 'actor'), 'id')], ['subject_id', at(at(told, 'subject'), 'id')],
    ['access_point_id', at(at(told, 'accessPoint'), 'id')], ['controller_id', at(at(told, 'controller'), 'id')], ['reason', at(told, 'reason')]
  ]
  const different = signed.find(([column, value]) => row[column] !== value)
  return different === undefined ? null : `The column ${different[0]} of row ${here} is not what was signed.`
}

function at (value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) ?? null : null
}
