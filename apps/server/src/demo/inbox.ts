import type { DemoMessage } from '@oncekey/protocol/schemas'
import type { House } from '../house.ts'
import { maskAddress } from '../notify/mask.ts'
import { openSecret } from '../notify/sealed.ts'
import { STAYS_HERE } from '../notify/send.ts'
import type { Trx } from '../platform/db.ts'

/** Whether a look is going to change anything. All others only read, beside whoever writes. */
export async function hasNews (house: House, verificationId: string): Promise<boolean> {
  return await house.db.ask('SELECT 1 AS one FROM outbox WHERE verification_id = ? AND channel = ? AND sealed IS NOT NULL AND delivered_at IS NULL').get(verificationId, STAYS_HERE) !== undefined
}

/**
 * The inbox beside the form: not a copy, but the outbox's own row, which nobody carries out. The first look takes the message
 * from the outbox, as a gateway would ("sent"); the second one hands it over, which is its receipt ("delivered"). Its text stays
 * sealed where it is, so whatever ends the code (typed in, replaced, too many tries, time) wipes it in the same transaction.
 * @param verificationId of somebody who was found to be its visitor @returns null: nothing is there yet, or its code has ended
 */
export async function fetchMessage (trx: Trx, house: House, verificationId: string): Promise<DemoMessage | null> {
  const now = house.clock()
  const row = await trx.prepare('SELECT id, state, subject, sealed, recipient, delivered_at FROM outbox WHERE verification_id = ? AND channel = ? ORDER BY created_at DESC, id DESC LIMIT 1').get(verificationId, STAYS_HERE)
  if (row === undefined || row['sealed'] === null) return null
  const id = String(row['id'])
  const tell = (event: 'verification.sent' | 'verification.delivered'): void => {
    house.audit.append(trx, now, { event, subject: { id: null, name: maskAddress(String(row['recipient'])) }, details: { verificationId, channel: 'inbox', isTest: true } })
  }
  if (row['state'] === 'waiting') {
    const { changes } = await trx.prepare("UPDATE outbox SET state = 'sent', attempts = 1, ended_at = ? WHERE id = ? AND state = 'waiting'").run(now, id)
    if (changes > 0) tell('verification.sent')
    return null
  }
  if (row['delivered_at'] === null) {
    const { changes } = await trx.prepare('UPDATE outbox SET delivered_at = ? WHERE id = ? AND delivered_at IS NULL').run(now, id)
    if (changes > 0) tell('verification.delivered')
  }
  const { text, expiresAt } = openSecret(house.seal, 'outbox', id, String(row['sealed']))
  return expiresAt !== null && expiresAt <= now ? null : { subject: String(row['subject']), text }
}
