import type { House } from '../house.ts'
import { wipeChallenge } from '../notify/wipe.ts'
import type { Trx } from '../platform/db.ts'

const MOST_AT_ONCE = 500
/** How long an administrator can see in the code log that a code was asked for. */
const KEPT_MS = 30 * 86_400_000

/** Ends challenges whose newest code has expired, and what they kept. Writes only when there is one. */
export async function expireChallenges (house: House): Promise<void> {
  for (;;) {
    const due = await house.db.read.selectFrom('challenges').select('id').where('status', '=', 'pending').where('expires_at', '<=', house.clock()).limit(1).executeTakeFirst()
    if (due === undefined) return
    await house.db.write(async (trx) => {
      const now = house.clock()
      const rows = await trx.prepare(`UPDATE challenges SET status = 'expired', code_hash = NULL, superseded = '', form_sealed = NULL
        WHERE id IN (SELECT id FROM challenges WHERE status = 'pending' AND expires_at <= ? ORDER BY expires_at LIMIT ?) RETURNING id`).all(now, MOST_AT_ONCE)
      for (const row of rows) await wipeChallenge(trx, String(row['id']), now)
    })
  }
}

/** Ends what a person has under way: codes that went to an address that is theirs no longer, or that may not come in any more. */
export async function endChallengesOf (trx: Trx, house: House, personId: string): Promise<void> {
  const rows = await trx.prepare("UPDATE challenges SET status = 'expired', code_hash = NULL, superseded = '', form_sealed = NULL WHERE person_id = ? AND status = 'pending' RETURNING id").all(personId)
  for (const row of rows) await wipeChallenge(trx, String(row['id']), house.clock())
}

/** Forgets what is long over: after 30 days, and after one day what nobody here had asked for. */
export async function forgetChallenges (house: House): Promise<void> {
  await house.db.write(async (trx) => {
    const now = house.clock()
    await trx.prepare(`DELETE FROM challenges WHERE id IN (SELECT id FROM challenges WHERE created_at < ? AND status <> 'pending' AND (person_id IS NULL OR created_at < ?) ORDER BY created_at LIMIT ?)`)
      .run(now - 86_400_000, now - KEPT_MS, MOST_AT_ONCE)
  })
}
