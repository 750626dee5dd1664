import type { Ledger, Trx } from '../platform/db.ts'
import { inTurns, marks, perCount } from '../platform/many.ts'

type Seen = { personId: string, at: number }

const update = perCount((people) => `UPDATE people SET last_seen_at = ? WHERE id IN (${marks(people)}) AND removed_at IS NULL`)

/** Whoever comes in a group is written at once, all with the time of the last of them. */
const seen: Ledger<Seen> = {
  rank: 1,
  async write (trx, items) {
    const people = [...new Set(items.map((one) => one.personId))].sort()
    const at = Math.max(...items.map((one) => one.at))
    await inTurns([32, 1], people, (some) => trx.prepare(update(some.length)).run(at, ...some))
  }
}

/** Somebody is here: their last use, as the list of people shows it. */
export function noteSeen (trx: Trx, personId: string, at: number): void {
  trx.note(seen, { personId, at })
}
