import type { House } from '../house.ts'
import { repeat, type Loop } from '../platform/repeat.ts'

/** A stranger's number is nothing to keep. Long enough for an operator to look what went on. */
const KEPT_MS = 86_400_000
const MOST_AT_ONCE = 500

export function startDemoWork (house: House): Loop {
  return repeat(600_000, () => forgetDemos(house), house.log)
}

/** Forgets what was begun at the demo page, and its messages, after a day: a month before what programs asked for. */
export async function forgetDemos (house: House): Promise<void> {
  for (;;) {
    const before = house.clock() - KEPT_MS
    const due = await house.db.read.selectFrom('verifications').select('id').where('visitor', '<>', '').where('is_test', '=', 1).where('created_at', '<', before).where('status', '<>', 'pending').limit(1).executeTakeFirst()
    if (due === undefined) return
    await house.db.write(async (trx) => {
      const gone = await trx.prepare("DELETE FROM verifications WHERE id IN (SELECT id FROM verifications WHERE visitor <> '' AND created_at < ? AND status <> 'pending' AND is_test = 1 ORDER BY created_at LIMIT ?) RETURNING id").all(before, MOST_AT_ONCE)
      const messages = trx.prepare('DELETE FROM outbox WHERE verification_id = ?')
      for (const row of gone) await messages.run(String(row['id']))
    })
  }
}
