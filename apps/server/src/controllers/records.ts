import { parseEventHead, parseEventRecord, recordHash, type EventHead, type Events } from '@oncekey/protocol/messages'
import { atReader } from '../access/reader.ts'
import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import { noteForgery } from './alarms.ts'
import { recordFact } from './facts.ts'
import { linesOf, sayTo, type Line } from './links.ts'

/**
 * Takes a controller's own records in, each exactly once by (controller, boot, number), and acknowledges them after the
 * commit. What does not continue the chain is stored all the same, with an alarm: losing it would hide what happened,
 * and refusing it would keep everything after it on the controller.
 */
export async function takeRecords (house: House, line: Line, { records }: Events): Promise<void> {
  // Not acknowledged, so they come again: nothing is lost, only later.
  if (!linesOf(house).batches.take(line.id)) return
  const parsed = records.map((text) => ({ text, head: parseEventHead(text), record: parseEventRecord(text) }))
  if (parsed.some((one) => one.head === null)) {
    noteForgery(house, line.id, 'malformed')
    return
  }
  const seq = await house.db.write(async (trx) => {
    const row = await trx.prepare('SELECT acked_seq, record_head, simulated FROM controllers WHERE id = ?').get(line.id)
    let acked = Number(row?.['acked_seq'] ?? 0)
    let newest = String(row?.['record_head'] ?? '')
    for (const { text, head, record } of parsed) {
      if (head === null) continue
      const hash = recordHash(text)
      if (await isKnown(trx, house, line, head, hash)) continue
      // A simulated door that is opened in another browser has another memory, empty or older: no alarm for that.
      if (row?.['simulated'] !== 1) checkChain(trx, house, line, head, acked, newest)
      await trx.prepare('INSERT INTO controller_records (controller_id, seq, boot_id, time, type, record, hash, received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
        .run(line.id, head.seq, head.bootId, head.time, head.type, text, hash, house.clock())
      // What a newer controller tells is kept and acknowledged: refusing it would hold back everything after it.
      if (record !== null) await recordFact(trx, house, line, record)
      acked = head.seq
      newest = hash
    }
    await trx.prepare('UPDATE controllers SET acked_seq = ?, record_head = ? WHERE id = ?').run(acked, newest, line.id)
    return acked
  }, { beside: [atReader(line.id)] })
  sayTo(house, line.id, 'ack', { seq })
}

/** True for a record that was sent again; the same number with another text is an alarm and changes nothing. */
async function isKnown (trx: Trx, house: House, line: Line, record: EventHead, hash: string): Promise<boolean> {
  const known = await trx.prepare('SELECT hash FROM controller_records WHERE controller_id = ? AND boot_id = ? AND seq = ?').get(line.id, record.bootId, record.seq)
  if (known === undefined) return false
  if (known['hash'] !== hash) {
    house.audit.append(trx, house.clock(), { event: 'controller.recordFork', controller: line.named, details: { at: record.seq } })
  }
  return true
}

function checkChain (trx: Trx, house: House, line: Line, record: EventHead, acked: number, head: string): void {
  const details = { expected: acked + 1, got: record.seq }
  if (record.seq > acked + 1) house.audit.append(trx, house.clock(), { event: 'controller.recordGap', controller: line.named, details })
  else if (record.seq <= acked || record.prev !== head) house.audit.append(trx, house.clock(), { event: 'controller.recordFork', controller: line.named, details })
}
