import type { House } from '../house.ts'
import { wipeChallenge } from '../notify/wipe.ts'

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

/** Forgets what is long over: after 30 days, and after one day what nobody here had asked for. */
export async function forgetChallenges (house: House): Promise<void> {
  // As many as there are: whoever makes them up by the thousand is not to be faster.
  while (await forgetSome(house) === MOST_AT_ONCE) { /* the next ones */ }
}

async function forgetSome (house: House): Promise<number> {
  return house.db.write(async (trx) => {
    const now = house.clock()
    const gone = await trx.prepare(`DELETE FROM challenges WHERE id IN (SELECT id FROM challenges WHERE created_at < ? AND status <> 'pending' AND (person_id IS NULL OR created_at < ?) ORDER BY created_at LIMIT ?) RETURNING id`)
      .all(now - 86_400_000, now - KEPT_MS, MOST_AT_ONCE)
    const letters = trx.prepare('DELETE FROM outbox WHERE challenge_id = ?')
    for (const row of gone) await letters.run(String(row['id']))
    return gone.length
  })
}
