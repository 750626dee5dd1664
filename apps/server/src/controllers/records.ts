import { parseEventRecord, recordHash, type EventRecord, type Events } from '@oncekey/protocol/messages'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { noteForgery } from './alarms.ts'
import { recordFact } from './facts.ts'
import { sayTo, type Line } from './links.ts'

/**
 * Takes a controller's own records in, each exactly once by (controller, boot, number), and acknowledges them after the
 * commit. What does not continue the chain is stored all the same, with an alarm: losing it would hide what happened,
 * and refusing it would keep everything after it on the controller.
 */
export async function takeRecords (house: House, line: Line, { records }: Events): Promise<void> {
  const parsed = records.map((text) => ({ text, record: parseEventRecord(text) }))
  if (parsed.some((one) => one.record === null)) {
    noteForgery(house, line.id, 'malformed')
    return
  }
  const seq = await house.db.write(async (trx) => {
    const row = trx.prepare('SELECT acked_seq, record_head FROM controllers WHERE id = ?').get(line.id)
    let acked = Number(row?.['acked_seq'] ?? 0)
    let head = String(row?.['record_head'] ?? '')
    for (const { text, record } of parsed) {
      if (record === null) continue
      const hash = recordHash(text)
      if (isKnown(trx, house, line, record, hash)) continue
      checkChain(trx, house, line, record, acked, head)
      trx.prepare('INSERT INTO controller_records (controller_id, seq, boot_id, time, type, record, hash, received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
        .run(line.id, record.seq, record.bootId, record.time, record.type, text, hash, house.clock())
      recordFact(trx, house, line, record)
      acked = record.seq
      head = hash
    }
    trx.prepare('UPDATE controllers SET acked_seq = ?, record_head = ? WHERE id = ?').run(acked, head, line.id)
    return acked
  })
  sayTo(house, line.id, 'ack', { seq })
}

/** True for a record that was sent again; the same number with another text is an alarm and changes nothing. */
function isKnown (trx: Trx, house: House, line: Line, record: EventRecord, hash: string): boolean {
  const known = trx.prepare('SELECT hash FROM controller_records WHERE controller_id = ? AND boot_id = ? AND seq = ?').get(line.id, record.bootId, record.seq)
  if (known === undefined) return false
  if (known['hash'] !== hash) {
    house.audit.append(trx, house.clock(), { event: 'controller.recordFork', controller: line.named, details: { at: record.seq } })
  }
  return true
}

function checkChain (trx: Trx, house: House, line: Line, record: EventRecord, acked: number, head: string): void {
  const details = { expected: acked + 1, got: record.seq }
  if (record.seq > acked + 1) house.audit.append(trx, house.clock(), { event: 'controller.recordGap', controller: line.named, details })
  else if (record.seq <= acked || record.prev !== head) house.audit.append(trx, house.clock(), { event: 'controller.recordFork', controller: line.named, details })
}
