import { guardFallback } from '../guard/guard.ts'
import type { House } from '../house.ts'
import { bellOf } from '../notify/bell.ts'
import { maskAddress } from '../notify/mask.ts'
import { NEVER } from '../notify/send.ts'
import type { Trx } from '../platform/db.ts'

const MOST_AT_ONCE = 100

/**
 * Gives the code of a message to the next channel in order, because no receipt came in time or it can not be delivered. Once
 * for each message, however often and in how many processes it is noticed; never when the verification has ended, whose
 * messages are wiped. The earlier message is not tried again, but what is on its way may still arrive: its code is the same.
 */
export async function fallBack (trx: Trx, house: House, messageId: string, why: 'late' | 'failed'): Promise<void> {
  const now = house.clock()
  // Whoever clears it goes on.
  const [from] = await trx.prepare('UPDATE outbox SET fall_back_at = NULL WHERE id = ? AND fall_back_at IS NOT NULL RETURNING verification_id, channel, recipient, position, created_at').all(messageId)
  if (from === undefined) return
  const verificationId = String(from['verification_id'])
  const standing = await trx.prepare(`SELECT o.id, o.channel, v.country FROM outbox o JOIN verifications v ON v.id = o.verification_id
    WHERE o.verification_id = ? AND o.created_at = ? AND o.position > ? AND o.state = 'waiting' AND o.next_at >= ? AND o.sealed IS NOT NULL AND v.status = 'pending' AND v.expires_at > ? ORDER BY o.position`)
    .all(verificationId, from['created_at'] ?? 0, from['position'] ?? 0, NEVER, now)
  for (const [i, next] of standing.entries()) {
    const channel = String(next['channel'])
    // Whose cap of the day is reached is passed over.
    if (!await guardFallback(trx, house, { channel, e164: String(from['recipient']), country: next['country'] === null ? null : String(next['country']) })) continue
    await trx.prepare('UPDATE outbox SET next_at = ?, fall_back_at = ? WHERE id = ?').run(now, i + 1 < standing.length ? now + house.config.fallbackMs : null, next['id'] ?? '')
    await trx.prepare("UPDATE outbox SET state = 'failed', sealed = NULL, ended_at = ?, error = 'LATE' WHERE id = ? AND state = 'waiting'").run(now, messageId)
    await trx.prepare('UPDATE verifications SET channel = ? WHERE id = ?').run(channel, verificationId)
    house.audit.append(trx, now, { event: 'verification.fellBack', subject: { id: null, name: maskAddress(String(from['recipient'])) }, details: { verificationId, from: from['channel'] ?? '', channel, why } })
    trx.after(() => { bellOf(house).ring() })
    return
  }
}

/** Messages whose receipt has not come in time. Writes only when there is one. */
export async function fallBackLate (house: House): Promise<void> {
  for (;;) {
    const late = await house.db.read.selectFrom('outbox').select('id').where('fall_back_at', '<=', house.clock()).limit(MOST_AT_ONCE).execute()
    if (late.length === 0) return
    await house.db.write(async (trx) => { for (const { id } of late) await fallBack(trx, house, id, 'late') })
  }
}
