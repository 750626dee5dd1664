import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import type { Named } from './append.ts'
import { writeToAddress } from '../notify/write.ts'
import { checkpointLine, type Checkpoint } from './format.ts'

const KEY = 'audit.witnessMail'
const AT_MOST_EVERY_MS = 3_600_000

/** `seq`: the row of the last checkpoint that was mailed; 0 before the first one. */
export type MailWitness = { address: string, seq: number, sentAt: number | null }

export function mailWitness (house: House): Promise<MailWitness | null> {
  return mailWitnessIn(house.db.read)
}

/** The same as the rest of a write sees it. */
export async function mailWitnessIn (sql: Trx['sql']): Promise<MailWitness | null> {
  const row = await sql.selectFrom('settings').select('value').where('key', '=', KEY).executeTakeFirst()
  // Written by this file only.
  return row === undefined ? null : JSON.parse(row.value) as MailWitness
}

/** Sets who gets checkpoints by mail; null ends it. Whoever got them is told, so that a witness is not removed in silence. */
export async function changeMailWitness (trx: Trx, house: House, address: string | null, actor: Named): Promise<void> {
  const before = await trx.sql.selectFrom('settings').select('value').where('key', '=', KEY).executeTakeFirst()
  const old = before === undefined ? null : JSON.parse(before.value) as MailWitness
  if ((old?.address ?? null) === address) return
  if (address === null) await trx.sql.deleteFrom('settings').where('key', '=', KEY).execute()
  else await save(trx, { address, seq: 0, sentAt: null })
  if (old !== null) {
    await writeToAddress(trx, house, { address: old.address, dedupeKey: `witness-ended:${house.newId()}`, letter: (letters) => letters.witnessEnded(actor.name, house.link('/audit')) })
  }
  house.audit.append(trx, house.clock(), { event: 'audit.witnessChanged', actor: { id: actor.id, name: actor.name }, details: { mail: address, before: old?.address ?? null } })
}

/** Mails the newest checkpoint, at most one an hour: it stands for all rows and checkpoints before it. */
export async function mailCheckpoint (house: House): Promise<void> {
  if (house.config.smtpUrl === null) return
  const witness = await mailWitness(house)
  const now = house.clock()
  if (witness === null || (witness.sentAt !== null && now >= witness.sentAt && now - witness.sentAt < AT_MOST_EVERY_MS)) return
  const newest = await house.db.read.selectFrom('audit_checkpoints').selectAll().orderBy('seq', 'desc').limit(1).executeTakeFirst()
  if (newest === undefined || newest.seq === witness.seq) return
  await house.db.write(async (trx) => {
    const kept = await trx.sql.selectFrom('settings').select('value').where('key', '=', KEY).executeTakeFirst()
    // Somebody may have changed it meanwhile, or another process may have sent this one.
    if (kept?.value !== JSON.stringify(witness)) return
    await save(trx, { ...witness, seq: newest.seq, sentAt: now })
    await writeToAddress(trx, house, { address: witness.address, dedupeKey: `witness:${witness.address}:${newest.seq}:${newest.signature}`, letter: (letters) => letters.checkpoint(told(house, newest)) })
  })
}

function told (house: House, one: Checkpoint): { seq: number, at: string, link: string, line: string, key: string } {
  return { seq: one.seq, at: new Date(one.time).toISOString().slice(0, 16), link: house.link('/audit'), line: checkpointLine(one), key: house.signer.publicKey }
}

async function save (trx: Trx, witness: MailWitness): Promise<void> {
  await trx.sql.insertInto('settings').values({ key: KEY, value: JSON.stringify(witness) }).onConflict((one) => one.column('key').doUpdateSet({ value: JSON.stringify(witness) })).execute()
}
