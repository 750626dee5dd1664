import type { House } from '../house.ts'
import type { ChainMacs } from './append.ts'
import { EVERY_MS, EVERY_ROWS } from './cadence.ts'
import { GENESIS, checkpointText, isSigned, nextDigest, readPublicKey, type Checkpoint } from './format.ts'
import { houseMark } from './house-mark.ts'
import { BATCH, recordSource, type StoredLink } from './source.ts'

/** The record does not hold any more; no checkpoint may vouch for it. */
export class BrokenRecord extends Error {}

/**
 * Signs what is new in the record: a checkpoint at every hundredth row after the last one, and one at the end when that is
 * ten minutes old. Rows are checked against the chain's own key first, so whoever trusts a checkpoint's
 * public key need not know that key. Nothing new, nothing signed.
 * @returns the checkpoints that were made
 * @throws BrokenRecord when a row that would be signed, or the checkpoint before it, is not as it was written
 */
export async function makeCheckpoints (house: House): Promise<Checkpoint[]> {
  const source = recordSource(house.db.read)
  const now = house.clock()
  const last = await lastCheckpoint(house)
  const head = await source.head()
  const made: Checkpoint[] = []
  const from = last?.seq ?? 0
  if (head !== null && head.seq < from) throw new BrokenRecord(`The record was taken back: row ${from} was signed, and the last row is ${head.seq}.`)
  const isOld = last === null || now - last.time >= EVERY_MS || now < last.time
  if (head === null || head.seq === from || (head.seq - from < EVERY_ROWS && !isOld)) return made

  const mark = await houseMark(house)
  let { mac, digest } = last ?? { mac: GENESIS, digest: GENESIS }
  let seq = from
  const sign = (): void => { made.push(house.signer.signCheckpoint({ ...mark, seq, time: now, mac, digest })) }
  const rows = await source.links(from)
  for (const row of rows) {
    checkRow(house.audit.macs, row, seq + 1, mac)
    digest = nextDigest(digest, { seq: row.seq, time: row.time, event: row.event, payloadHash: row.payload_hash, mac: row.mac })
    mac = row.mac
    seq = row.seq
    if ((seq - from) % EVERY_ROWS === 0) sign()
  }
  if (rows.length === 0) throw new BrokenRecord(`The rows after ${from} are missing.`)
  if (isOld && rows.length < BATCH && made.at(-1)?.seq !== seq) sign()
  if (made.length === 0) return made
  await house.db.write(async (trx) => {
    // Another process may have signed the same row.
    await trx.sql.insertInto('audit_checkpoints').values(made).onConflict((one) => one.column('seq').doNothing()).execute()
  })
  return made
}

/** @throws BrokenRecord when the newest checkpoint was edited */
async function lastCheckpoint (house: House): Promise<Checkpoint | null> {
  const last = await house.db.read.selectFrom('audit_checkpoints').selectAll().orderBy('seq', 'desc').limit(1).executeTakeFirst()
  if (last === undefined) return null
  const key = readPublicKey(house.signer.publicKey)
  if (key === null || !isSigned(key, checkpointText(last), last.signature)) throw new BrokenRecord(`The checkpoint of row ${last.seq} was edited.`)
  return last
}

/** @throws BrokenRecord when this is not the row that was written as the one with number `seq` */
export function checkRow (macs: ChainMacs, row: StoredLink, seq: number, previous: string): void {
  if (row.seq !== seq) throw new BrokenRecord(`Row ${seq} is missing.`)
  if (macs.row(previous, { seq, time: row.time, event: row.event, payload_hash: row.payload_hash }) !== row.mac) throw new BrokenRecord(`Row ${seq} is not as it was written.`)
}
