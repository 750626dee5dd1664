import type { Verification } from '@oncekey/protocol/schemas'
import { countOutcome } from '../guard/figures.ts'
import { guardReturned } from '../guard/returned.ts'
import type { House } from '../house.ts'
import { maskAddress } from '../notify/mask.ts'
import { wipeVerification } from '../notify/wipe.ts'
import type { Row, Trx } from '../platform/db.ts'
import { tellWebhooks } from '../webhooks/tell.ts'
import { describeVerification } from './find.ts'
import type { Asker } from './start.ts'

const MOST_AT_ONCE = 500
/** How long the history is kept. */
const KEPT_MS = 30 * 86_400_000

/** Ends a verification that waits; harmless when it has ended. @throws Problem notFound */
export async function cancelVerification (trx: Trx, house: House, id: string, asker: Asker): Promise<Verification> {
  const now = house.clock()
  const [row] = await trx.prepare("UPDATE verifications SET status = 'cancelled', ended_at = ?, code_hash = NULL, superseded = '' WHERE id = ? AND site_id = ? AND visitor = ? AND status = 'pending' AND expires_at > ? RETURNING recipient, channel, country, is_test")
    .all(now, id, asker.siteId, asker.visitor ?? '', now)
  if (row !== undefined) {
    await wipeVerification(trx, id, now)
    countEnd(trx, now, row, 'cancelled')
    tellWebhooks(trx, house, { event: 'verification.cancelled', verificationId: id })
    house.audit.append(trx, now, { event: 'verification.cancelled', actor: { id: asker.id, name: asker.name }, subject: { id: null, name: maskAddress(String(row['recipient'])) }, details: { verificationId: id } })
  }
  return describeVerification(trx, house, id, asker)
}

/** Ends verifications whose newest code has expired. Writes only when there is one. */
export async function expireVerifications (house: House): Promise<void> {
  for (;;) {
    const due = await house.db.read.selectFrom('verifications').select('id').where('status', '=', 'pending').where('expires_at', '<=', house.clock()).limit(1).executeTakeFirst()
    if (due === undefined) return
    await house.db.write(async (trx) => {
      const now = house.clock()
      const rows = await trx.prepare(`UPDATE verifications SET status = 'expired', ended_at = expires_at, code_hash = NULL, superseded = ''
        WHERE id IN (SELECT id FROM verifications WHERE status = 'pending' AND expires_at <= ? ORDER BY expires_at LIMIT ?) RETURNING id, recipient, channel, country, is_test`).all(now, MOST_AT_ONCE)
      for (const row of rows) {
        const id = String(row['id'])
        if (Number(row['is_test']) === 0) await guardReturned(trx, house, id)
        await wipeVerification(trx, id, now)
        countEnd(trx, now, row, 'expired')
        tellWebhooks(trx, house, { event: 'verification.expired', verificationId: id })
        house.audit.append(trx, now, { event: 'verification.expired', subject: { id: null, name: maskAddress(String(row['recipient'])) }, details: { verificationId: id } })
      }
    })
  }
}

function countEnd (trx: Trx, now: number, row: Row, as: 'cancelled' | 'expired'): void {
  if (Number(row['is_test']) === 0) countOutcome(trx, now, { channel: String(row['channel']), country: row['country'] === null ? null : String(row['country']) }, as)
}

/** Forgets what is long over: verifications and where their messages went after 30 days, a recipient's sends after one. */
export async function forgetVerifications (house: House): Promise<void> {
  // As many as there are: anybody may make some up, by asking for codes.
  while (await forgetSome(house) === MOST_AT_ONCE) { /* the next ones */ }
  while (await forgetRecipients(house) === MOST_AT_ONCE) { /* the next ones */ }
}

async function forgetSome (house: House): Promise<number> {
  return house.db.write(async (trx) => {
    const gone = await trx.prepare("DELETE FROM verifications WHERE id IN (SELECT id FROM verifications WHERE created_at < ? AND status <> 'pending' ORDER BY created_at LIMIT ?) RETURNING id").all(house.clock() - KEPT_MS, MOST_AT_ONCE)
    const messages = trx.prepare('DELETE FROM outbox WHERE verification_id = ?')
    for (const row of gone) await messages.run(String(row['id']))
    return gone.length
  })
}

async function forgetRecipients (house: House): Promise<number> {
  return house.db.write(async (trx) => (await trx.prepare('DELETE FROM verification_recipients WHERE recipient_key IN (SELECT recipient_key FROM verification_recipients WHERE forget_at <= ? ORDER BY forget_at LIMIT ?)').run(house.clock(), MOST_AT_ONCE)).changes)
}
