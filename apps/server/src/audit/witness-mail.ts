import type { House } from '../house.ts'
import type { Trx } from '../platform/db.ts'
import type { Named } from './append.ts'
import { sendMail } from '../notify/send.ts'
import { checkpointLine, type Checkpoint } from './format.ts'

const KEY = 'audit.witnessMail'
const AT_MOST_EVERY_MS = 3_600_000

/** `seq`: the row of the last checkpoint that was mailed; 0 before the first one. */
export type MailWitness = { address: string, seq: number, sentAt: number | null }

export async function mailWitness (house: House): Promise<MailWitness | null> {
  const row = await house.db.read.selectFrom('settings').select('value').where('key', '=', KEY).executeTakeFirst()
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
    await sendMail(trx, house, {
      address: old.address, subject: 'You no longer get checkpoints',
      text: `${actor.name} changed who gets the checkpoints of the record at ${house.link('/audit')}. This address gets no more of them. Keep the ones that you have: they still show whether the record was changed.`,
      dedupeKey: `witness-ended:${house.newId()}`
    })
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
    await sendMail(trx, house, { address: witness.address, subject: `Checkpoint: row ${newest.seq} of the record`, text: textOf(house, newest), dedupeKey: `witness:${witness.address}:${newest.seq}:${newest.signature}` })
  })
}

function textOf (house: House, one: Checkpoint): string {
  return `On ${new Date(one.time).toISOString().slice(0, 16).replace('T', ' at ')} (UTC) the record at ${house.link('/audit')} had ${one.seq} rows.

Keep this mail. If somebody takes the record back to an earlier moment or writes it anew, the line below shows it: save this mail as a text file and run

  oncekey audit verify --checkpoint FILE

${checkpointLine(one)}

The key that signed it: ${house.signer.publicKey}`
}

async function save (trx: Trx, witness: MailWitness): Promise<void> {
  await trx.sql.insertInto('settings').values({ key: KEY, value: JSON.stringify(witness) }).onConflict((one) => one.column('key').doUpdateSet({ value: JSON.stringify(witness) })).execute()
}
