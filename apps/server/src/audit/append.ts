import { auditEvents, type AuditEventName, type Reason } from '@oncekey/protocol/audit-events'
import type { AuditRow } from '@oncekey/protocol/schemas'
import type { Ledger, Trx, Value } from '../platform/db.ts'
import { keyedHmac } from '../platform/hmac.ts'
import { marks, rowsWriter } from '../platform/many.ts'
import { drawText } from '../platform/random.ts'
import { GENESIS, payloadHash } from './format.ts'

/** Somebody or something that an event names; the name is the one of that moment. */
export type Named = { id: string, name: string }
/** Who does something: somebody, or a command on the server's machine, which has no id. */
export type Doer = { id: string | null, name: string }
export type AuditFact = {
  event: AuditEventName
  actor?: Doer | null
  subject?: Named | { id: null, name: string } | null
  accessPoint?: Named | null
  controller?: Named | null
  reason?: Reason | null
  details?: AuditRow['details']
}

/** What the chain's MAC covers besides the row before it. */
export type Link = { seq: number, time: number, event: string, payload_hash: string }

/** The record: append-only, chained by HMAC-SHA-256 from the first row. */
export type Audit = {
  /**
   * Adds one event to the caller's transaction: it is part of the commit or not there at all. Its number and place in
   * the chain follow at the end of the group, when the head is locked once for all of its rows.
   */
  append: (trx: Trx, now: number, fact: AuditFact) => void
  /** Called inside the transaction with each row on its way, which has no number yet: what has to be written with it. */
  onAppended: (listener: (trx: Trx, row: Omit<AuditRow, 'seq'>) => void) => void
  /** Called after the commit with each row, in order of commit. */
  onCommitted: (listener: (row: AuditRow) => void) => void
  macs: ChainMacs
}

export type ChainMacs = ReturnType<typeof chainMacs>

/** The two MACs of the chain under one key of 32 bytes. */
export function chainMacs (auditKey: Uint8Array) {
  const { hex } = keyedHmac(auditKey)
  return {
    row: (previous: string, link: Link): string => hex(`row\n${previous}\n${link.seq}\n${link.time}\n${link.event}\n${link.payload_hash}`),
    head: (seq: number, mac: string): string => hex(`head\n${seq}\n${mac}`)
  }
}

export function createAudit (auditKey: Uint8Array): Audit {
  const macs = chainMacs(auditKey)
  const listeners: ((row: AuditRow) => void)[] = []
  const companions: ((trx: Trx, row: Omit<AuditRow, 'seq'>) => void)[] = []
  const chain = chainLedger(macs)
  return {
    macs,
    onAppended (companion) { companions.push(companion) },
    onCommitted (listener) { listeners.push(listener) },
    append (trx, now, fact) {
      const { event, actor = null, subject = null, accessPoint = null, controller = null, reason = null, details = {} } = fact
      const entry: Entry = { row: { seq: 0, time: now, event, severity: auditEvents[event], actor, subject, accessPoint, controller, reason, details } }
      trx.note(chain, entry)
      for (const companion of companions) companion(trx, entry.row)
      trx.after(() => { for (const listener of listeners) listener(entry.row) })
    }
  }
}

/** A row on its way; it gets its number when the group's rows are written. */
type Entry = { row: AuditRow }

const COLUMNS = ['seq', 'time', 'event', 'severity', 'actor_id', 'subject_id', 'access_point_id', 'controller_id', 'reason', 'payload', 'salt', 'payload_hash', 'mac']
const insert = rowsWriter([16, 4, 1], (rows) => `INSERT INTO audit (${COLUMNS.join(', ')}) VALUES ${marks(rows, `(${marks(COLUMNS.length)})`)}`)
const SALT_BYTES = 16

/** The one chain. Its head is what all processes wait for, so it is locked last and once for a group. */
function chainLedger (macs: ChainMacs): Ledger<Entry> {
  return {
    rank: 9,
    async write (trx, entries) {
      const head = await trx.prepare(`INSERT INTO audit_head (id, seq, mac, head_mac) VALUES (1, ?, ?, '')
        ON CONFLICT (id) DO UPDATE SET seq = audit_head.seq + excluded.seq RETURNING seq, mac`).get(entries.length, GENESIS)
      const last = Number(head?.['seq'])
      let previous = String(head?.['mac'])
      const rows = entries.map((entry, i): Value[] => {
        const { time, event, severity, actor, subject, accessPoint, controller, reason, details } = entry.row
        const payload = JSON.stringify({ severity, actor, subject, accessPoint, controller, reason, details })
        const salt = drawText(SALT_BYTES, 'hex')
        const link = { seq: last - entries.length + 1 + i, time, event, payload_hash: payloadHash(salt, payload) }
        previous = macs.row(previous, link)
        entry.row.seq = link.seq
        return [link.seq, time, event, severity, actor?.id ?? null, subject?.id ?? null, accessPoint?.id ?? null, controller?.id ?? null, reason, payload, salt, link.payload_hash, previous]
      })
      await insert(trx, rows)
      await trx.prepare('UPDATE audit_head SET mac = ?, head_mac = ? WHERE id = 1').run(previous, macs.head(last, previous))
    }
  }
}
